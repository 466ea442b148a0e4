"""A browser that visits the console, and notes everything that must not happen in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from local import browser as local_browser
from tests.console.processes import Console

PAGES = ("query", "document", "journal", "verification", "audit")
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DARK = {"color_scheme": "dark"}
_TIMEOUT_MS = 60_000
expect.set_options(timeout=_TIMEOUT_MS)
_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`policy violated: ${violatedDirective} ${blockedURI}`));
"""


@contextmanager
def launched() -> Iterator[Browser]:
    """Start a browser; without one skip the test, or fail it if one is required."""
    path = local_browser.find()
    if path is None:
        tell = pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip
        tell(f"no browser: {local_browser.HOW}")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=local_browser.ARGUMENTS, timeout=2 * _TIMEOUT_MS)


@dataclass
class Visitor:
    """A page of the console in the browser.

    Attributes:
        problems: errors on the page, violations of its policy, and requests to other hosts.
        refusals: whether the server may refuse something; the browser logs that as an error.
    """

    page: Page
    base: str
    refusals: bool = False
    problems: list[str] = field(default_factory=list)

    def go(self, ledger: str, page: str, *parts: str, **search: Any) -> None:
        """Open a page of a ledger, and wait until it has all its answers."""
        query = "&".join(f"{name}={value}" for name, value in search.items())
        wanted = f"#/{'/'.join((ledger, page, *parts))}{'?' if query else ''}{query}"
        self.page.evaluate("hash => { location.hash = hash; }", wanted)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is asked of the server any more, and what was answered is shown."""
        assert self.page.evaluate(_SETTLED, _TIMEOUT_MS), "the page is still busy"

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def said(self) -> str:
        """What a screen reader was told last."""
        return self.page.locator("#announcer").inner_text()


# Twice in a row, for what follows from an answer may ask for more.
_SETTLED = """
async (milliseconds) => {
  const end = Date.now() + milliseconds;
  const [main, { documentElement }] = [document.querySelector("main"), document];
  for (let quiet = 0; quiet < 2; ) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    quiet = main.ariaBusy === "false" && !("busy" in documentElement.dataset) ? quiet + 1 : 0;
    if (Date.now() > end) return false;
  }
  return true;
}
"""


@contextmanager
def signed_in(browser: Browser, console: Console, **options: Any) -> Iterator[BrowserContext]:
    """Open a browser context that has the console's cookie.

    Args:
        options: of the context, such as `DARK`.
    """
    chosen = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
    context = browser.new_context(**chosen)
    context.set_default_timeout(_TIMEOUT_MS)
    context.add_init_script(_VIOLATIONS)
    name, _, value = console.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": console.base, "sameSite": "Strict"}])
    yield context
    context.close()


@contextmanager
def visiting(context: BrowserContext, console: Console, *, enter: bool = True) -> Iterator[Visitor]:
    """Open a page of the console with nothing kept from earlier visits; at the end there must have been no problem.

    Args:
        enter: go to the console now.
    """
    page = context.new_page()
    visitor = Visitor(page, console.base)

    def logged(message: ConsoleMessage) -> None:
        is_refusal = visitor.refusals and "the server responded with a status of 4" in message.text
        if message.type in {"error", "warning"} and not is_refusal:
            visitor.problems.append(message.text)

    def requested(request: Request) -> None:
        if not request.url.startswith((console.base, f"blob:{console.base}")):
            visitor.problems.append(f"request to {urlsplit(request.url).netloc}")

    page.on("console", logged)
    page.on("pageerror", lambda error: visitor.problems.append(str(error)))
    page.on("request", requested)
    if enter:
        page.goto(console.base)
        visitor.settle()
    yield visitor
    page.evaluate("localStorage.clear()")
    page.close()
    assert visitor.problems == []
