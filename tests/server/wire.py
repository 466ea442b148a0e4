"""Requests as bytes on the wire, and a session of them."""

import http.client
import json
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from ledger import ion
from ledger.journal.hashing import dot

HEADERS = {"X-Amz-Target": "QLDBSession.SendCommand", "Content-Type": "application/x-amz-json-1.0"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str, str]:
        """Status, name and message, after a look at whether the name stands in both its places."""
        assert self.headers["x-amzn-errortype"] == self.json["__type"]
        return self.status, self.json["__type"], self.json["Message"]


def request(port: int, method: str, path: str, body: bytes = b"", headers=()) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, dict(headers), encode_chunked="Transfer-Encoding" in dict(headers))
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def send(port: int, body: Any, **headers: str) -> Answer:
    """Send one SendCommand; `body` is bytes, or becomes JSON."""
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request(port, "POST", "/", encoded, {**HEADERS, **headers})


class Session:
    """A session on a ledger, opened by its first request."""

    def __init__(self, port: int, ledger_name: str) -> None:
        self.port = port
        self.ledger_name = ledger_name
        self.renew()

    def renew(self) -> None:
        """Leave the session, if there is one, for a new one."""
        self.started = send(self.port, {"StartSession": {"LedgerName": self.ledger_name}})
        self.token = self.started.json["StartSession"]["SessionToken"]

    def send(self, command: str, **members: Any) -> Answer:
        return send(self.port, {"SessionToken": self.token, command: members})

    def done(self, command: str, **members: Any) -> Any:
        answer = self.send(command, **members)
        assert answer.status == 200, answer.body
        return answer.json[command]

    def begin(self) -> str:
        self.transaction_id = self.done("StartTransaction")["TransactionId"]
        self.digest = ion.digest(self.transaction_id)
        return self.transaction_id

    def execute(self, statement: str, *parameters: Any) -> Answer:
        digest, holders = ion.digest(statement), []
        for parameter in parameters:
            digest = dot(digest, ion.digest(parameter))
            holders.append({"IonBinary": b64encode(ion.dumps(parameter)).decode()})
        self.digest = dot(self.digest, digest)
        return self.send("ExecuteStatement", TransactionId=self.transaction_id, Statement=statement, Parameters=holders)

    def commit(self) -> Answer:
        return self.send(
            "CommitTransaction", TransactionId=self.transaction_id, CommitDigest=b64encode(self.digest).decode()
        )


def rows(page: Any) -> list[str]:
    """The rows of a page as Ion text."""
    return [ion.text(ion.loads(b64decode(value["IonBinary"]))) for value in page["Values"]]
