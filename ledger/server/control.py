"""The control plane: ledgers over REST-JSON (`qldb`, 2019-01-02), and what else has operations there."""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.errors import InvalidParameterException
from ledger.server import bodies, clients, names, tags
from ledger.server.attributes import Attributes
from ledger.server.call import Call, Result
from ledger.server.deliveries import Deliveries
from ledger.server.exports import Exports
from ledger.server.journals import Journals
from ledger.server.names import Account
from ledger.server.paging import page, page_start
from ledger.server.registry import Description, Registry
from ledger.server.streams import Streams
from ledger.server.tagging import Tagging

_MODES = ("ALLOW_ALL", "STANDARD")


class ControlPlane:
    """The operations, each from a call to its result; those that are not on ledgers themselves are in its parts."""

    def __init__(
        self, registry: Registry, deliveries: Deliveries, account: Account, on_delete: Callable[[str], None]
    ) -> None:
        """Serve the ledgers of `registry`.

        Args:
            deliveries: does the work of streams.
            on_delete: is told the name of a ledger whose deletion has begun.
        """
        self._registry = registry
        self._account = account
        self._on_delete = on_delete
        self.journals = Journals(registry)
        self.exports = Exports(registry, clients.s3)
        self.streams = Streams(registry, deliveries, account, clients.kinesis)
        self.tagging = Tagging(registry)

    def create_ledger(self, call: Call) -> Result:
        """CreateLedger."""
        name = names.ledger_name(bodies.text(call.members, "Name"))
        attributes = Attributes(
            _permissions_mode(call.members),
            bodies.boolean(call.members, "DeletionProtection") is not False,
            bodies.text(call.members, "KmsKey"),
            tags.read(bodies.structure(call.members, "Tags") or {}),
        )
        ledger = self._registry.create(name, attributes)
        return {
            **self._summary(ledger),
            "PermissionsMode": attributes.permissions_mode,
            "DeletionProtection": attributes.deletion_protection,
            "KmsKeyArn": self._account.key_arn(attributes.kms_key),
        }

    def describe_ledger(self, call: Call) -> Result:
        """DescribeLedger."""
        ledger = self._registry.describe(call.ledger_name)
        return {**self._updated(ledger), "PermissionsMode": ledger.attributes.permissions_mode}

    def list_ledgers(self, call: Call) -> Result:
        """ListLedgers."""
        return page(call, "Ledgers", self._registry.all(page_start(call)), _listed, lambda ledger: ledger.name)

    def update_ledger(self, call: Call) -> Result:
        """UpdateLedger."""
        protection = bodies.boolean(call.members, "DeletionProtection")
        key = bodies.text(call.members, "KmsKey")

        def changed(known: Attributes) -> Attributes:
            return known._replace(
                deletion_protection=known.deletion_protection if protection is None else protection,
                kms_key=known.kms_key if key is None else key,
            )

        return self._updated(self._registry.change(call.ledger_name, changed))

    def update_permissions_mode(self, call: Call) -> Result:
        """UpdateLedgerPermissionsMode."""
        mode = _permissions_mode(call.members)
        ledger = self._registry.change(call.ledger_name, lambda known: known._replace(permissions_mode=mode))
        return {"Name": ledger.name, "Arn": self._account.ledger_arn(ledger.name), "PermissionsMode": mode}

    def delete_ledger(self, call: Call) -> Result:
        """DeleteLedger."""
        name = call.ledger_name
        self._registry.delete(name)
        self._on_delete(name)
        return {}

    def _summary(self, ledger: Description) -> dict[str, Any]:
        return {**_listed(ledger), "Arn": self._account.ledger_arn(ledger.name)}

    def _updated(self, ledger: Description) -> dict[str, Any]:
        key = self._account.key_arn(ledger.attributes.kms_key)
        return {
            **self._summary(ledger),
            "DeletionProtection": ledger.attributes.deletion_protection,
            "EncryptionDescription": {"KmsKeyArn": key, "EncryptionStatus": "ENABLED"},
        }


def _listed(ledger: Description) -> dict[str, Any]:
    return {"Name": ledger.name, "State": ledger.state, "CreationDateTime": ledger.created}


def _permissions_mode(members: Mapping[str, Any]) -> str:
    mode = bodies.text(members, "PermissionsMode")
    if mode not in _MODES:
        raise InvalidParameterException(f"PermissionsMode is {mode!r}: give {' or '.join(_MODES)}", "PermissionsMode")
    return mode
