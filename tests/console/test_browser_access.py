"""The console for everybody: by keyboard, with a screen reader, on a phone, in the dark; on pages with real data."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.browsers import DARK, PAGES, PHONE, signed_in, visiting

CONTRAST = Path(__file__).with_name("contrast.js").read_text()
FOCUS = """
async () => {
  const element = document.activeElement;
  const seen = getComputedStyle(element.matches(".choice input") ? element.nextElementSibling : element);
  const ring = element.closest(".editor") ? getComputedStyle(element.closest(".editor")).boxShadow : seen.outlineStyle;
  const isInView = () => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  };
  const end = performance.now() + 60_000;
  while (!isInView() && performance.now() < end) await new Promise(requestAnimationFrame);  // it scrolls there
  const where = element === document.body ? "" : element.outerHTML.slice(0, 120);
  return { where, hasRing: ring !== "none", isInView: isInView() };
}
"""
ROLES = (
    "button link textbox combobox slider checkbox radio spinbutton region navigation table img listbox option dialog"
)
NAMELESS = re.compile(rf"^\s*- ({ROLES.replace(' ', '|')})(?! \"|: \")", re.MULTILINE)


@pytest.fixture
def full(console, wallets):
    """Fills a page of the ledger on four strands with as much as it shows; the name of each and how."""
    [strand, *_] = console.get("/api/ledgers/captable4")["strands"]

    def show(visitor, page):
        match page:
            case "query":
                visitor.go("captable4", "query")
                visitor.page.get_by_label("PartiQL statements").fill("SELECT * FROM _ql_committed_Vehicle -- all")
                visitor.page.get_by_label("PartiQL statements").press("Control+Enter")
                visitor.settle()
            case "document":
                visitor.go("captable1", "document", wallets.ana)
            case "journal":
                visitor.go("captable4", "journal", strand["strandId"], "9")
                visitor.page.get_by_text("The block in Ion").click()
            case "verification":
                visitor.go("captable4", "verification", strand=strand["strandId"], block=9)
                visitor.button("Get digest").click()
                visitor.button("Verify against it").click()
                visitor.button("Change one character").click()
                visitor.button("Verify").click()
                expect(visitor.page.locator(".verdict")).to_be_visible()
            case "audit":
                visitor.go("captable4", "audit")
                visitor.page.locator(".records summary").first.click()
                visitor.page.locator(".records summary").last.click()
        visitor.settle()

    return show


@pytest.mark.parametrize("options", [{}, DARK], ids=["light", "dark"])
def test_every_text_has_contrast_enough(browser, console, full, options):
    with signed_in(browser, console, **options) as context, visiting(context, console) as visitor:
        for page in PAGES:
            full(visitor, page)
            assert visitor.page.evaluate(CONTRAST) == [], page


def test_the_measure_of_contrast_can_fail(visitor):
    visitor.page.evaluate("document.querySelector('main h1').style.setProperty('color', '#999')")
    assert len(visitor.page.evaluate(CONTRAST)) == 1


def test_colours_follow_the_system_until_others_are_chosen_and_are_kept(browser, console):
    background = "getComputedStyle(document.body).backgroundColor"
    with signed_in(browser, console, **DARK) as context, visiting(context, console) as visitor:
        dark = visitor.page.evaluate(background)
        visitor.button("Use light colours").click()
        light = visitor.page.evaluate(background)
        assert light != dark
        visitor.page.reload()
        visitor.settle()
        assert visitor.page.evaluate(background) == light
        visitor.button("Use dark colours").click()
        assert visitor.page.evaluate(background) == dark


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_is_wider_than_a_phone(browser, console, full, width):
    phone = {**PHONE, "viewport": {"width": width, "height": 700}}
    with signed_in(browser, console, **phone) as context, visiting(context, console) as visitor:
        for page in PAGES:
            full(visitor, page)
            widths = visitor.page.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth]")
            assert max(widths) <= width, page


def test_targets_on_a_phone_are_large_enough_to_touch(browser, console, full):
    small = """all => all.filter((each) => each.checkVisibility() && !each.closest(".unseen, p, li p, dd, pre, .skip"))
        .filter((each) => Math.min(each.getBoundingClientRect().height, each.getBoundingClientRect().width) < 24)
        .map((each) => each.outerHTML.slice(0, 100))"""
    with signed_in(browser, console, **PHONE) as context, visiting(context, console) as visitor:
        for page in PAGES:
            full(visitor, page)
            assert visitor.page.locator("button, select, summary, a.button, nav a, input").evaluate_all(small) == [], (
                page
            )


def test_everything_has_a_name_and_pages_have_landmarks_and_one_heading(visitor, full):
    for page in PAGES:
        full(visitor, page)
        snapshot = visitor.page.locator("body").aria_snapshot()
        assert NAMELESS.findall(snapshot) == [], f"{page}\n{snapshot}"
        for role in ("main", "banner", "navigation"):
            assert re.search(rf"^\s*- {role}\b", snapshot, re.MULTILINE), f"{page} has no {role}"
        assert len(re.findall(r"heading .*\[level=1\]", snapshot)) == 1, page
        levels = [int(level) for level in re.findall(r"heading .*\[level=(\d)\]", snapshot)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), f"{page}: {levels}"
        ids = visitor.page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
        assert len(ids) == len(set(ids)), page
        assert visitor.page.title().endswith(" · Ledger console")


def test_whatever_has_the_focus_is_seen_and_everything_can_be_reached(visitor, full):
    for page in PAGES:
        full(visitor, page)
        visitor.page.locator(".skip").focus()
        reached = []
        for _ in range(90):
            visitor.page.keyboard.press("Tab")
            focus = visitor.page.evaluate(FOCUS)
            if not focus["where"]:
                break
            assert focus["hasRing"], f"{page}: {focus}"
            assert focus["isInView"], f"{page}: {focus}"
            reached.append(focus["where"])
        assert len(reached) >= 12, f"{page}: {reached}"


def test_the_first_key_leads_past_the_navigation(visitor):
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"
    assert "#/captable1/query" in visitor.page.url


def test_a_digest_is_verified_by_keyboard_alone(visitor, wallets, tmp_path):
    """From the first page to the verdict, without the mouse."""
    keyboard, page = visitor.page.keyboard, visitor.page

    def tab_to(name):
        for _ in range(80):
            keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText.trim()")
            if focused == name:
                return
        pytest.fail(f"{name} cannot be reached")

    page.get_by_label("PartiQL statements").focus()
    keyboard.press("Control+a")
    keyboard.type("SELECT id FROM wallettable AS w BY id WHERE w.email = 'bob@example.com'")
    keyboard.press("Escape")
    keyboard.press("Control+Enter")
    visitor.settle()
    tab_to(wallets.redacted)
    keyboard.press("Enter")
    visitor.settle()
    assert page.evaluate("document.activeElement.tagName") == "H1", "the new page is read from its beginning"
    tab_to("Verify this revision")
    keyboard.press("Enter")
    visitor.settle()
    tab_to("Get digest")
    keyboard.press("Enter")
    visitor.settle()
    tab_to("Verify against it")
    keyboard.press("Enter")
    tab_to("Verify")
    keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Verified")
    assert visitor.said() == "verified"


def test_keys_lead_to_pages_and_a_list_of_them_can_be_opened(visitor):
    for number, page in enumerate(PAGES, 1):
        visitor.page.keyboard.press(f"Alt+Shift+{number}")
        expect(visitor.page).to_have_url(re.compile(f"/{page}$"))
        visitor.settle()
    visitor.page.keyboard.press("?")
    dialog = visitor.page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_less_motion_is_shown_to_whoever_wants_less(browser, console):
    # What the style asks for, as what is under way may be over before it is looked at.
    moving = "getComputedStyle(document.querySelector('.appears')).animationName"
    for motion in ("reduce", "no-preference"):
        with signed_in(browser, console, reduced_motion=motion) as context, visiting(context, console) as visitor:
            visitor.go("captable4", "verification")
            visitor.button("Get digest").click()
            visitor.page.wait_for_selector(".appears")
            assert visitor.page.evaluate(moving) == ("appears" if motion == "no-preference" else "none")


def test_whoever_has_the_address_comes_in_and_others_are_told_how(browser, console):
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(console.base)
        expect(page.get_by_role("heading")).to_have_text("Open the address that the console printed")
        assert page.evaluate(CONTRAST) == []
        page.get_by_label("Token").fill("no token")
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile(r"\?token=no\+token$"))
        expect(page.get_by_role("heading")).to_have_text("Open the address that the console printed")
        page.get_by_label("Token").fill(console.token)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Query")
        assert "token" not in page.url
    finally:
        context.close()


def test_a_console_that_is_gone_is_told_of(visitor):
    visitor.go("captable1", "verification")
    visitor.page.route("**/api/**", lambda route: route.abort())
    with visitor.page.expect_console_message():
        visitor.button("Get digest").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("is it still running?")
    assert visitor.problems == ["Failed to load resource: net::ERR_FAILED"]
    visitor.problems.clear()
