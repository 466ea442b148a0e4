"""Reading arguments in any order."""

import argparse
from collections.abc import Sequence
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
