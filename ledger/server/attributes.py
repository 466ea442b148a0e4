"""What the control plane knows of a ledger: one cell beside the ledger's own, changed by compare-and-set.

The cell outlives the ledger: its version only grows, so that whoever still deletes the cells of a former ledger of this
name can never touch those of a new one.
"""

from enum import StrEnum
from typing import NamedTuple

from ledger.record import pack, unpack
from ledger.store.base import Key, Store

CONTROL_KEY = Key("ledger", "control")


class State(StrEnum):
    """Of a ledger, by QLDB's names."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"
    DELETED = "DELETED"


class Attributes(NamedTuple):
    """What a client may set. The defaults are those of a ledger that was made by the command line.

    Attributes:
        stream_tags: the tags of journal streams, by stream id.
    """

    permissions_mode: str = "ALLOW_ALL"
    deletion_protection: bool = True
    kms_key: str | None = None
    tags: dict[str, str | None] = {}  # noqa: RUF012 - never changed in place
    state: State = State.ACTIVE
    stream_tags: dict[str, dict[str, str | None]] = {}  # noqa: RUF012 - never changed in place


class Control(NamedTuple):
    """The control cell as it was read; `version` is `None` if there is none yet."""

    attributes: Attributes
    version: int | None


def load(store: Store) -> Control:
    """Return the ledger's attributes."""
    cell = store.get([CONTROL_KEY]).get(CONTROL_KEY)
    if cell is None:
        return Control(Attributes(), None)
    header, _ = unpack(cell.data)
    return Control(Attributes(**{**header, "state": State(header["state"])}), cell.version)


def save(store: Store, attributes: Attributes, version: int | None) -> Control:
    """Write the attributes over the cell's `version`.

    Raises:
        Conflict: the cell has changed since.
    """
    store.commit({CONTROL_KEY: pack(attributes._asdict())}, {CONTROL_KEY: version})
    return Control(attributes, (version or 0) + 1)
