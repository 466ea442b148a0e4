"""Run by the cloud's own interpreter: ministack, which ends with its parent however the parent ends.

The parent holds the other end of standard input. When that closes, even by `kill -9`, ministack is asked to stop, and
after `GRACE_SECONDS` its whole process group is killed. The warm processes of functions are in that group.
"""

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

GRACE_SECONDS = 30


def _stop_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Serve until asked to stop, then stop the functions' processes too and say that the state was saved to its end."""
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    runpy.run_path(str(Path(__file__).with_name("object_lock.py")))["complete"]()
    if os.environ["AUTH"] == "true":
        runpy.run_path(str(Path(__file__).with_name("iam_context.py")))["complete"]()
    sys.argv = ["ministack"]
    try:
        runpy.run_module("ministack", run_name="__main__")
        Path(os.environ["STATE_DIR"], "stopped").touch()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)


if __name__ == "__main__":
    main()
