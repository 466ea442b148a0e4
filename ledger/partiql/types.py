"""The names of types, and what IS tests by them."""

from collections.abc import Callable
from typing import Any

from ledger import ion
from ledger.comparison import Bag
from ledger.ion import IonType
from ledger.partiql.cursor import Cursor
from ledger.partiql.values import MISSING, UNKNOWN_TYPES

ION_TYPES: dict[str, frozenset[IonType]] = {
    **dict.fromkeys(("BOOL", "BOOLEAN"), frozenset({IonType.BOOL})),
    **dict.fromkeys(("INT", "INTEGER", "SMALLINT"), frozenset({IonType.INT})),
    **dict.fromkeys(("FLOAT", "REAL", "DOUBLE PRECISION"), frozenset({IonType.FLOAT})),
    **dict.fromkeys(("DECIMAL", "DEC", "NUMERIC"), frozenset({IonType.DECIMAL})),
    **dict.fromkeys(("STRING", "VARCHAR", "CHAR", "CHARACTER"), frozenset({IonType.STRING})),
    **dict.fromkeys(("STRUCT", "TUPLE"), frozenset({IonType.STRUCT})),
    "TIMESTAMP": frozenset({IonType.TIMESTAMP}),
    "SYMBOL": frozenset({IonType.SYMBOL}),
    "BLOB": frozenset({IonType.BLOB}),
    "CLOB": frozenset({IonType.CLOB}),
    "LIST": frozenset({IonType.LIST}),
    "SEXP": frozenset({IonType.SEXP}),
}


def type_name(cursor: Cursor) -> str:
    """Read the name of a type, NULL and MISSING included."""
    token = cursor.token
    name = f"{token.kind} PRECISION" if token.kind == "DOUBLE" else token.kind
    if name not in TYPE_TESTS:
        cursor.fail("expected NULL, MISSING or a type's name")
    cursor.advance()
    if token.kind == "DOUBLE":
        cursor.expect("PRECISION")
    return name


def _is_of(ion_types: frozenset[IonType]) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        return type(value) not in UNKNOWN_TYPES and type(value) is not Bag and ion.type_of(value) in ion_types

    return test


TYPE_TESTS: dict[str, Callable[[Any], bool]] = {
    "NULL": lambda value: type(value) in UNKNOWN_TYPES,
    "MISSING": lambda value: value is MISSING,
    "BAG": lambda value: type(value) is Bag,
    **{name: _is_of(ion_types) for name, ion_types in ION_TYPES.items()},
}
"""Type name to test. NULL holds for MISSING too; a typed null is NULL and of no other type."""
