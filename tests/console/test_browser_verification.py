"""The page "Verification" in a browser: take a digest, save it, verify against the file; all of it computed there."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ledger.cli import digest_file
from ledger.record import encode_bytes


@pytest.fixture
def page(visitor):
    visitor.go("captable4", "verification")
    return visitor.page


@pytest.fixture(scope="module")
def place(console):
    """A document of the ledger on four strands, and the address of its newest revision."""
    body = {"run": "place", "statement": "SELECT id FROM wallettable AS w BY id WHERE w.email = 'bob@example.com'"}
    [row] = console.post("/api/ledgers/captable4/runs", body)["rows"]
    [document_id] = re.findall(r'id:"(\w+)"', row)
    address = console.post("/api/ledgers/captable4/revision", {"documentId": document_id})["blockAddress"]
    return document_id, address


@pytest.fixture(scope="module")
def kept(tmp_path_factory, console):
    """Files of digests by ledger, as `python -m ledger digest --save` writes them."""
    folder, files = tmp_path_factory.mktemp("digests"), {}
    for ledger in ("captable1", "captable4"):
        taken = console.post(f"/api/ledgers/{ledger}/digest", {})
        files[ledger] = folder / f"{ledger}.ion.txt"
        files[ledger].write_text(
            f'{{digest:"{taken["digest"]}",digestTipAddress:{taken["digestTipAddress"]},'
            f'ledger:"{ledger}",date:"{taken["date"]}"}}'
        )
    return files


def fill(page, document_id="", address="", file=None):
    page.get_by_label("Document id", exact=True).fill(document_id)
    page.get_by_label("Block address", exact=True).fill(address)
    if file is not None:
        page.get_by_label("Digest file", exact=True).set_input_files(file)
        expect(page.get_by_text(f"Using {file.name}.")).to_be_visible()


def verify(page):
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator(".verdict, .outcome [role=alert]")).to_be_visible()
    return page.locator(".outcome")


def failed_step(page, problem):
    """Verify what cannot be, and return the step that is named."""
    outcome = verify(page)
    expect(outcome.get_by_text("Not proven", exact=True)).to_be_visible()
    expect(outcome.locator(".verdict .problem")).to_contain_text(problem)
    [step] = outcome.locator(".steps li.bad p").all_inner_texts()
    assert step in outcome.locator(".verdict").inner_text()
    assert not outcome.get_by_text("Verified", exact=True).count()
    return step


def test_a_digest_is_taken_saved_in_the_format_of_qldb_and_verified_against(page, place, tmp_path):
    page.get_by_role("button", name="Get digest").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save captable4.ion.txt").click()
    assert saving.value.suggested_filename == "captable4.ion.txt"
    file = tmp_path / "captable4.ion.txt"
    saving.value.save_as(file)
    assert list(json.loads(file.read_text())) == ["digest", "digestTipAddress", "ledger", "date"]
    assert digest_file.read(file).ledger == "captable4"  # as `python -m ledger verify` reads it

    page.reload()
    fill(page, *place, file)
    outcome = verify(page)
    expect(outcome.get_by_text(f"of document {place[0]} is in ledger captable4")).to_be_visible()
    steps = outcome.locator(".steps li")
    assert {step.split("\n")[0] for step in steps.locator(".sign").all_inner_texts()} == {"holds"}
    names = steps.locator("p").all_inner_texts()
    assert names[0] == "read the digest file"
    assert "hash of the revision = dot(H(metadata), H(data))" in names
    assert names[-2:] == [
        "the digest = that hash, folded with each hash of the proof",
        "this, and nothing else, is proven",
    ]


def test_the_proof_can_be_followed_from_hash_to_hash_up_to_the_digest(page, place, kept):
    fill(page, *place, kept["captable4"])
    rungs = verify(page).locator(".ladder li")
    [proof] = re.findall(r"from hash to hash \((\d+)\)", page.locator(".outcome").inner_text())
    expect(rungs).to_have_count(int(proof) + 2)
    expect(rungs.first).to_contain_text("hash of the revision")
    expect(rungs.last).to_contain_text("which is the digest")
    digest = digest_file.read(kept["captable4"])
    name = rungs.last.get_by_role("button").get_attribute("aria-label")
    assert name == f"digest {encode_bytes(digest.digest)}, copy"


@pytest.mark.parametrize("what", ["the newest revision", "a block", "an older revision"])
def test_a_block_and_any_revision_are_verified(page, place, kept, console, what):
    document_id, address = place
    old = console.get(f"/api/ledgers/captable4/documents/{document_id}?before=2&limit=1")["revisions"][0]
    [strand], [number] = re.findall(r'strandId:"(\w+)"', old), re.findall(r"sequenceNo:(\d+)", old)
    asked = {
        "the newest revision": (document_id, ""),
        "a block": ("", address),
        "an older revision": (document_id, f'{{strandId:"{strand}",sequenceNo:{number}}}'),
    }[what]
    fill(page, *asked, kept["captable4"])
    expect(verify(page).get_by_text("Verified", exact=True)).to_be_visible()
    if what == "an older revision":
        expect(page.locator(".verdict")).to_contain_text("Version 1 of document")


def test_one_changed_character_of_the_digest_fails_at_the_digest_and_shows_where(page, place, kept):
    fill(page, *place, kept["captable4"])
    expect(verify(page).get_by_text("Verified", exact=True)).to_be_visible()
    page.get_by_role("button", name="Change one character").click()
    expect(page.get_by_text("changed by hand")).to_be_visible()
    step = failed_step(page, "given")
    assert step == "the digest = that hash, folded with each hash of the proof"
    given, computed = page.locator("dl.problem dd").all_inner_texts()
    assert [one == other for one, other in zip(given, computed, strict=True)].count(False) == 1
    assert page.locator("dl.problem dd").first.locator("mark").inner_text() == given[4]
    page.get_by_role("button", name="Undo").click()
    expect(verify(page).get_by_text("Verified", exact=True)).to_be_visible()


def test_every_character_of_the_digest_matters(page, place, kept):
    fill(page, *place, kept["captable4"])
    area = page.get_by_label("Content of the digest file")
    text = area.input_value()
    start = text.index('digest:"') + len('digest:"')
    for at in (0, 20, 42):
        other = "A" if text[start + at] != "A" else "E"
        area.fill(text[: start + at] + other + text[start + at + 1 :])
        outcome = verify(page)
        expect(outcome.get_by_text("Not proven", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "lie",
    [
        ("CurrentBalance:", "CurrentBalance:1", "hash of the revision = dot(H(metadata), H(data))"),
        ("username:", "user_name:", "hash of the revision = dot(H(metadata), H(data))"),
        ("txId:", "other:1,txId:", "the revision has the fields of one"),
        ('"proof":"[{{', '"proof":"[{{AAAA', "the digest = that hash, folded with each hash of the proof"),
    ],
)
def test_a_server_that_lies_is_found_out_by_the_browser(page, place, kept, lie):
    old, new, step = lie

    def lying(route):
        answer = route.fetch()
        text = answer.text()
        assert old in text
        route.fulfill(response=answer, body=text.replace(old, new, 1))

    page.route("**/api/ledgers/captable4/revision", lying)
    fill(page, *place, kept["captable4"])
    assert failed_step(page, "") == step


def test_no_digest_and_what_is_none_and_one_of_another_ledger_fail_at_their_step(page, place, kept, tmp_path):
    fill(page, *place)
    assert failed_step(page, "there is none: choose the file that you saved") == "read the digest file"
    broken = tmp_path / "broken.txt"
    broken.write_text("hello {")
    fill(page, *place, broken)
    assert failed_step(page, "not readable as") == "read the digest file"
    fill(page, *place, kept["captable1"])
    assert failed_step(page, 'it is of ledger "captable1"') == "the digest is of ledger captable4"


def test_what_is_not_in_the_journal_fails_when_the_ledger_is_asked(visitor, page, place, kept):
    visitor.refusals = True
    fill(page, "x" * 22, "", kept["captable4"])
    assert failed_step(page, "").startswith("ask the ledger for the revision")
    fill(page, "", "", kept["captable4"])
    assert failed_step(page, "give a document id, or a block address, or both").startswith(
        "ask the ledger for the block"
    )
    fill(page, "", "{strandId", kept["captable4"])
    assert failed_step(page, "not readable").startswith("ask the ledger for the block")


def test_the_ledgers_answer_can_be_saved_and_a_change_in_it_is_noticed(page, place, kept, tmp_path):
    fill(page, *place, kept["captable4"])
    verify(page)
    page.get_by_text("The ledger's answer: save it, or change it").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save", exact=True).click()
    saving.value.save_as(tmp_path / "answer.json")
    assert set(json.loads((tmp_path / "answer.json").read_text())) >= {"revision", "proof", "digest"}
    area = page.get_by_label("The ledger's answer")
    area.fill(area.input_value().replace("bob@example.com", "rob@example.com"))
    page.get_by_role("button", name="Verify this text").click()
    expect(page.locator(".outcome").get_by_text("Not proven", exact=True)).to_be_visible()


def test_a_revision_of_a_document_is_verified_in_two_clicks(visitor, wallets):
    visitor.go("captable1", "document", wallets.redacted, version=1)
    visitor.page.get_by_role("link", name="Verify this revision").click()
    visitor.page.get_by_role("button", name="Get digest").click()
    visitor.page.get_by_role("button", name="Verify against it").click()
    expect(verify(visitor.page).locator(".verdict")).to_contain_text(f"Version 1 of document {wallets.redacted}")


def test_the_verifier_that_runs_is_the_one_that_auditors_read(page):
    with page.expect_download() as saving:
        page.get_by_role("link", name="The verifier").click()
    served = Path(saving.value.path()).read_bytes()
    assert served == (Path(__file__).parents[2] / "verifier" / "verify.js").read_bytes()
