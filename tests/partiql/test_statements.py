"""Statements in fixtures/*.txt, run over tables in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import ion
from ledger.partiql import PartiQLError, compile_statement
from tests.partiql.memory import MemoryTables, example_tables

FIXTURES = Path(__file__).parent / "fixtures"


def blocks(folder: Path = FIXTURES) -> Iterator[pytest.ParameterSet]:
    """The cases: blocks of lines with an empty line between them."""
    for path in sorted(folder.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            lines = [line for line in block.strip("\n").split("\n") if not line.startswith("#")]
            if lines and lines[0]:
                yield pytest.param(lines, id=f"{path.stem}: {lines[0]}")


def steps(lines: list[str]) -> list[tuple[str, list[str], list[str]]]:
    """A block's (statement, parameters, expectations), one after the other."""
    found: list[tuple[str, list[str], list[str]]] = []
    for line in lines:
        if line.startswith("? "):
            found[-1][1].append(line[2:])
        elif line.startswith(("=> ", "!! ")):
            found[-1][2].append(line)
        else:
            found.append((line.replace("\\n", "\n"), [], []))
    return found


def outcome(tables: MemoryTables, statement: str, parameters: list[str], *, extensions: bool = False) -> list[str]:
    """What a statement gives, as the fixtures write it."""
    try:
        compiled = compile_statement(statement, extensions=extensions)
        rows = list(compiled.execute(tables, [ion.parse(source) for source in parameters]))
    except PartiQLError as error:
        if error.message == f"Unsupported PartiQL Statement, Errors at:\nline {error.line}, column {error.column}":
            return [f"!! {error.line}:{error.column}"]
        return [f"!! {error.message}"]
    return [f"=> {ion.text(row)}" for row in rows] or ["=> nothing"]


def normal(expectation: str) -> str:
    """An expected row in the spelling of ion.text."""
    if expectation == "=> nothing" or expectation.startswith("!!"):
        return expectation
    return f"=> {ion.text(ion.parse(expectation[3:]))}"


@pytest.mark.parametrize("lines", list(blocks(FIXTURES / "extensions")))
def test_statements_with_extensions_give_the_rows_or_the_error_of_the_fixture(lines: list[str]) -> None:
    tables = example_tables()
    for statement, parameters, expected in steps(lines):
        assert outcome(tables, statement, parameters, extensions=True) == [normal(row) for row in expected], statement


@pytest.mark.parametrize("lines", list(blocks()))
def test_with_extensions_every_other_statement_gives_the_same(lines: list[str]) -> None:
    words = {"ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING"}
    if words.isdisjoint(" ".join(lines).upper().split()):
        tables = example_tables()
        for statement, parameters, expected in steps(lines):
            assert outcome(tables, statement, parameters, extensions=True) == [normal(row) for row in expected]


@pytest.mark.parametrize("lines", list(blocks()))
def test_statements_give_the_rows_or_the_error_of_the_fixture(lines: list[str]) -> None:
    tables = example_tables()
    for statement, parameters, expected in steps(lines):
        assert outcome(tables, statement, parameters) == [normal(row) for row in expected], statement
