"""What defines tables and indexes: one row {tableId}."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ledger import ion
from ledger.partiql.compiler import compiled
from ledger.partiql.copying import is_struct
from ledger.partiql.scope import TABLES_SLOT, Environment, Evaluate, Scope
from ledger.partiql.sources import COMMITTED_PREFIX, existing_table
from ledger.partiql.statements import CreateIndex, CreateTable, DropIndex, DropTable, UndropTable
from ledger.partiql.values import text_of

_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_MAX_FIELD_NAME = 128
_MAX_TAGS = 50
_MAX_TAG_KEY = 128
_MAX_TAG_VALUE = 256

Run = Callable[[Environment], Iterator[Any]]


def create_table(statement: CreateTable, scope: Scope) -> Run:
    """CREATE TABLE: the name is 1 to 128 letters, digits and underscores, not starting with a digit."""
    name = statement.table.text
    if not _TABLE_NAME.fullmatch(name) or name.startswith(COMMITTED_PREFIX):
        complaint = f"'{name[:128]}' is no table name: use 1 to 128 letters, digits and underscores, no digit first"
        raise scope.semantic(statement.table.offset, complaint)
    value = None if statement.tags is None else compiled(statement.tags, scope)
    return lambda env: _row(env[TABLES_SLOT].create_table(name, _tags(value, env, scope, statement.offset)))


def _tags(value: Evaluate | None, env: Environment, scope: Scope, offset: int) -> dict[str, str]:
    found = {} if value is None else value(env)
    tags = {key: text_of(tag) for key, tag in ion.fields(found)} if is_struct(found) else {"": None}
    if len(tags) > _MAX_TAGS or not all(map(_is_tag, tags.items())):
        complaint = (
            f"aws_tags takes a struct of up to {_MAX_TAGS} texts, keys of 1 to 128 characters, values of 0 to 256"
        )
        raise scope.semantic(offset, complaint)
    return {key: tag for key, tag in tags.items() if tag is not None}


def _is_tag(tag: tuple[str, str | None]) -> bool:
    key, value = tag
    return 0 < len(key) <= _MAX_TAG_KEY and value is not None and len(value) <= _MAX_TAG_VALUE


def drop_table(statement: DropTable, scope: Scope) -> Run:
    """DROP TABLE: the table becomes inactive; its documents and history stay."""
    name = statement.table

    def run(env: Environment) -> Iterator[Any]:
        existing_table(scope, env, name.text, name.offset)
        return _row(env[TABLES_SLOT].drop_table(name.text))

    return run


def undrop_table(statement: UndropTable, _scope: Scope) -> Run:
    """UNDROP TABLE "id": an inactive table is active again, as it was."""
    return lambda env: _row(env[TABLES_SLOT].undrop_table(statement.table_id.text))


def create_index(statement: CreateIndex, scope: Scope) -> Run:
    """CREATE INDEX ON table (field): one top-level field, its name at most 128 characters."""
    table, field = statement.table, statement.field
    if len(field.text) > _MAX_FIELD_NAME:
        complaint = f"the name of an indexed field has at most {_MAX_FIELD_NAME} characters, got {len(field.text)}"
        raise scope.semantic(field.offset, complaint)

    def run(env: Environment) -> Iterator[Any]:
        existing_table(scope, env, table.text, table.offset)
        return _row(env[TABLES_SLOT].create_index(table.text, field.text))

    return run


def drop_index(statement: DropIndex, scope: Scope) -> Run:
    """DROP INDEX "id" ON table WITH (purge = true)."""
    table = statement.table

    def run(env: Environment) -> Iterator[Any]:
        existing_table(scope, env, table.text, table.offset)
        return _row(env[TABLES_SLOT].drop_index(table.text, statement.index_id.text))

    return run


def _row(table_id: str) -> Iterator[Any]:
    return iter([{"tableId": table_id}])
