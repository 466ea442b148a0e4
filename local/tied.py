"""Run by the project's interpreter: a module of the project as `python -m` runs it, which ends with its parent.

The parent holds the other end of standard input. When that closes, even by `kill -9`, the module is asked to stop, and
after `GRACE_SECONDS` it is ended.
"""

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

GRACE_SECONDS = 10


def _stop_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the module that the first argument names, with the others as its own."""
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    sys.path[0] = str(Path(__file__).parents[1])
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
