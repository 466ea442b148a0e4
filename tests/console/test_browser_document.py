"""The page "Documents" in a browser: find a document, read its history, compare revisions, see it at any moment."""

import re

import pytest
from playwright.sync_api import expect

from ledger import ion
from tests.console.browsers import signed_in, visiting
from tests.ledger.support import Client


@pytest.fixture
def ana(visitor, wallets):
    """The history of a document with dozens of revisions."""
    visitor.go("captable1", "document", wallets.ana)
    return visitor


@pytest.fixture(scope="module")
def revisions(console, wallets):
    """The same by version, as the API gives it."""
    told = console.get(f"/api/ledgers/captable1/documents/{wallets.ana}")
    return [ion.parse(text) for text in reversed(told["revisions"])]


def region(visitor, name):
    return visitor.page.get_by_role("region", name=name, exact=True)


def shown_version(visitor):
    return region(visitor, "Chosen revision").get_by_role("heading", level=2).inner_text()


def test_a_document_is_found_by_a_field_and_opened(visitor, wallets):
    visitor.go("captable1", "document")
    page = visitor.page
    expect(page.get_by_text("8 documents in wallettable")).to_be_visible()
    page.get_by_label("Value").fill("ana@example.com")
    visitor.button("Find").click()
    expect(page.get_by_text("1 document in wallettable")).to_be_visible()
    page.get_by_role("link", name=wallets.ana).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Document")
    expect(page.get_by_role("main")).to_contain_text("wallettable")


def test_a_document_is_found_by_a_number_and_by_its_id(visitor, wallets):
    visitor.go("captable1", "document")
    page = visitor.page
    page.get_by_label("Table").select_option("Vehicle")
    page.get_by_label("Field").select_option("Mileage")
    for value, found in (("41300", 1), ("7", 0)):
        page.get_by_label("Value").fill(value)
        visitor.button("Find").click()
        expect(page.locator(".documents tbody tr")).to_have_count(found)
    page.get_by_label("Document id").fill(wallets.deleted)
    visitor.button("Open").click()
    expect(page.get_by_text("deleted", exact=True).first).to_be_visible()


def test_an_answer_that_comes_late_is_not_mixed_with_what_was_looked_for_since(visitor):
    visitor.go("captable1", "document")
    page, held = visitor.page, []
    page.route("**/runs", lambda route: route.continue_() if held else held.append(route))
    visitor.button("Find").click()
    page.get_by_label("Value").fill("ana@example.com")
    visitor.button("Find").click()
    expect(page.get_by_text("1 document in wallettable")).to_be_visible()
    held[0].continue_()
    visitor.settle()
    expect(page.get_by_text("1 document in wallettable")).to_be_visible()
    expect(page.locator(".documents tbody tr")).to_have_count(1)


def test_the_time_line_has_every_revision_with_what_it_changed(ana, revisions):
    entries = region(ana, "Revisions").get_by_role("listitem")
    expect(entries).to_have_count(len(revisions))
    for text, now, before in zip(entries.all_inner_texts(), revisions[::-1], revisions[-2::-1], strict=False):
        assert text.split()[0] == str(now["metadata"]["version"])
        if now["data"]["CurrentBalance"] != before["data"]["CurrentBalance"]:
            balances = [str(each["data"]["CurrentBalance"]) for each in (before, now)]
            assert re.search(rf"CurrentBalance {re.escape(balances[0])} → {re.escape(balances[1])}", text), text


def test_the_difference_to_the_revision_before_and_to_any_other_is_shown(ana, revisions):
    region(ana, "Revisions").get_by_role("button", name=re.compile(r"^7\b")).click()
    detail = region(ana, "Chosen revision")
    expect(detail).to_contain_text("What differs from version 6")
    for other in (6, 2):
        if other != 6:
            detail.get_by_label("Compare with").select_option(f"version {other}")
            expect(detail).to_contain_text(f"What differs from version {other}")
        before, after = revisions[other]["data"], revisions[7]["data"]
        names = [*before, *(name for name in after if name not in before)]
        wanted = {name for name in names if before.get(name) != after.get(name)}
        rows = detail.locator(".diff tbody tr")
        assert {row.locator("th code").inner_text() for row in rows.all()} == wanted
        row = detail.locator(".diff tr", has_text="CurrentBalance")
        assert row.locator(".before").inner_text() == str(before["CurrentBalance"])
        assert row.locator(".after").inner_text() == str(after["CurrentBalance"])
    assert ion.digest(ion.parse(detail.locator("pre.ion").inner_text())) == ion.digest(revisions[7]["data"])


