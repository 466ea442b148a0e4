"""Make everything anew that is derived from the journal: documents, history, indexes and the catalog.

Nobody may write to the ledger meanwhile. The journal is checked first; if it is damaged, nothing is written. A rebuild
that is interrupted goes on when it is started again.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice

from ledger.cli.checkpoints import add_checkpoint_argument, checkpoint, tell_of_interruption
from ledger.cli.places import add_place_arguments, opened_store
from ledger.cli.progress import shown_progress
from ledger.rebuild import JournalDamagedError, Rebuild


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)
    add_checkpoint_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object: what was read and written")


def run(options: argparse.Namespace) -> int:
    """Rebuild, and say how much was written."""
    with (
        opened_store(options) as store,
        _without_server(options),
        checkpoint(options, "rebuild") as file,
        shown_progress() as progress,
        closing(Rebuild(store, options.ledger, checkpoint=file, progress=progress)) as rebuild,
    ):
        tell_of_interruption(rebuild.check, file)
        try:
            rebuild.run()
        except JournalDamagedError as error:
            progress.close()
            for where, what in islice(error.findings, 1, None):
                print(f"{where}: {what}", file=sys.stderr)
            raise
        progress.close()
        _tell(rebuild, options)
    return 0


def _tell(rebuild: Rebuild, options: argparse.Namespace) -> None:
    expected, written = rebuild.check.expected, rebuild.written
    known = {"blocks": expected.blocks(), "documents": expected.document_count(), "written": written}
    if options.json:
        print(json.dumps({"ledger": options.ledger, **known}))
    else:
        print(f"ledger {options.ledger}: {known['blocks']} blocks read, {written} cells were wrong and are made anew")


@contextmanager
def _without_server(options: argparse.Namespace) -> Iterator[None]:
    """Keep a server from using the folder meanwhile; of a table nobody can tell."""
    if options.data is None:
        yield
        return
    from ledger.server.stores import FolderStores  # noqa: PLC0415 - the lock of a folder is the server's

    with closing(FolderStores(options.data)):
        yield
