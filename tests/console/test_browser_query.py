"""The page "Query" in a browser: write a statement, run it, read what it gives and what it cost, find it again."""

import re

import pytest
from playwright.sync_api import expect

from ledger import ion
from tests.console.browsers import signed_in, visiting

ENDLESS = "SELECT COUNT(*) FROM " + ", ".join(f"wallettable AS t{number}" for number in range(12))


@pytest.fixture
def query(visitor):
    visitor.go("captable1", "query")
    return visitor


def editor(visitor):
    return visitor.page.get_by_label("PartiQL statements")


def suggestions(visitor):
    return visitor.page.locator("#suggestions")


def run(visitor, statement):
    editor(visitor).fill(statement)
    editor(visitor).press("Control+Enter")
    visitor.settle()


def test_a_statement_gives_a_table_with_its_cost_or_ion(query):
    run(query, "SELECT w.email, w.CurrentBalance FROM wallettable AS w")
    result = query.page.get_by_role("region", name="Result")
    rows = result.get_by_role("row")
    expect(rows).to_have_count(9)
    assert rows.nth(0).inner_text().split() == ["#", "email", "CurrentBalance"]
    costs = dict(reversed(each.split("\n")) for each in result.locator(".costs > div").all_inner_texts())
    assert costs["rows"] == "8"
    assert int(costs["read IOs"]) >= 8
    assert costs["write IOs"] == "0"
    emails = [row.split()[1] for row in rows.all_inner_texts()[1:]]
    query.page.get_by_label("Ion", exact=True).check()
    values = [ion.parse(text) for text in result.get_by_role("listitem").all_inner_texts()]
    assert [value["email"] for value in values] == emails
    query.page.reload()
    query.settle()
    run(query, "SELECT 1 FROM Vehicle")
    expect(query.page.get_by_label("Ion", exact=True)).to_be_checked()


def test_the_text_is_in_colours_and_stays_what_was_typed(query):
    text = "select count(*), 'it''s', 1.5e0, `{a: 1}` -- note\nFROM \"Vehicle\""
    editor(query).fill(text)
    shown = query.page.locator(".editor-text pre.code")
    assert shown.text_content() == text + "\n"
    kinds = dict(shown.locator("span").evaluate_all("all => all.map((each) => [each.textContent, each.className])"))
    wanted = {"select": "keyword", "'it''s'": "string", "1.5e0": "number", "`{a: 1}`": "ion", "-- note": "comment"}
    assert kinds | wanted == kinds
    assert kinds['"Vehicle"'] == "quoted"


def test_an_error_marks_its_column_in_the_editor_and_below(query):
    query.refusals = True
    run(query, "SELECT 1 FROM Vehicle;\nSELECT *\nFROM Vehicle AS v\n  WHER v.VIN = 'x'")
    expect(query.page.get_by_role("alert")).to_contain_text("line 3, column 3")
    expect(query.page.locator(".code .wrong")).to_have_text("WHER")
    line, mark = query.page.locator(".excerpt").inner_text().split("\n")[:2]
    assert line[mark.index("^") :].startswith("WHER")
    cursor = editor(query).evaluate("area => area.value.slice(area.selectionStart)")
    assert cursor.startswith("WHER")
    editor(query).press("Control+End")
    editor(query).press("x")
    expect(query.page.locator(".code .wrong")).to_have_count(0)


def test_a_statement_that_writes_is_refused_and_says_how_to_allow_it(query):
    query.refusals = True
    run(query, "DELETE FROM Vehicle")
    expect(query.page.get_by_role("alert")).to_contain_text("start it with --writable")


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("SELECT * FROM wal", "SELECT * FROM wallettable"),
        ("SELECT * FROM _ql_committed_Veh", "SELECT * FROM _ql_committed_Vehicle"),
        ("SELECT v.Own", "SELECT v.Owner"),
        ("SELECT v.* FROM Vehicle AS v WHERE v.Mil", "SELECT v.* FROM Vehicle AS v WHERE v.Mileage"),
        ("sel", "select"),
    ],
)
def test_tables_fields_and_keywords_are_completed(query, typed, taken):
    expect(query.page.get_by_role("complementary")).to_contain_text("Mileage")  # the fields are read
    editor(query).fill("")
    editor(query).press_sequentially(typed)
    options = suggestions(query).get_by_role("option")
    expect(options.first).to_be_visible()
    assert "first " in query.said()
    editor(query).press("Tab")
    expect(editor(query)).to_have_value(taken)
    expect(options).to_have_count(0)


def test_fields_of_the_tables_in_sight_come_first_and_arrows_choose(query):
    expect(query.page.get_by_role("complementary")).to_contain_text("Mileage")
    editor(query).fill("SELECT v. FROM Vehicle AS v")
    editor(query).evaluate("area => area.setSelectionRange(9, 9)")
    editor(query).press("Control+ ")
    options = suggestions(query).get_by_role("option")
    assert [text.split()[0] for text in options.all_inner_texts()][:3] == ["VIN", "Owner", "Tags"]
    editor(query).press("ArrowDown")
    chosen = suggestions(query).get_by_role("option", selected=True)
    assert editor(query).get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    editor(query).press("Enter")
    expect(editor(query)).to_have_value("SELECT v.Owner FROM Vehicle AS v")
    editor(query).press("Control+z")
    expect(editor(query)).to_have_value("SELECT v. FROM Vehicle AS v")


