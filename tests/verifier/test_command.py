"""The second verifier as auditors run it: one file, its output and its exit codes."""

import ast
import json
import subprocess
import sys

import pytest

from ledger import ion
from ledger.record import encode_bytes
from tests.verifier.verdicts import PATH


@pytest.fixture
def run():
    def command(*arguments):
        # -I: with nothing of this project on the path, as on an auditor's machine.
        done = subprocess.run([sys.executable, "-I", PATH, *arguments], check=False, capture_output=True, text=True)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    return command


@pytest.fixture
def files(journal, tmp_path):
    """An answer, the digest that was kept, and the journal in Ion text and binary."""
    shown = next(each for each in journal.shown() if "CurrentBalance" in dict(each.value).get("data", {}))
    kept = {"digest": encode_bytes(shown.digest), "digestTipAddress": journal.digest.tip_address}
    answer = {"revision": ion.text(shown.value), "proof": ion.text(shown.proof), **kept}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    (tmp_path / "answer.json").write_text(json.dumps(answer, indent=2))
    blocks = journal.blocks()
    (tmp_path / "first.ion").write_text("\n".join(ion.text(block) for block in blocks[:3]))
    (tmp_path / "rest.10n").write_bytes(b"".join(ion.dumps(block) for block in blocks[3:]))
    return tmp_path


def test_it_needs_the_standard_library_and_an_ion_reader_and_nothing_else():
    nodes = list(ast.walk(ast.parse(PATH.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    imported = {name.partition(".")[0] for name in names}
    assert imported - sys.stdlib_module_names == {"amazon"}


def test_answer_is_proven_and_what_is_proven_is_shown(run, files):
    code, lines = run(files / "answer.json", files / "kept.json")
    assert (code, lines[-1]) == (0, "ok")
    assert lines[-2].startswith("holds: this, and nothing else in the file: {hash:")
    assert "CurrentBalance:12.50" in lines[-2]
    assert "blockAddress" not in lines[-2], "it is under no hash of the revision"


def test_without_a_digest_that_was_kept_it_says_so(run, files):
    code, lines = run(files / "answer.json")
    assert (code, lines[-1]) == (0, "ok")
    assert lines[-2] == "note: the digest came with the answer; compare it with one that you kept"


def test_a_changed_character_names_the_step_and_both_hashes(run, files):
    answer = json.loads((files / "answer.json").read_text())
    digest = answer["digest"]
    changed = ("B" if digest[0] == "A" else "A") + digest[1:]
    (files / "answer.json").write_text(json.dumps({**answer, "digest": changed}))
    code, lines = run(files / "answer.json")
    assert code == 1
    step = "the digest = that hash, folded with each hash of the proof"
    assert lines[-1] == f"NOT PROVEN: {step}: given is {changed}, computed is {digest}"


def test_another_last_character_that_spells_the_same_bytes_is_not_the_digest(run, files):
    answer = json.loads((files / "answer.json").read_text())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(answer["digest"][-2]) ^ 1]
    (files / "answer.json").write_text(json.dumps({**answer, "digest": answer["digest"][:-2] + last + "="}))
    assert run(files / "answer.json")[0] == 1


def test_journal_in_several_files_is_that_of_the_digest(run, files):
    paths = files / "first.ion", files / "rest.10n"
    code, lines = run("--chain", files / "kept.json", *paths)
    assert (code, lines[-1]) == (0, "ok")
    assert run("--chain", "-", *paths)[0] == 0
    code, lines = run("--chain", files / "kept.json", paths[0])
    assert code == 1
    assert lines[-1].startswith("NOT PROVEN: ")


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"{}", b'{"revision":"{}"}', b"\x00\xff", b"\xe0\x01\x00\xea"]
)
def test_a_file_that_is_no_answer_proves_nothing(run, files, content):
    path = files / "other.json"
    if content is not None:
        path.write_bytes(content)
    code, lines = run(path)
    assert code == 1
    assert lines[-1].startswith("NOT PROVEN: ")


@pytest.mark.parametrize("arguments", [(), ("--chain",), ("--chain", "x"), ("--help",), ("a", "b", "c")])
def test_wrong_usage_explains(run, arguments):
    code, lines = run(*arguments)
    assert code == 2
    assert any("verify.py ANSWER" in line for line in lines)
