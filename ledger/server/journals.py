"""The control plane's operations on one journal: its digest, and blocks and revisions with proofs."""

from collections.abc import Mapping
from typing import Any

from ledger import ion
from ledger.control.block import get_block
from ledger.control.digest import get_digest
from ledger.control.revision import get_revision
from ledger.ledger import Ledger
from ledger.server import bodies
from ledger.server.attributes import State
from ledger.server.call import Call, Result
from ledger.server.errors import ResourceNotFoundException
from ledger.server.registry import Registry


class Journals:
    """The operations, each from a call to its result."""

    def __init__(self, registry: Registry) -> None:
        """Serve the ledgers of `registry`."""
        self._registry = registry

    def get_digest(self, call: Call) -> Result:
        """GetDigest."""
        digest = get_digest(self._ledger(call))
        return {"Digest": digest.digest, "DigestTipAddress": {"IonText": digest.tip_address}}

    def get_block(self, call: Call) -> Result:
        """GetBlock."""
        address, tip = _ion_text(call.members, "BlockAddress"), _tip(call)
        found = get_block(self._ledger(call), address, tip)
        return {"Block": {"IonText": ion.text(found.block)}, **_proof(found.proof)}

    def get_revision(self, call: Call) -> Result:
        """GetRevision."""
        address, tip = _ion_text(call.members, "BlockAddress"), _tip(call)
        document_id = bodies.required(bodies.text(call.members, "DocumentId"), "DocumentId")
        found = get_revision(self._ledger(call), address, document_id, tip)
        return {"Revision": {"IonText": ion.text(found.revision)}, **_proof(found.proof)}

    def _ledger(self, call: Call) -> Ledger:
        return active_ledger(self._registry, call.ledger_name)


def active_ledger(registry: Registry, name: str) -> Ledger:
    """Return the ledger of this name.

    Raises:
        ResourceNotFoundException: there is none, or it is being deleted.
    """
    if registry.describe(name).state is not State.ACTIVE:
        raise ResourceNotFoundException(f"The Ledger with name {name} is not found", name)
    return registry.open(name)


def _tip(call: Call) -> str | None:
    return None if call.members.get("DigestTipAddress") is None else _ion_text(call.members, "DigestTipAddress")


def _ion_text(members: Mapping[str, Any], name: str) -> str:
    return bodies.required(bodies.text(bodies.structure(members, name) or {}, "IonText"), name)


def _proof(hashes: list[bytes] | None) -> Result:
    return {} if hashes is None else {"Proof": {"IonText": ion.text(hashes)}}
