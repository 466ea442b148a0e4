"""A rule for one field of a request, said twice from one place: a check for the function, a schema for who calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")

Schema = Mapping[str, Any]
"""A JSON Schema (draft 2020-12), which OpenAPI 3.1 takes as it is."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[Value]):
    """What a field may hold.

    `check` takes a value read by `lambdas.jsontext` and the field's name; it gives the value as the wallet uses it, or
    raises BadInputError. `schema` MUST allow every value that `check` takes, and SHOULD allow no other.
    """

    check: Callable[[Any, str], Value]
    schema: Schema
