"""COUNT, SUM, MIN, MAX and AVG over all rows. NULL and MISSING do not count; over nothing all but COUNT give NULL."""

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import Any

from ledger.comparison import compare
from ledger.partiql.operators import OperandError, arithmetic, number
from ledger.partiql.values import UNKNOWN_TYPES


class Accumulator(ABC):
    """Takes the known values of an aggregate one by one."""

    def __init__(self) -> None:
        self.count = 0

    def take(self, value: Any) -> None:
        """Take the value of one row."""
        if type(value) not in UNKNOWN_TYPES:
            self.count += 1
            self.add(value)

    @abstractmethod
    def add(self, value: Any) -> None:
        """Take one known value; raises OperandError if it does not fit."""

    @abstractmethod
    def result(self) -> Any:
        """Return the aggregate of what was taken."""


class _Count(Accumulator):
    def add(self, value: Any) -> None:
        pass

    def result(self) -> int:
        return self.count


class _Sum(Accumulator):
    def __init__(self) -> None:
        super().__init__()
        self.total: Any = 0

    def add(self, value: Any) -> None:
        self.total = number(value) if self.count == 1 else arithmetic("+", self.total, value)

    def result(self) -> Any:
        return self.total if self.count else None


class _Average(_Sum):
    def result(self) -> Any:
        if not self.count:
            return None
        total = Decimal(self.total) if isinstance(self.total, int) else self.total
        return arithmetic("/", total, self.count)


class _Extreme(Accumulator):
    sign = 1

    def __init__(self) -> None:
        super().__init__()
        self.best: Any = None

    def add(self, value: Any) -> None:
        order = -1 if self.count == 1 else compare(value, self.best)
        if order is None:
            raise OperandError("MIN and MAX need values that compare with each other")
        if self.count == 1 or order * self.sign < 0:
            self.best = value

    def result(self) -> Any:
        return self.best


class _Min(_Extreme):
    sign = 1


class _Max(_Extreme):
    sign = -1


ACCUMULATORS: dict[str, type[Accumulator]] = {"COUNT": _Count, "SUM": _Sum, "MIN": _Min, "MAX": _Max, "AVG": _Average}
