"""Makes the pictures of docs/console.md: the console on ledgers full of wallets, in Chromium.

python -m tools.console_pictures
"""

import tempfile
from pathlib import Path
from typing import Any, ClassVar

from local import paths
from tests.console import wallets
from tests.console.browsers import DARK, PHONE, Visitor, launched, signed_in, visiting
from tests.console.processes import Console, running
from tests.console.wallets import Wallets

IMAGES = paths.ROOT / "docs" / "images"
_WIDE = {"viewport": {"width": 1200, "height": 780}}
_HIGH = {"viewport": {"width": 1200, "height": 1080}}
_STATEMENT = (
    "SELECT w.email, w.username, w.CurrentBalance, w.kind\nFROM wallettable AS w\nWHERE w.CurrentBalance > 1000"
)


class Pictures:
    """The pictures, each made by the method of its name, and how the browser is set for it."""

    options: ClassVar[dict[str, dict[str, Any]]] = {
        "query": _WIDE,
        "document": _WIDE,
        "journal": {**_HIGH, **DARK},
        "verification": _WIDE,
        "audit": _WIDE,
        "phone": {**PHONE, **DARK},
    }

    def __init__(self, console: Console, made: Wallets) -> None:
        self._console = console
        self._wallets = made

    def query(self, visitor: Visitor) -> None:
        """Run a statement."""
        visitor.go("captable1", "query")
        visitor.page.get_by_label("PartiQL statements").fill(_STATEMENT)
        visitor.page.get_by_label("PartiQL statements").press("Control+Enter")

    def document(self, visitor: Visitor) -> None:
        """Read a history."""
        visitor.go("captable1", "document", self._wallets.ana, version=24)

    def journal(self, visitor: Visitor) -> None:
        """Walk the chain."""
        strand = self._console.get("/api/ledgers/captable4")["strands"][1]["strandId"]
        visitor.go("captable4", "journal", strand, "20")
        visitor.page.evaluate("scrollTo(0, 180)")

    def verification(self, visitor: Visitor) -> None:
        """Verify against a digest of which one character was changed."""
        visitor.go("captable1", "verification", document=self._wallets.ana)
        visitor.button("Get digest").click()
        visitor.button("Verify against it").click()
        visitor.button("Change one character").click()
        visitor.button("Verify").click()
        visitor.page.wait_for_selector(".verdict")
        visitor.page.evaluate("scrollTo(0, 0)")

    def audit(self, visitor: Visitor) -> None:
        """See a notarised digest checked."""
        visitor.go("captable4", "audit")
        visitor.page.locator(".records summary").nth(2).click()

    def phone(self, visitor: Visitor) -> None:
        """Read a history on a phone, in the dark."""
        visitor.go("captable1", "document", self._wallets.ana)


def main() -> None:
    """Make them all."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = wallets.make(Path(folder))
        words = ("--data", ".", "--digests", made.evidence.name, "--public-key", made.public_key.name)
        place = {"folder": made.folder, "environment": {"PYTHONPATH": str(paths.ROOT)}}
        with running(*words, **place) as console, launched() as browser:
            pictures = Pictures(console, made)
            for name, options in pictures.options.items():
                with signed_in(browser, console, **options) as context, visiting(context, console) as visitor:
                    getattr(pictures, name)(visitor)
                    visitor.settle()
                    visitor.page.screenshot(path=IMAGES / f"console-{name}.png")


if __name__ == "__main__":
    main()
