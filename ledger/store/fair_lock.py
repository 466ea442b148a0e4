"""A lock that is given to threads in the order in which they asked for it."""

import threading
from collections import deque


class FairLock:
    """First come, first served; `threading.Lock` may leave a thread waiting for ever while others take turns."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._queue: deque[threading.Event] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for the lock for at most `timeout` seconds; tell whether it was given."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Event()
            self._queue.append(turn)
        if turn.wait(timeout):
            return True
        with self._guard:
            if turn.is_set():  # given at the last moment
                return True
            self._queue.remove(turn)
            return False

    def release(self) -> None:
        """Hand the lock to who has waited longest."""
        with self._guard:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._held = False
