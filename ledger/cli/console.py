"""Open a web console: query ledgers, read documents' histories, walk the journal, verify in the browser.

It listens on the loopback address only, and lets in whoever opens the address that it prints. It only reads, unless it
is started with --writable.
"""

import argparse
import logging
import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli.evidence import add_evidence_arguments, opened_evidence
from ledger.cli.places import add_store_arguments, table_name

if TYPE_CHECKING:
    from ledger.console.places import Place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("ledgers", metavar="LEDGER", nargs="*", help="a ledger to show (default: all that are found)")
    add_store_arguments(parser)
    add_evidence_arguments(parser)
    parser.add_argument("--port", type=int, default=8183, help="port to listen on, 0 for a free one (default: 8183)")
    parser.add_argument("--writable", action="store_true", help="let statements change the ledgers")
    parser.add_argument("--extensions", action="store_true", help="allow ORDER BY, LIMIT, OFFSET, GROUP BY and HAVING")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    # Imported only now: the other commands have no use of an HTTP stack.
    from ledger.console.ledgers import Ledgers  # noqa: PLC0415
    from ledger.console.run import serve  # noqa: PLC0415
    from ledger.server.run import listen  # noqa: PLC0415

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    kept = opened_evidence(options)
    ledgers = Ledgers(_place(options), writable=options.writable, extensions=options.extensions)
    with listen("127.0.0.1", options.port) as listening, _browser(options) as opened:

        def ready(address: str) -> None:
            print(f"console on {address}", flush=True)
            opened(address)

        serve(ledgers, listening, ready, kept)
    return 0


def _place(options: argparse.Namespace) -> "Place":
    table = table_name(options)
    if table is None:
        from ledger.console.places import Folder  # noqa: PLC0415

        return Folder(options.data, options.ledgers)
    from ledger.console.table import Table  # noqa: PLC0415 - it needs boto3

    return Table(table, options.ledgers)


@contextmanager
def _browser(options: argparse.Namespace) -> Iterator[Callable[[str], None]]:
    """Give what opens an address in the browser.

    The browser gets a file that leads it there, which nobody else may read: the arguments of a program, and the address
    with its token would be one, are there for every user of the machine to see.
    """
    with tempfile.TemporaryDirectory(prefix="ledger-console-") as folder:
        file = Path(folder) / "open.html"

        def opened(address: str) -> None:
            if options.no_browser or not _has_screen():
                return
            refresh = f'<meta http-equiv="refresh" content="0; url={escape(address)}">'
            file.write_text(f"<!doctype html>{refresh}<title>Ledger console</title>", encoding="utf-8")
            webbrowser.open(file.as_uri())

        yield opened


def _has_screen() -> bool:
    """Tell whether there is one; without, Python would start a browser in the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
