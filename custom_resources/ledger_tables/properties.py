"""The custom resource's properties, checked and typed: CloudFormation hands over every scalar as a string."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

LEDGER_NAME = re.compile(r"(?!^.*--)(?!^[0-9]+$)(?!^-)(?!.*-$)^[A-Za-z0-9-]{1,32}$")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
MAX_STRANDS = 32
KNOWN = frozenset(
    {"ServiceToken", "ServiceTimeout", "LedgerName", "LedgerTable", "Strands", "Tables", "DropUnlistedIndexes"}
)


class PropertyError(ValueError):
    """A property is missing or not as it must be; the message says which and what to write instead."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that the ledger shall have, and the top-level fields that it is indexed by."""

    name: str
    indexes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Properties:
    """What the ledger shall be like. `ledger_table` is the DynamoDB table that holds its cells."""

    ledger_name: str
    ledger_table: str
    strands: int
    tables: tuple[Table, ...]
    drop_unlisted_indexes: bool

    @classmethod
    def parse(cls, properties: Mapping[str, Any]) -> Self:
        """Read the ResourceProperties of an event. Raises PropertyError."""
        unknown = sorted(set(properties) - KNOWN)
        if unknown:
            raise PropertyError(f"unknown property {', '.join(unknown)}; write one of {', '.join(sorted(KNOWN))}")
        return cls(
            ledger_name=_text(properties, "LedgerName", LEDGER_NAME, "letters, digits and single inner hyphens"),
            ledger_table=_text(properties, "LedgerTable", re.compile(".+"), "the name of the DynamoDB table"),
            strands=_strands(properties.get("Strands")),
            tables=_tables(properties.get("Tables")),
            drop_unlisted_indexes=_flag(properties.get("DropUnlistedIndexes", "false"), "DropUnlistedIndexes"),
        )


def _text(properties: Mapping[str, Any], name: str, pattern: re.Pattern[str], form: str) -> str:
    value = properties.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise PropertyError(f"{name} is {_shown(value)}; write {form}")
    return value


def _strands(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MAX_STRANDS:
        raise PropertyError(f"Strands is {_shown(value)}; write a whole number from 1 to {MAX_STRANDS}")
    return int(text)


def _tables(value: Any) -> tuple[Table, ...]:
    if not isinstance(value, list) or not value:
        raise PropertyError(f'Tables is {_shown(value)}; write a list such as [{{"Name": "t", "Indexes": ["f"]}}]')
    tables = tuple(_table(item) for item in value)
    _no_twice([table.name for table in tables], "Tables")
    return tables


def _table(value: Any) -> Table:
    if not isinstance(value, Mapping) or not {"Name"} <= set(value) <= {"Name", "Indexes"}:
        raise PropertyError(f'Tables holds {_shown(value)}; write {{"Name": "t", "Indexes": ["f"]}}')
    name, indexes = value["Name"], value.get("Indexes", [])
    if not isinstance(indexes, list):
        raise PropertyError(f"Indexes of table {_shown(name)} is {_shown(indexes)}; write a list of field names")
    table = Table(_name(name, "a table"), tuple(_name(field, "an index") for field in indexes))
    _no_twice(table.indexes, f"Indexes of table {table.name}")
    return table


def _name(value: Any, what: str) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise PropertyError(f"{what} is named {_shown(value)}; write a letter or _, then letters, digits and _")
    return value


def _flag(value: Any, name: str) -> bool:
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise PropertyError(f'{name} is {_shown(value)}; write "true" or "false"')
    return text == "true"


def _no_twice(names: list[str] | tuple[str, ...], where: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PropertyError(f"{where} lists {', '.join(twice)} twice; list it once")


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:100]
