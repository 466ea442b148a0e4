"""The verifier in JavaScript, as auditors run it: its hash on all values, its output beside that of `verify.py`.

Its verdicts on forgeries are held to those of the others wherever `is_proven` is asked.
"""

import hashlib
import json
import re
import subprocess
import sys

import pytest
from hypothesis import assume, given

from ledger import ion
from ledger.journal import hashing
from local import node
from tests.ledger.test_ion import VALUES, trees
from tests.verifier import javascript, verdicts
from tests.verifier.javascript import JavaScript, NotProven
from tests.verifier.test_command import files  # noqa: F401 - fixture


@pytest.fixture(scope="module")
def script():
    asked = JavaScript()
    yield asked
    asked.close()


@pytest.fixture
def run():
    def command(*arguments):
        done = subprocess.run([*arguments], check=False, capture_output=True, text=True)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    return lambda *paths: (
        command(sys.executable, "-I", verdicts.PATH, *paths),
        command(node.find().program, javascript.PATH, *paths),
    )


def test_it_imports_nothing_but_the_reading_of_files():
    text = javascript.PATH.read_text()
    assert re.findall(r"\bimport\b[^;]*;", text.partition("*/")[2]) == ['import("node:fs/promises");']
    assert not re.search(r"\brequire\(|\beval\b|\bfetch\b|XMLHttpRequest", text)


@pytest.mark.parametrize("value", VALUES, ids=ion.text)
def test_hash_of_every_kind_of_value_is_that_of_the_ledger(script, value):
    assert script.hash(ion.text(value)) == ion.digest(value)


@given(tree=trees)
def test_hash_of_any_tree_is_that_of_the_ledger(script, tree):
    assume(not re.search(r"\$\d", repr(tree)))  # Ion text of the library cannot tell such a name from a symbol's number
    value = ion.loads(ion.dumps(tree))
    assert script.hash(ion.text(value)) == ion.digest(value)


def test_merkle_root_is_that_of_the_ledger(script):
    leaves = [hashlib.sha256(bytes((number,))).digest() for number in range(40)]
    for count in range(40):
        assert script.merkle(leaves[:count]) == hashing.merkle_root(leaves[:count])


@pytest.mark.parametrize(
    "text",
    """
    2019-02-29T 2019-13T 0000T 2019-12-11T24:00Z 2019-12-11T07:60Z 2019-12-11T07:20:60Z 2019-12-11T07:20
    2019-12-11T07:20+24:00 2019-12-11T07:20+05:60 0001-01-01T00:00+00:01 2019-12-11T07:20:51.Z
    {{AAA}} {{AA=}} {{AB==}} {{A}} {{"é"}} "\\ud83d" "\\q" 'a "a {a} {a:1,} [1,] [1 2] {a:1 b:2} {:1} {null:1} null.x
    01 1_0 --1 0x1F +1 $1 a:: 1::a '''a''' 1/**/ {a:1}} [ ( // /* , : :: } nul\u0000l
    """.split(),
)
def test_text_that_is_not_as_ion_is_written_is_refused(script, text):
    with pytest.raises(NotProven):
        script.hash(text)


@pytest.mark.parametrize("text", ["", " ", "1 2", '"a\nb"', "[" * 20_000])
def test_text_that_is_no_single_value_is_refused(script, text):
    with pytest.raises(NotProven):
        script.hash(text)


def test_answer_is_proven_with_the_lines_of_the_python_verifier(run, files):  # noqa: F811 - fixture
    python, script = run(files / "answer.json", files / "kept.json")
    assert script == python
    assert script[1][-1] == "ok"
    python, script = run(files / "answer.json")
    assert script == python
    assert script[1][-2].startswith("note: the digest came with the answer")


@pytest.mark.parametrize("name", ["answer", "kept"])
def test_a_changed_character_of_the_digest_names_the_step_and_both_hashes(run, files, name):  # noqa: F811 - fixture
    kept = json.loads((files / f"{name}.json").read_text())
    changed = ("B" if kept["digest"][0] == "A" else "A") + kept["digest"][1:]
    (files / f"{name}.json").write_text(json.dumps({**kept, "digest": changed}))
    python, script = run(files / "answer.json", *([files / "kept.json"] if name == "kept" else []))
    assert script == python
    step = "the digest = that hash, folded with each hash of the proof"
    assert script == (1, [*script[1][:-1], f"NOT PROVEN: {step}: given is {changed}, computed is {kept['digest']}"])


def test_another_last_character_that_spells_the_same_bytes_is_not_the_digest(run, files):  # noqa: F811 - fixture
    kept = json.loads((files / "kept.json").read_text())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(kept["digest"][-2]) ^ 1]
    (files / "kept.json").write_text(json.dumps({**kept, "digest": kept["digest"][:-2] + last + "="}))
    assert [code for code, _ in run(files / "answer.json", files / "kept.json")] == [1, 1]


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"{}", b'{"revision":"{}"}', b'{"revision":null,"proof":[]}', b"\x00\xff"]
)
def test_a_file_that_is_no_answer_proves_nothing(run, files, content):  # noqa: F811 - fixture
    path = files / "other.json"
    if content is not None:
        path.write_bytes(content)
    for code, lines in run(path):
        assert code == 1
        assert lines[-1].startswith("NOT PROVEN: ")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("a", "b", "c")])
def test_wrong_usage_explains(run, arguments):
    _, (code, lines) = run(*arguments)
    assert code == 2
    assert "verify.js ANSWER" in lines[-1]
