"""What roles may do with the cells of a ledger, and what nobody may.

Every partition key begins with the ledger's name and the kind of what is in it, so policies can tell blocks from
indexes (`dynamodb:LeadingKeys`). What they cannot tell is whether a PutItem makes a new item or replaces one: see
docs/controls.md.
"""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam

READ_ACTIONS = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
"""What a transaction that only reads needs. TransactGetItems is authorised as GetItem."""

_LEADING_KEYS = "dynamodb:LeadingKeys"
_PUT, _CHECK, _DELETE = "dynamodb:PutItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem"
_OF_DOCUMENTS = ("/block/*", "|block/*", "/document/*", "|document/*", "/history/*", "/index/*")

Conditions = dict[str, dict[str, list[str]]]
Right = tuple[Sequence[str], Conditions]
"""Actions on the ledger's table, and when they are allowed."""


def reading(ledger: str) -> list[Right]:
    """Return what reading needs, and nothing else."""
    return [(READ_ACTIONS, _within(ledger, "/*", "|*"))]


def appending(ledger: str) -> list[Right]:
    """Return what inserting and updating documents needs besides: nothing is removed, and no table is defined."""
    return [
        ([_PUT], _within(ledger, *_OF_DOCUMENTS) | _IN_TRANSACTIONS),
        ([_CHECK], _within(ledger, "/*") | _IN_TRANSACTIONS),
    ]


def writing(ledger: str) -> list[Right]:
    """Return what every transaction needs besides: what it removes are entries of indexes."""
    return [([_PUT, _CHECK], _within(ledger, "/*", "|*") | _IN_TRANSACTIONS), *_removing(ledger, "/index/*")]


def redacting(ledger: str) -> list[Right]:
    """Return what redacting needs besides writing: to remove the note of it, and what a large block has no more."""
    return _removing(ledger, "/redaction", "|block/*")


def streaming(ledger: str) -> list[Right]:
    """Return what keeping the state of journal streams needs besides reading."""
    return [([_PUT, _CHECK], _within(ledger, "/stream*") | _IN_TRANSACTIONS)]


def journal_kept(ledger: str) -> iam.PolicyDocument:
    """Return the table's own policy: nobody removes or edits a block, or lets items expire.

    It binds everybody, also who may do everything by other policies; it does not keep them from changing this one.
    What is derived from the journal is left to be rebuilt.
    """
    blocks = _named(ledger, ["/block/*"])
    return iam.PolicyDocument(
        statements=[
            # A transaction that writes a block also removes entries of indexes. Should its actions ever be judged by
            # all of its keys together, this leaves them alone, where ForAnyValue would refuse the commit.
            _deny(
                [_DELETE, "dynamodb:UpdateItem"],
                {"ForAllValues:StringLike": {_LEADING_KEYS: blocks}, "Null": {_LEADING_KEYS: "false"}},
            ),
            _deny(
                [
                    "dynamodb:BatchWriteItem",
                    "dynamodb:PartiQLDelete",
                    "dynamodb:PartiQLInsert",
                    "dynamodb:PartiQLUpdate",
                ],
                {"ForAnyValue:StringLike": {_LEADING_KEYS: blocks}},
            ),
            _deny(["dynamodb:UpdateTimeToLive"], None),
        ]
    )


_IN_TRANSACTIONS: Conditions = {"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}}


def _removing(ledger: str, *partitions: str) -> list[Right]:
    within = _within(ledger, "/*", "|*")
    return [
        ([_DELETE], within | _IN_TRANSACTIONS | {"ForAnyValue:StringLike": {_LEADING_KEYS: _named(ledger, partitions)}})
    ]


def _within(ledger: str, *partitions: str) -> Conditions:
    return {"ForAllValues:StringLike": {_LEADING_KEYS: _named(ledger, partitions)}}


def _named(ledger: str, partitions: Sequence[str]) -> list[str]:
    return [f"{ledger}{partition}" for partition in partitions]


def _deny(actions: Sequence[str], conditions: Mapping[str, object] | None) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=list(actions),
        resources=["*"],  # the table: its own policy cannot name it
        conditions=conditions,
    )