def test_differences_reach_into_structs_and_lists(visitor, console):
    body = {"run": "vehicle", "statement": "SELECT id FROM Vehicle AS v BY id"}
    [row] = console.post("/api/ledgers/captable1/runs", body)["rows"]
    visitor.go("captable1", "document", str(ion.parse(row)["id"]))
    rows = visitor.page.locator(".diff tbody tr").all_inner_texts()
    assert [re.split(r"\s+", row.strip())[1:] for row in rows] == [
        ["Owner.Name", '"Ann"', '"Ben"'],
        ["Mileage", "41250", "41300"],
    ]


def test_the_chart_shows_the_balance_and_a_click_chooses_the_version(ana, revisions):
    chart = region(ana, "Over time").get_by_role("img")
    name = chart.get_attribute("aria-label")
    balances = [revision["data"]["CurrentBalance"] for revision in revisions]
    assert name.startswith(f"CurrentBalance over versions 0 to {len(revisions) - 1}")
    assert f"highest {max(balances).normalize():f}" in name
    ana.page.get_by_label("By version").check()
    box = chart.bounding_box()
    chart.click(position={"x": box["width"] / 2, "y": 60})
    ana.settle()
    middle = int(shown_version(ana).split()[1])
    assert abs(middle - len(revisions) / 2) < 4
    expect(ana.page).to_have_url(re.compile(rf"\?version={middle}$"))
    ana.page.get_by_label("Field of the chart").select_option("PreviousBalance")
    expect(region(ana, "Over time").get_by_role("img")).to_have_attribute("aria-label", re.compile("^PreviousBalance"))


def test_the_slider_moves_through_the_versions(ana, revisions):
    slider = ana.page.get_by_role("slider", name="Version")
    assert slider.input_value() == str(len(revisions) - 1)
    slider.focus()
    slider.press("Home")
    ana.settle()
    assert shown_version(ana) == "Version 0"
    assert slider.get_attribute("aria-valuetext").startswith("version 0, ")
    slider.press("ArrowRight")
    ana.settle()
    assert shown_version(ana) == "Version 1"


def test_any_point_in_time_shows_the_document_as_it_was(ana, revisions):
    begun = revisions[9]["metadata"]["txTime"]
    moment = ana.page.get_by_label("As of, in UTC")
    moment.fill(f"{begun:%Y-%m-%dT%H:%M:%S}")
    ana.button("Go").click()
    ana.settle()
    # The second in which version 9 began, begins before it, unless it began at its very start.
    assert shown_version(ana) == f"Version {9 if begun.microsecond == 0 else 8}"
    ana.refusals = True
    moment.fill("2020-01-01T00:00:00")
    ana.button("Go").click()
    expect(ana.page.get_by_role("alert")).to_contain_text("the document begins later")


def test_a_redacted_and_a_deleted_revision_say_so(visitor, wallets):
    visitor.go("captable1", "document", wallets.redacted, version=1)
    expect(region(visitor, "Chosen revision")).to_contain_text("The data of this revision was redacted")
    expect(region(visitor, "Chosen revision")).to_contain_text("Redacted data cannot be compared.")
    visitor.go("captable1", "document", wallets.deleted)
    expect(region(visitor, "Chosen revision")).to_contain_text("This revision deleted the document")


def test_a_document_that_is_not_there_is_told_of(visitor):
    visitor.refusals = True
    visitor.go("captable1", "document", "x" * 22)
    expect(visitor.page.get_by_role("alert")).to_be_visible()


def test_older_revisions_are_loaded_when_asked_for(browser, writable, small_ledger):
    client = Client(small_ledger)
    for number in range(120):
        client.run("UPDATE T AS t SET t.note = ? WHERE t.k = 1", str(number))
    [document_id] = map(ion.parse, client.run("SELECT VALUE id FROM T AS t BY id WHERE t.k = 1"))
    with signed_in(browser, writable) as context, visiting(context, writable) as visitor:
        visitor.go("small", "document", document_id)
        entries = region(visitor, "Revisions").get_by_role("listitem")
        expect(entries).to_have_count(101)
        visitor.button("Load older revisions").click()
        expect(entries).to_have_count(121)
        visitor.go("small", "document", document_id, version=3)
        assert shown_version(visitor) == "Version 3"
