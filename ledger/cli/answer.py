"""What a ledger shows with a proof, as JSON: Ion values as text, so that whoever gets it can hash them himself."""

import json
from pathlib import Path

from ledger import ion
from ledger.cli.digest_file import DigestFile
from ledger.cli.errors import UsageError
from ledger.record import encode_bytes


def to_json(kind: str, shown: ion.Value, proof: ion.Value | None, kept: DigestFile | None) -> str:
    """Return the answer, as `verifier/verify.py` reads it.

    Args:
        kind: `revision` or `block`.
        kept: the digest that the proof is to lead to.
    """
    answer = {kind: ion.text(shown)}
    if proof is not None and kept is not None:
        answer |= {
            "proof": ion.text(proof),
            "digest": encode_bytes(kept.digest),
            "digestTipAddress": kept.tip_address,
        }
    return json.dumps(answer, indent=2, ensure_ascii=False)


def save(path: Path, answer: str) -> None:
    """Write an answer to a file.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.write_text(answer + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
