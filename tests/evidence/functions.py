"""Calling the functions as Lambda does, and reading what they write into the log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger


class Context:
    """What Lambda tells a function about a call."""

    def __init__(self, seconds: float = 900) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


class Log(NamedTuple):
    """Where a function writes: its metrics to standard output, the rest through its logger."""

    capsys: Any
    lines: StringIO

    def entries(self) -> list[dict[str, Any]]:
        """Give what was logged since the last look."""
        text = self.lines.getvalue()
        self.lines.seek(0)
        self.lines.truncate()
        return [json.loads(line) for line in text.splitlines()]

    def metrics(self) -> dict[str, tuple[list[float], str]]:
        """Give value and unit of what was measured since the last look, once it is filed where alarms look for it."""
        text = self.capsys.readouterr().out
        if not text:
            return {}
        written = json.loads(text)
        [described] = written["_aws"]["CloudWatchMetrics"]
        filed = described["Namespace"], described["Dimensions"], written["Ledger"]
        assert filed == ("VerifiableLedger", [["Ledger"]], "demo")
        return {each["Name"]: (written[each["Name"]], each["Unit"]) for each in described["Metrics"]}


@contextmanager
def log_of(logger: Logger, capsys: Any) -> Iterator[Log]:
    """Catch what a function writes."""
    handler = logger.registered_handler
    before = handler.stream
    log = Log(capsys, StringIO())
    handler.stream = log.lines
    yield log
    handler.stream = before
