"""CREATE TABLE and CREATE INDEX: one row {tableId}."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ledger.partiql.scope import TABLES_SLOT, Environment, Scope
from ledger.partiql.sources import COMMITTED_PREFIX, existing_table
from ledger.partiql.statements import CreateIndex, CreateTable

_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_MAX_FIELD_NAME = 128


def create_table(statement: CreateTable, scope: Scope) -> Callable[[Environment], Iterator[Any]]:
    """CREATE TABLE: the name is 1 to 128 letters, digits and underscores, not starting with a digit."""
    name = statement.table.text
    if not _TABLE_NAME.fullmatch(name) or name.startswith(COMMITTED_PREFIX):
        complaint = f"'{name[:128]}' is no table name: use 1 to 128 letters, digits and underscores, no digit first"
        raise scope.semantic(statement.table.offset, complaint)
    return lambda env: iter([{"tableId": env[TABLES_SLOT].create_table(name)}])


def create_index(statement: CreateIndex, scope: Scope) -> Callable[[Environment], Iterator[Any]]:
    """CREATE INDEX ON table (field): one top-level field, its name at most 128 characters."""
    table, field = statement.table, statement.field
    if len(field.text) > _MAX_FIELD_NAME:
        complaint = f"the name of an indexed field has at most {_MAX_FIELD_NAME} characters, got {len(field.text)}"
        raise scope.semantic(field.offset, complaint)

    def run(env: Environment) -> Iterator[Any]:
        existing_table(scope, env, table.text, table.offset)
        return iter([{"tableId": env[TABLES_SLOT].create_index(table.text, field.text)}])

    return run
