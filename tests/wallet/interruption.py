"""Calls at the same moment: left to chance in threads, or at a point that the test chooses."""

import threading


def run_together(*calls):
    """Run the calls at the same moment; give how each ended."""
    ends: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(position, call):
        barrier.wait()
        try:
            ends[position] = call()
        except Exception as error:
            ends[position] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


class Overtaken:
    """A driver whose next transaction is overtaken.

    Runs `interruption` once: in the first run of the next transaction, when `after` statements have been executed.
    """

    def __init__(self, driver, interruption, *, after):
        self._driver = driver
        self._interruption = interruption
        self._after = after
        self.runs = 0

    def execute_lambda(self, act):
        def overtaken(txn):
            self.runs += 1
            return act(txn if self.runs > 1 else _Executor(txn, self._interruption, self._after))

        return self._driver.execute_lambda(overtaken)


class _Executor:
    def __init__(self, txn, interruption, after):
        self._txn = txn
        self._interruption = interruption
        self._left = after

    @property
    def transaction_id(self):
        return self._txn.transaction_id

    def execute_statement(self, statement, *parameters):
        rows = list(self._txn.execute_statement(statement, *parameters))
        self._left -= 1
        if self._left == 0:
            self._interruption()
        return rows