def test_nothing_is_completed_inside_strings_and_comments(query):
    for text in ("SELECT 'wal", "SELECT 1 -- wal"):
        editor(query).fill("")
        editor(query).press_sequentially(text)
        expect(suggestions(query).get_by_role("option")).to_have_count(0)


def test_parameters_are_asked_for_and_used(query):
    editor(query).fill("SELECT w.username FROM wallettable AS w WHERE w.email = ?")
    query.page.get_by_label("Parameter 1").fill('"ana@example.com"')
    query.button("Run").click()
    expect(query.page.get_by_role("cell", name="Ana Sousa")).to_be_visible()


def test_of_several_statements_the_one_at_the_cursor_runs_or_what_is_selected(query):
    editor(query).fill("SELECT 11 FROM Vehicle; SELECT 22 FROM Vehicle")
    editor(query).evaluate("area => area.setSelectionRange(3, 3)")
    editor(query).press("Control+Enter")
    expect(query.page.get_by_role("cell", name="11")).to_be_visible()
    editor(query).evaluate("area => area.setSelectionRange(24, 46)")
    editor(query).press("Control+Enter")
    expect(query.page.get_by_role("cell", name="22")).to_be_visible()


def test_tabs_keep_their_texts_and_results_and_come_back(query):
    run(query, "SELECT 1 AS one FROM Vehicle")
    query.button("New tab").click()
    expect(editor(query)).to_have_value("")
    expect(query.page.get_by_role("region", name="Result")).to_be_hidden()
    editor(query).fill("SELECT 2 AS two FROM Vehicle")
    query.button("Query 1").click()
    expect(editor(query)).to_have_value("SELECT 1 AS one FROM Vehicle")
    expect(query.page.get_by_role("columnheader", name="one")).to_be_visible()
    query.button("Query 2").click()
    query.page.reload()
    query.settle()
    expect(editor(query)).to_have_value("SELECT 2 AS two FROM Vehicle")
    query.button("Close Query 2").click()
    expect(editor(query)).to_have_value("SELECT 1 AS one FROM Vehicle")
    query.button("Close Query 1").click()
    expect(editor(query)).to_have_value("")


def test_statements_are_saved_and_those_that_ran_are_found_again(query):
    query.refusals = True
    run(query, "SELECT 1 FROM Vehicle")
    query.button("Save").click()
    run(query, "SELECT * FROM Nobody")
    query.page.reload()
    query.settle()
    query.button("New tab").click()
    library = query.page.get_by_role("complementary")
    library.get_by_label("Recent").check()
    recent = library.get_by_role("listitem")
    expect(recent).to_have_count(2)
    assert re.search(r"Nobody\s+failed", recent.nth(0).inner_text())
    library.get_by_label("Saved").check()
    library.get_by_role("button", name="SELECT 1 FROM Vehicle", exact=True).click()
    expect(editor(query)).to_have_value("SELECT 1 FROM Vehicle")
    library.get_by_role("button", name="Forget SELECT 1 FROM Vehicle").click()
    expect(library.get_by_text("Save a statement to find it here.")).to_be_visible()


def test_a_statement_that_takes_long_can_be_stopped(query):
    query.refusals = True
    editor(query).fill(ENDLESS)
    query.button("Run").click()
    expect(query.page.locator(":root[data-busy]")).to_have_count(1)
    expect(query.button("Run")).to_be_disabled()
    query.button("Stop").click()
    expect(query.page.get_by_role("alert")).to_contain_text("the statement was stopped")
    expect(query.button("Run")).to_be_enabled()


def test_more_rows_are_loaded_when_asked_for(query):
    run(query, "SELECT a.email FROM wallettable AS a, wallettable AS b, wallettable AS c")
    expect(query.page.get_by_role("row")).to_have_count(201)
    query.button("Load more rows").click()
    query.button("Load more rows").click()
    expect(query.page.get_by_role("row")).to_have_count(513)
    expect(query.button("Load more rows")).to_have_count(0)


def test_what_is_in_the_ledger_never_becomes_markup(browser, writable):
    with signed_in(browser, writable) as context, visiting(context, writable) as visitor:
        visitor.go("small", "query")
        run(visitor, """INSERT INTO T {'k': 9, '<b>n</b>': '<img src=x onerror=alert(1)><script>alert(2)</script>'}""")
        run(visitor, "SELECT * FROM T AS t WHERE t.k = 9")
        result = visitor.page.get_by_role("region", name="Result")
        expect(result).to_contain_text("<img src=x onerror=alert(1)><script>alert(2)</script>")
        assert result.locator("img, script, b b").count() == 0
