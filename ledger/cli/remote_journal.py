"""A journal behind a server that speaks QLDB, by boto3."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError

from ledger import ion
from ledger.cli.errors import UsageError
from ledger.cli.journal import Journal, Shown
from ledger.cli.shell.endpoint import EndpointError, client_of
from ledger.control.digest import Digest
from ledger.errors import InvalidParameterException


@contextmanager
def opened_remote_journal(endpoint_url: str, ledger_name: str) -> Iterator[Journal]:
    """Open the journal of a ledger behind an endpoint, in the region and with the credentials that boto3 finds."""
    with closing(client_of("qldb", endpoint_url, None)) as client:
        yield _Remote(client, ledger_name)


class _Remote:
    """A journal behind a server."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def digest(self) -> Digest:
        answer = self._ask("get_digest")
        return Digest(answer["Digest"], answer["DigestTipAddress"]["IonText"])

    def block(self, address: str, tip: str | None) -> Shown:
        return _shown("Block", self._ask("get_block", **_addresses(address, tip)))

    def revision(self, address: str, document_id: str, tip: str | None) -> Shown:
        return _shown("Revision", self._ask("get_revision", DocumentId=document_id, **_addresses(address, tip)))

    def address(self, document_id: str, version: int | None) -> str:  # noqa: ARG002 - a server cannot tell
        raise UsageError("a server does not say where a document is: give --block-address too, from its committed view")

    def _ask(self, operation: str, **members: Any) -> Mapping[str, Any]:
        # The client makes its exceptions from the model of the service.
        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)(Name=self._name, **members)
        except self._client.exceptions.InvalidParameterException as error:
            response = error.response
            message, parameter = response["Error"]["Message"], response.get("ParameterName", "")
            raise InvalidParameterException(message, parameter) from error
        except BotoCoreError as error:
            raise EndpointError(str(error)) from error
        return answer


def _addresses(address: str, tip: str | None) -> dict[str, dict[str, str]]:
    given = {"BlockAddress": {"IonText": address}}
    return given if tip is None else {**given, "DigestTipAddress": {"IonText": tip}}


def _shown(name: str, answer: Mapping[str, Any]) -> Shown:
    proof = ion.parse(answer["Proof"]["IonText"]) if "Proof" in answer else None
    return Shown(ion.parse(answer[name]["IonText"]), proof)
