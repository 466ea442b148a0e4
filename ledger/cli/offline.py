"""Verifying a receipt with files alone: no ledger, no network, nothing of AWS."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from ledger.cli.errors import UsageError
from ledger.verification.receipt import verify_receipt
from ledger.verification.shapes import Step

_OF_A_LEDGER = ("ledger", "data", "store", "endpoint", "document", "version", "block_address", "answer")


def steps(options: argparse.Namespace) -> Iterator[Step]:
    """Return the steps of verifying the receipt that the arguments name.

    Raises:
        UsageError: an argument is missing or has no meaning for a receipt, or a file cannot be read.
        NotProvenError: from the iterator: the step that failed.
    """
    if meaningless := [name for name in _OF_A_LEDGER if getattr(options, name) is not None]:
        named = meaningless[0].replace("_", "-")
        shown = "LEDGER" if named == "ledger" else f"--{named}"
        raise UsageError(f"a receipt is verified without any ledger: leave {shown} out, or leave --receipt out")
    if options.public_key is None:
        raise UsageError("a receipt is verified with the notary's key: give --public-key FILE, in PEM")
    receipt, digest, key = (_read(path) for path in (options.receipt, options.digest, options.public_key))
    return verify_receipt(receipt, digest, key.decode("utf-8", "replace"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
