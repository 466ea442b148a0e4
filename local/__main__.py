"""`python3 -m local`. This file is read by Pythons that are too old for the others, to say so in one line."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get a sentence, not a SyntaxError
    old = ".".join(map(str, sys.version_info[:2]))
    sys.exit("error: this is Python " + old + "; install Python 3.11 or newer, and name it: make PYTHON=python3.11")

from local.cli import main

sys.exit(main())
