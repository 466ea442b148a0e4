"""Reading arguments: in any order, and what several commands take."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


class MixedParser(argparse.ArgumentParser):
    """A parser that takes options between optional positional arguments, which argparse does only when asked."""

    _is_inside = False

    # The overloads of the parent's signature differ only in the type of the namespace.
    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse as `parse_known_intermixed_args` does, which calls this in turn."""
        if self._is_inside:
            return super().parse_known_args(args, namespace)
        self._is_inside = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_inside = False


def instant(text: str) -> datetime:
    """Return an instant; without a time zone it is UTC.

    Raises:
        ArgumentTypeError: the text is none.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give one such as 2026-01-31T12:00:00Z") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
