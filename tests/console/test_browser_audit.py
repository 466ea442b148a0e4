"""The page "Audit" in a browser: notarised digests, checked there, and what the auditor found."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import expect

from ledger.journal.hashing import dot, merkle_root
from ledger.journal.proof import Node, extension, range_root
from ledger.journal.revision import BlockAddress
from ledger.notary.signing import LocalSigner
from ledger.record import encode_bytes
from ledger.verification.notarised import Notarised
from ledger.verification.statement import Statement
from tests.console.wallets import SIGNER

OTHER = LocalSigner("another key", secret=99)


def records(visitor, title):
    return visitor.page.get_by_role("region", name=title).locator(".records > li")


def digests(visitor):
    return records(visitor, "Notarised digests")


def served(visitor, kind: str, change: Callable[[Any], None]) -> None:
    """Let the console's server answer something else, and open the page."""

    def changed(route):
        answer = route.fetch()
        told = answer.json()
        change(told)
        route.fulfill(response=answer, body=json.dumps(told))

    visitor.page.route(f"**/api/ledgers/captable4/{kind}*", changed)
    visitor.go("captable4", "audit")


def failed(visitor):
    """The steps that failed, by the number of the digest."""
    return {
        int(each.locator("summary b").inner_text().removeprefix("#")): each.locator(".steps .bad p").all_inner_texts()
        for each in digests(visitor).all()
        if each.locator("summary .badge.bad").count()
    }


def test_every_notarised_digest_is_checked_in_the_browser_and_holds(visitor):
    visitor.go("captable4", "audit")
    expect(digests(visitor)).to_have_count(6)
    assert failed(visitor) == {}
    newest = digests(visitor).first
    newest.locator("summary").click()
    assert newest.locator(".steps p").all_inner_texts() == [
        "it is digest 5 of ledger captable4",
        "a trusted key has signed it",
        "its digest is the root over the strands' roots",
        "it names digest 4 as the one before",
        "the journal of digest 4 is the beginning of this one's",
        "nothing was written over it",
    ]
    assert set(newest.locator(".steps .sign").all_inner_texts()) == {"holds"}
    expect(newest).to_contain_text("by notary.pem")
    expect(newest).to_contain_text("blocks after it")


def test_the_last_runs_of_the_auditor_are_shown(visitor):
    visitor.go("captable4", "audit")
    runs = records(visitor, "Runs of the auditor")
    expect(runs).to_have_count(2)
    expect(visitor.page.get_by_text("the last audit: all in order")).to_be_visible()
    runs.first.locator("summary").click()
    expect(runs.first).to_contain_text("agree")
    expect(runs.first).to_contain_text("#5 of ")


def test_a_finding_says_where_what_and_since_when_and_leads_there(visitor, console):
    strand = console.get("/api/ledgers/captable4")["strands"][0]["strandId"]
    finding = {"where": f"block 3 of strand {strand}", "what": "its hash is not that of its content",
               "since": {"number": 1, "date": "2026-08-10T00:00:00.000Z"}, "found": "2026-08-11T00:00:00.000Z",
               "kind": "block", "strandId": strand, "sequenceNo": 3}  # fmt: skip
    document = {
        "where": "document x",
        "what": "its balance differs",
        "since": None,
        "found": None,
        "documentId": "x" * 22,
    }

    def found(told):
        told["audits"][0]["report"] |= {"findings": [finding, document], "findingCount": 7}
        told["audits"][1]["report"] = None

    served(visitor, "audits", found)
    expect(visitor.page.get_by_text("the last audit: 7 findings")).to_be_visible()
    first = records(visitor, "Runs of the auditor").first
    expect(first).to_contain_text("its hash is not that of its content")
    expect(first).to_contain_text("In order at the latest when digest 1 was taken, 10 Aug 2026")
    expect(first).to_contain_text("Never found in order")
    expect(first).to_contain_text("5 more are in the report")
    expect(records(visitor, "Runs of the auditor").nth(1)).to_contain_text("no report")
    first.get_by_role("link", name="See the block").click()
    expect(visitor.page.get_by_role("heading", name="Block 3")).to_be_visible()


def content(told, number):
    return next(each for each in told["digests"] if each["number"] == number)


def _signature(told):
    """One bit of the signature."""
    each = content(told, 3)
    kept = Notarised.read(each["content"])
    each["content"] = kept._replace(signature=kept.signature[:-1] + bytes([kept.signature[-1] ^ 1])).to_json()


def _resigned(told):
    """By somebody else, who takes the whole ledger's history for his own."""
    each = content(told, 3)
    kept = Notarised.read(each["content"])
    each["content"] = kept._replace(signature=OTHER.sign(kept.statement.text.encode())).to_json()


def _statement(told):
    each = content(told, 3)
    each["content"] = each["content"].replace("2026-", "2025-", 1)


def _proof(told):
    each = content(told, 3)
    kept = Notarised.read(each["content"])
    proofs = (kept.proofs[1], kept.proofs[0], *kept.proofs[2:])
    each["content"] = kept._replace(proofs=proofs).to_json()


def _moved(told):
    content(told, 3)["content"] = content(told, 4)["content"]


def _gone(told):
    told["digests"] = [each for each in told["digests"] if each["number"] != 3]


def _removed(told):
    content(told, 3)["content"] = None


def _overwritten(told):
    content(told, 3)["isSole"] = False


def _nonsense(told):
    content(told, 3)["content"] = "{}"


