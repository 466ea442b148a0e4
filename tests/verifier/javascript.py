"""The JavaScript verifier, `verifier/verify.js`, asked from Python: one Node process for all questions."""

import json
import subprocess
from pathlib import Path
from typing import Any

from local import node

PATH = Path(__file__).parents[2] / "verifier" / "verify.js"
_PROGRAM = Path(__file__).with_name("asked.mjs")


class NotProven(Exception):
    """What verify.js says is wrong."""


class JavaScript:
    """verify.js in a Node process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node.find().program, _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def hash(self, text: str) -> bytes:
        return bytes.fromhex(self._ask("hash", text=text))

    def merkle(self, hashes: list[bytes]) -> bytes:
        return bytes.fromhex(self._ask("merkle", hashes=[each.hex() for each in hashes]))

    def steps(self, given: str, digest: str) -> list[dict[str, str]]:
        """The steps that hold for an answer and a digest, both as their files' text. Raises NotProven."""
        return self._ask("steps", given=given, digest=digest)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def _ask(self, question: str, **members: Any) -> Any:
        self._process.stdin.write(json.dumps({"question": question, **members}) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        if "problem" in told:
            raise NotProven(told["problem"])
        return told["result"]
