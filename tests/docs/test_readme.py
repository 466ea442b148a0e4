"""What the README shows is what happens: its code runs, its calls give the answers printed there."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CALLS = re.findall(r"^\$ call (\w+) '(.*)'\n(\{.*\})$", README, re.MULTILINE)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def printed_after(text):
    """The block that follows the one that contains `text`."""
    shown = re.findall(r"^```(?:\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return shown[next(i for i, block in enumerate(shown) if text in block) + 1]


def test_calls_give_the_answers_that_the_readme_shows(deployed):
    assert [call for call, _, _ in CALLS] == [
        "createaccount",
        "addfunds",
        "withdrawfunds",
        "checkfunds",
        "withdrawfunds",
    ]
    email = f"ana-{uuid4().hex}@example.com"
    for call, body, answer in CALLS:
        sent, expected = (text.replace("ana@example.com", email) for text in (body, answer))
        assert deployed.call("POST", f"/{call}", sent.encode()).body.decode() == expected


def test_the_shell_function_of_the_readme_calls_the_api(deployed, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("the README's own line needs curl, which this machine does not have")
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "api-url").write_text(deployed.api_url)
    script = blocks("sh")[0] + 'call checkfunds \'{"email":"nobody@example.com"}\'\n'
    answer = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert '"statuscode":404' in answer


def test_the_python_example_prints_what_the_readme_says(tmp_path, monkeypatch, capsys):
    [example] = blocks("python")
    monkeypatch.chdir(tmp_path)
    namespace = {}
    exec(example, namespace)
    namespace["store"].close()
    assert capsys.readouterr().out == printed_after("QldbDriver")


def test_the_journey_of_the_readme_verifies_a_balance_and_names_the_step_that_fails(deployed, tmp_path):
    email = f"ana-{uuid4().hex}@example.com"
    for call, body, _ in CALLS[:3]:
        deployed.call("POST", f"/{call}", body.replace("ana@example.com", email).encode())
    kept, answer = tmp_path / "kept.json", tmp_path / "answer.json"
    kept.write_bytes(deployed.call("POST", "/digest", {}).body)
    tip = json.loads(kept.read_text())["digestTipAddress"]
    answer.write_bytes(deployed.call("POST", "/verify", {"email": email, "digestTipAddress": tip}).body)
    journey = printed_after("verifier/verify.py").splitlines()
    verified = verify(answer, kept)
    assert verified.returncode == 0, verified.stderr
    assert [line.split(":")[:2] for line in verified.stdout.splitlines()] == [line.split(":")[:2] for line in journey]

    digest = json.loads(kept.read_text())["digest"]
    kept.write_text(kept.read_text().replace(digest, ("B" if digest[0] == "A" else "A") + digest[1:]))
    refused = verify(answer, kept)
    assert refused.returncode == 1
    [failed] = re.findall(r"^(NOT PROVEN: .*: given is) ", README, re.MULTILINE)
    assert failed in refused.stdout + refused.stderr


def verify(*files):
    command = [ROOT / ".venv" / "bin" / "python", ROOT / "verifier" / "verify.py", *files]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_fsck_of_the_deployed_ledger_prints_what_the_readme_says(deployed):
    table = next(outputs["LedgerTableName"] for outputs in deployed.outputs.values() if "LedgerTableName" in outputs)
    checked = subprocess.run(
        [ROOT / ".venv" / "bin" / "python", "-m", "ledger", "fsck", "captable1", "--store", f"dynamodb://{table}"],
        cwd=ROOT,
        env=deployed.cloud.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, printed_after("-m ledger fsck")), checked.stderr


def test_every_target_and_file_that_the_docs_name_exists():
    makefile = (ROOT / "Makefile").read_text()
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text()
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name} names make {target}"
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
