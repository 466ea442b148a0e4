"""How much the long-running tests do: a little in `make test`, much in `make deep`."""

import os

DEEP = os.environ.get("DEEP") == "1"


def examples(usual: int) -> int:
    """How many random cases a test tries, if it usually tries so many."""
    return usual * 20 if DEEP else usual
