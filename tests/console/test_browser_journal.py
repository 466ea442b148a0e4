"""The page "Journal" in a browser: blocks as a chain, their hashes explained and computed anew, live."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.console.browsers import signed_in, visiting
from tests.ledger.support import Client


@pytest.fixture
def journal(visitor):
    visitor.go("captable4", "journal")
    return visitor


@pytest.fixture(scope="module")
def strands(console):
    return console.get("/api/ledgers/captable4")["strands"]


def blocks(visitor):
    return visitor.page.get_by_role("region", name="Blocks").get_by_role("link")


def block(visitor):
    return visitor.page.get_by_role("region", name="Block", exact=True)


def title(visitor):
    return block(visitor).get_by_role("heading", level=2).inner_text()


def test_blocks_of_all_strands_are_listed_newest_first_and_more_are_loaded(journal, console):
    told = console.get("/api/ledgers/captable4/blocks?limit=100")["blocks"]
    expect(blocks(journal)).to_have_count(40)
    journal.button("Load older blocks").click()
    expect(blocks(journal)).to_have_count(80)
    places = blocks(journal).evaluate_all("all => all.map(({ dataset }) => dataset.place)")
    assert places == [f"{each['strandId']}/{each['sequenceNo']}" for each in told[:80]]


def test_a_strand_alone_is_a_chain_down_to_its_first_block(journal, strands):
    journal.page.get_by_role("button", name="Strand 2").click()
    journal.settle()
    more = journal.button("Load older blocks")
    while more.count():
        more.click()
        journal.settle()
    numbers = [int(text.removeprefix("#")) for text in blocks(journal).locator("b").all_inner_texts()]
    assert numbers == list(range(strands[1]["sequenceNo"], -1, -1))
    expect(journal.page.get_by_text("This is the beginning of the journal.")).to_be_visible()


def test_the_chain_can_be_walked_by_link_key_and_number(visitor, strands):
    strand = strands[0]["strandId"]
    visitor.go("captable4", "journal", strand, "5")
    assert title(visitor) == "Block 5"
    visitor.page.get_by_role("link", name="Block before").click()
    expect(block(visitor).get_by_role("heading", level=2)).to_have_text("Block 4")
    block(visitor).get_by_role("link", name="block 3", exact=True).click()
    expect(block(visitor).get_by_role("heading", level=2)).to_have_text("Block 3")
    visitor.page.locator("body").press("ArrowRight")
    expect(block(visitor).get_by_role("heading", level=2)).to_have_text("Block 4")
    visitor.page.get_by_label("Go to").fill("0")
    visitor.page.get_by_label("Go to").press("Enter")
    expect(block(visitor).get_by_role("heading", level=2)).to_have_text("Block 0")
    expect(visitor.button("Block before")).to_be_disabled()
    visitor.page.go_back()
    expect(block(visitor).get_by_role("heading", level=2)).to_have_text("Block 4")
    visitor.go("captable4", "journal", strand, str(strands[0]["sequenceNo"]))
    expect(visitor.button("Block after")).to_be_disabled()


def test_every_hash_of_a_block_is_explained_and_computed_anew(visitor, console, strands):
    strand, tip = strands[2]["strandId"], strands[2]["sequenceNo"]
    visitor.go("captable4", "journal", strand, str(tip))
    entries = block(visitor).locator(".entry-hash")
    said = [re.split(r"\n", text) for text in entries.all_inner_texts()]
    names = [next(line for line in lines if re.match(r"entries|previous|blockHash", line)) for lines in said]
    listed = [name for name in names if name.startswith("entriesHashList")]
    assert names == [*listed, "entriesHash", "previousBlockHash", "blockHash"]
    assert len(listed) >= 3
    assert all(len(" ".join(lines)) > 40 for lines in said), "each is explained"
    signs = entries.locator(".sign").evaluate_all("all => all.map((each) => each.textContent)")
    assert signs.count("cannot be computed from what is shown") == 1
    assert signs.count("computed here: the same") == len(signs) - 2
    assert signs[-2] == "the same as that block's"
    [told] = console.get(f"/api/ledgers/captable4/blocks?before={strand}:{tip}&limit=1")["blocks"]
    assert told["blockHash"] in entries.nth(-2).get_by_role("button").get_attribute("aria-label")


def test_a_block_that_was_changed_does_not_add_up(visitor, strands):
    def changed(route):
        answer = route.fetch()
        told = answer.json()
        told["block"] = told["block"].replace('statement:"SELECT', 'statement:"select', 1)
        route.fulfill(response=answer, body=json.dumps(told))

    visitor.page.route("**/api/ledgers/captable4/block", changed)
    visitor.go("captable4", "journal", strands[1]["strandId"], "20")
    expect(block(visitor).get_by_text("does not add up")).to_be_visible()
    expect(block(visitor).locator(".notice.bad")).to_contain_text("transactionInfo")
    expect(block(visitor).locator(".sign.bad")).to_have_count(1)


def test_a_block_leads_to_its_documents_and_to_its_verification(visitor, wallets, console):
    [strand] = console.get("/api/ledgers/captable1")["strands"]
    told = console.get("/api/ledgers/captable1/blocks?limit=100")["blocks"]
    chosen = next(each for each in told if [one["documentId"] for one in each["documents"]] == [wallets.ana])
    visitor.go("captable1", "journal", strand["strandId"], str(chosen["sequenceNo"]))
    block(visitor).get_by_role("link", name="Verify this block").click()
    expect(visitor.page.get_by_label("Block address")).to_have_value(
        f'{{strandId:"{strand["strandId"]}",sequenceNo:{chosen["sequenceNo"]}}}'
    )
    visitor.page.go_back()
    block(visitor).get_by_role("link", name=wallets.ana).click()
    expect(visitor.page.get_by_role("heading", name="Document", exact=True)).to_be_visible()


def test_a_block_that_is_not_there_is_told_of(visitor, strands):
    visitor.refusals = True
    visitor.go("captable4", "journal", strands[0]["strandId"], "999999")
    expect(visitor.page.get_by_role("alert")).to_be_visible()


def test_new_blocks_are_shown_as_they_come_when_it_is_live(browser, writable, small_ledger):
    with signed_in(browser, writable) as context, visiting(context, writable) as visitor:
        visitor.go("small", "journal")
        listed = blocks(visitor).count()
        live = visitor.button("Live")
        live.click()
        expect(live).to_have_attribute("aria-pressed", "true")
        Client(small_ledger).run("INSERT INTO T {'k': 77}")
        expect(blocks(visitor)).to_have_count(listed + 1)
        expect(blocks(visitor).first).to_contain_text("1 document in T")
        expect(visitor.page.get_by_role("main")).to_contain_text(f"{listed + 1} blocks, 1 strand")
        assert visitor.said() == "1 new block"
        live.click()
        expect(live).to_have_attribute("aria-pressed", "false")
