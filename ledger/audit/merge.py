"""Two sorted streams side by side, a pair at a time."""

from collections.abc import Iterator
from typing import TypeVar

L = TypeVar("L")
R = TypeVar("R")


def merged(left: Iterator[tuple[str, L]], right: Iterator[tuple[str, R]]) -> Iterator[tuple[str, L | None, R | None]]:
    """Give, for each name in either stream, what each has under it.

    Args:
        left, right: ascending by name, no name twice.
    """
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None  # noqa: S101 - for the type checker
            yield one[0], one[1], None
            one = next(left, None)
        elif one is None or other[0] < one[0]:
            yield other[0], None, other[1]
            other = next(right, None)
        else:
            yield one[0], one[1], other[1]
            one, other = next(left, None), next(right, None)
