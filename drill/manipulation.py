"""What a manipulation is: what somebody writes, and what the next audit must say of it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from drill.ground import Ground, Writes
from drill.scene import Scene

Named = Mapping[str, Any]
"""Fields that a finding must have; `text`, words that must be in what it says."""


class Attempt(NamedTuple):
    """One try.

    Attributes:
        named: what the audit must name.
        writes: to the ledger's table.
        elsewhere: what else is done, in the archive or to the auditor's notes; it gives words about how that went.
    """

    named: Named
    writes: Writes = MappingProxyType({})
    elsewhere: Callable[[Ground], str] | None = None


class Manipulation(NamedTuple):
    """A kind of manipulation.

    Attributes:
        attempt: gives an attempt on a sound ledger.
        is_refused: the notary, too, must notice: the journal does not continue the notarised one.
        is_taken_in: the auditor takes what was written for new blocks, so that once it is put back it begins anew.
        is_lasting: it cannot be put back: what was notarised stays behind what was put over it.
        loses_notes: the auditor does not know any more when what it finds was still in order.
    """

    name: str
    attempt: Callable[[Scene], Attempt]
    is_refused: bool = False
    is_taken_in: bool = False
    is_lasting: bool = False
    loses_notes: bool = False