SIGNED, FOLLOWS = "a trusted key has signed it", "it names digest {} as the one before"
CONTINUES = "the journal of digest {} is the beginning of this one's"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (_signature, {3: [SIGNED]}),
        (_resigned, {3: [SIGNED]}),
        (_statement, {3: [SIGNED], 4: [FOLLOWS.format(3)]}),
        (_proof, {3: [CONTINUES.format(2)]}),
        (_moved, {3: ["it is digest 3 of ledger captable4", FOLLOWS.format(3), CONTINUES.format(3)],
                  4: [FOLLOWS.format(3), CONTINUES.format(3)]}),
        (_gone, {4: [FOLLOWS.format(3)]}),
        (_removed, {3: ["it is there"], 4: [FOLLOWS.format(3)]}),
        (_overwritten, {3: ["nothing was written over it"]}),
        (_nonsense, {3: ["it can be read"], 4: [FOLLOWS.format(3)]}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_a_digest_that_was_changed_does_not_hold_and_its_step_is_named(visitor, change, wanted):
    served(visitor, "digests", change)
    assert failed(visitor) == wanted
    words = "1 does not hold." if len(wanted) == 1 else f"{len(wanted)} do not hold."
    expect(visitor.page.get_by_text(words)).to_be_visible()


def test_without_a_trusted_key_signatures_count_as_not_checked(visitor):
    served(visitor, "digests", lambda told: told.update(keys=[]))
    expect(digests(visitor).locator("summary .badge.open")).to_have_count(6)
    expect(visitor.page.get_by_text("Signatures are not checked")).to_be_visible()


def test_a_revision_is_verified_against_a_notarised_digest(visitor, console):
    visitor.go("captable4", "audit")
    first = digests(visitor).nth(5)
    first.locator("summary").click()
    first.get_by_role("link", name="Verify against it").click()
    expect(visitor.page.get_by_text("Using notarised digest 0.")).to_be_visible()
    strand = console.get("/api/ledgers/captable4")["strands"][0]["strandId"]
    visitor.page.get_by_label("Block address", exact=True).fill(f'{{strandId:"{strand}",sequenceNo:2}}')
    visitor.button("Verify").click()
    expect(visitor.page.locator(".outcome").get_by_text("Verified", exact=True)).to_be_visible()


def test_a_digest_is_saved_as_an_auditor_takes_it_and_as_qldbs_file(visitor, tmp_path):
    visitor.go("captable4", "audit")
    digests(visitor).first.locator("summary").click()
    for name, field in (("Save it, signature and all", "signature"), ("Save captable4.ion.txt", "digest")):
        with visitor.page.expect_download() as saving:
            visitor.button(name).click()
        saving.value.save_as(tmp_path / field)
        assert json.loads((tmp_path / field).read_text())[field]
    assert Notarised.read((tmp_path / "signature").read_bytes()).statement.number == 5


def test_what_cannot_be_read_is_told_of_and_hides_nothing_else(visitor):
    refused = {"error": "EvidenceUnreadableException", "message": "s3://b cannot be read: AccessDenied"}
    visitor.refusals = True
    visitor.page.route("**/api/ledgers/captable4/digests*", lambda route: route.fulfill(status=403, json=refused))
    visitor.go("captable4", "audit")
    expect(visitor.page.get_by_role("alert")).to_contain_text("s3://b cannot be read: AccessDenied")
    expect(records(visitor, "Runs of the auditor")).to_have_count(2)


# The browser's arithmetic against that of the ledger, for trees of all small sizes.

LEAVES = [bytes([number]) * 32 for number in range(16)]
CHECK = """
async (cases) => {
  const { checks, read, readKeys } = await import("/static/js/notarised.js");
  const keys = await readKeys([{ name: "key", key: cases.key }]);
  const verdicts = [];
  for (const [number, later, earlier] of cases.pairs) {
    const found = await checks(read(later), { ledger: "demo", number, keys, before: read(earlier) });
    verdicts.push(found.every(({ isGood }) => isGood));
  }
  return verdicts;
}
"""


def _nodes():
    found = {Node(0, number): leaf for number, leaf in enumerate(LEAVES)}
    for level in range(1, 5):
        for number in range(len(LEAVES) >> level):
            found[Node(level, number)] = dot(found[Node(level - 1, 2 * number)], found[Node(level - 1, 2 * number + 1)])
    return found


NODES = _nodes()


def statement(number, size, previous):
    tips, roots = (BlockAddress("s", size - 1),), (merkle_root(LEAVES[:size]),)
    return Statement("demo", number, "2026-01-01T00:00:00.000Z", tips, roots, previous, SIGNER.key_id)


@cache
def signature(text):
    return SIGNER.sign(text.encode())


def continued(old, new, change=lambda proof: proof):
    """What `CHECK` takes: the number, and the later and the earlier digest as they are kept."""
    earlier = Notarised(statement(0, old, None), b"")
    later = statement(1, new, earlier.statement.hash)
    proof = change([range_root(NODES, leaves) for leaves in extension(old, new)])
    return [1, Notarised(later, signature(later.text), (tuple(proof),)).to_json(), earlier.to_json()]


def test_continuations_of_all_sizes_hold_and_changed_ones_do_not(visitor):
    sizes = [(old, new) for new in range(1, 13) for old in range(1, new + 1)]
    key = encode_bytes(SIGNER.public_key.to_der())
    good = [continued(old, new) for old, new in sizes]
    assert visitor.page.evaluate(CHECK, {"key": key, "pairs": good}) == [True] * len(good)
    bad = [
        *(continued(old, new, lambda proof: proof[:-1]) for old, new in sizes if old < new),
        *(continued(old, new, lambda proof: [*proof, LEAVES[0]]) for old, new in sizes),
        *(continued(old, new, lambda proof: [LEAVES[15], *proof[1:]]) for old, new in sizes if old < new),
    ]
    assert visitor.page.evaluate(CHECK, {"key": key, "pairs": bad}) == [False] * len(bad)
