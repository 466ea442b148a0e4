"""The journey of docs/verification.md from a receipt to its verification is run as it is written there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.test_readme import blocks as readme_blocks
from tests.e2e.test_verify_a_balance import notarise
from tests.e2e.test_wallet_api import new_email

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "verification.md").read_text().partition("## A receipt")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [block for language, block in BLOCKS if language == "sh"]
SHOWN = [block for language, block in BLOCKS if not language]
_TIME, _ID, _HASH = r"\d{4}-\d\d-\d\dT[\d:.]+Z", r"\b[0-9A-Za-z]{22}\b", r"[A-Za-z0-9+/]{43}="
VALUES = re.compile(rf"{_TIME}|{_HASH}|arn:aws:kms:\S+|{_ID}|\b[0-9a-f]{{64}}\b|\d+")


@pytest.fixture
def shell(deployed, tmp_path):
    """Runs commands one block after the other in one folder, as somebody does who has deployed the project."""
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "api-url").write_text(deployed.api_url)
    for name in ("verifier", "ledger", ".venv"):
        (tmp_path / name).symlink_to(ROOT / name)
    email = new_email()

    def run(commands):
        script = readme_blocks("sh")[0] + commands.replace("ana@example.com", email)
        done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout.replace(email, "ana@example.com"), done.stderr

    return run


def lines(text):
    """The lines without what is another in each run."""
    return [VALUES.sub("*", line) for line in text.splitlines()]


def test_the_journey_from_a_receipt_to_its_verification_is_as_the_page_shows_it(deployed, shell, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("the page's own lines need curl, which this machine does not have")
    ask, get, check, offline, change = COMMANDS
    answered, proven, verified, failed = SHOWN
    assert lines(shell(ask)[0]) == lines(answered)
    notarise(deployed)
    assert shell(get)[1] == ""
    assert json.loads((tmp_path / "proof.json").read_text())["proof"]
    assert lines(shell(check)[0]) == lines(proven)
    assert lines(shell(offline)[0])[-2:] == lines(verified)[-2:]
    assert lines(shell(change)[0]) == lines(failed)
