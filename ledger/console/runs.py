"""The statements that pages have started: found again by their id, to get more rows of them or to stop them."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from ledger.console.errors import ResultGoneException, StatementStoppedException
from ledger.console.statements import Execution, Page, require_query
from ledger.console.watch import Watch
from ledger.ledger import Ledger

_SECONDS = 20.0
_KEPT_SECONDS = 300.0
_MOST_KEPT = 20


class _Run:
    """A statement that runs, or whose rows have not all been fetched."""

    def __init__(self, execution: Execution, watch: Watch) -> None:
        self.execution = execution
        self.watch = watch
        self.lock = threading.Lock()
        self.used = time.monotonic()


class Runs:
    """All of them. Safe to use from several threads."""

    def __init__(self, *, writable: bool, seconds: float = _SECONDS) -> None:
        """Begin with none.

        Args:
            seconds: how long a statement may take until its next page of rows.
        """
        self._is_writable = writable
        self._seconds = seconds
        self._runs: dict[str, _Run] = {}
        self._stopped_early = deque[str](maxlen=_MOST_KEPT)
        self._is_over = False
        self._lock = threading.RLock()  # a signal may stop all while another one does

    def start(self, run_id: str, ledger: Ledger, text: str, parameters: Sequence[str]) -> Page:
        """Run a statement and return its first rows; `run_id`, which the page makes up, names it from now on."""
        if not self._is_writable:
            require_query(text, extensions=ledger.extensions)
        watch = Watch(self._seconds)
        run = _Run(Execution(ledger, text, parameters, watch), watch)
        with run.lock:  # held before anybody can find it: whoever asks for its rows waits until it has begun
            self._keep(run_id, run)
            return self._page(run_id, run, run.execution.start)

    def more(self, run_id: str) -> Page:
        """Return the next rows.

        Raises:
            ResultGoneException: there are none, or they are not kept any more.
        """
        run = self._kept(run_id)
        with run.lock:
            if self._kept(run_id) is not run:  # it ended while this call waited for it
                raise ResultGoneException
            return self._page(run_id, run, run.execution.more)

    def stop(self, run_id: str) -> None:
        """Have a statement end, and forget its rows; if there is none of this id yet, it shall not begin."""
        with self._lock:
            run = self._runs.pop(run_id, None)
            if run is None:
                self._stopped_early.append(run_id)  # a request to stop may overtake the one to start
        if run is not None:
            run.watch.stop()

    def stop_all(self) -> None:
        """Have every statement end, and none begin any more."""
        with self._lock:
            self._is_over = True
            for run_id in list(self._runs):
                self.stop(run_id)

    def _keep(self, run_id: str, run: _Run) -> None:
        with self._lock:
            if self._is_over or run_id in self._stopped_early:
                raise StatementStoppedException
            self._make_room()
            self._runs[run_id] = run

    def _kept(self, run_id: str) -> _Run:
        with self._lock:
            run = self._runs.get(run_id)
        if run is None:
            raise ResultGoneException
        return run

    def _page(self, run_id: str, run: _Run, step: Callable[[], Page]) -> Page:
        is_done = True
        try:
            page = step()
            is_done = page.is_last
        finally:
            run.used = time.monotonic()
            if is_done:
                with self._lock:
                    self._runs.pop(run_id, None)
        return page

    def _make_room(self) -> None:
        longest_unused = sorted(self._runs, key=lambda run_id: self._runs[run_id].used)
        too_many = len(longest_unused) - _MOST_KEPT + 1
        oldest = time.monotonic() - _KEPT_SECONDS
        for position, run_id in enumerate(longest_unused):
            if position < too_many or self._runs[run_id].used < oldest:
                self._runs.pop(run_id).watch.stop()
