"""A call of the control plane as its operations get it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ledger.server import names


class Call(NamedTuple):
    """A request: the parts of its path and the parameters of its query decoded, its body read."""

    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    members: Mapping[str, Any]

    def parameter(self, name: str) -> str | None:
        """Return the first query parameter of this name."""
        return next((value for key, value in self.query if key == name), None)

    @property
    def ledger_name(self) -> str:
        """Return the ledger's name in the path.

        Raises:
            InvalidParameterException: it cannot be one.
        """
        return names.ledger_name(self.path["name"])


Result = Mapping[str, Any]
