"""Names of things on the wire: ledgers, ARNs, KMS keys, and the checks of QLDB's API model on them."""

import re
from typing import NamedTuple

from ledger.errors import InvalidParameterException
from ledger.server.errors import ResourceNotFoundException

_LEDGER_NAME = re.compile(r"(?!.*--)(?![0-9]+\Z)(?!-)(?!.*-\Z)[A-Za-z0-9-]{1,32}")
_RESOURCE_ARN = re.compile(
    r"arn:aws[a-z-]*:qldb:[a-z0-9-]*:[0-9]*:(?:ledger/(?P<ledger>[^/]+)|stream/(?P<streamed>[^/]+)/(?P<stream>[^/]+))"
)
_ARNS = {
    "RoleArn": (
        re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+"),
        "arn:aws:iam::123456789012:role/NAME",
    ),
    "StreamArn": (
        re.compile(r"arn:aws[a-z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[A-Za-z0-9_.-]{1,128}"),
        "arn:aws:kinesis:us-east-1:123456789012:stream/NAME",
    ),
}
AWS_OWNED_KEY = "AWS_OWNED_KMS_KEY"


class Account(NamedTuple):
    """The region and the account that ARNs name; the server has no others."""

    region: str = "us-east-1"
    number: str = "000000000000"

    @property
    def arn_prefix(self) -> str:
        """Return what the ARNs of everything here begin with."""
        return f"arn:aws:qldb:{self.region}:{self.number}"

    def ledger_arn(self, name: str) -> str:
        """Return the ARN of a ledger."""
        return f"{self.arn_prefix}:ledger/{name}"

    def key_arn(self, key: str | None) -> str:
        """Return the ARN of a KMS key, given as an ARN, an id or an alias; QLDB's own word if none was given."""
        if key is None or key in ("", AWS_OWNED_KEY):
            return AWS_OWNED_KEY
        if key.startswith("arn:"):
            return key
        return f"arn:aws:kms:{self.region}:{self.number}:{key if key.startswith('alias/') else f'key/{key}'}"


def ledger_name(text: str | None, parameter: str = "Name") -> str:
    """Return a ledger's name, checked.

    Raises:
        InvalidParameterException: it is missing or breaks QLDB's rule for names.
    """
    if text is None or not is_ledger_name(text):
        raise InvalidParameterException(
            f"{parameter} is {text!r}: give 1 to 32 letters, digits and hyphens, "
            "with no hyphen at an end, no two in a row, and not digits alone",
            parameter,
        )
    return text


def is_ledger_name(text: str) -> bool:
    """Tell whether `text` can be a ledger's name."""
    return _LEDGER_NAME.fullmatch(text) is not None


class Resource(NamedTuple):
    """What an ARN names: a ledger, or one of its streams."""

    ledger: str
    stream_id: str | None = None


def resource_of_arn(arn: str) -> Resource:
    """Return what has this ARN, if there is such a thing.

    Raises:
        InvalidParameterException: it is no ARN of QLDB.
        ResourceNotFoundException: it names a kind of resource that has no tags here.
    """
    if not arn.startswith("arn:aws") or ":qldb:" not in arn:
        raise InvalidParameterException(
            f"ResourceArn is {arn!r}: give the ARN of a ledger or of a stream", "ResourceArn"
        )
    found = _RESOURCE_ARN.fullmatch(arn)
    if found is None or not is_ledger_name(found["ledger"] or found["streamed"]):
        raise ResourceNotFoundException(f"The resource {arn} is not found", arn)
    return Resource(found["ledger"] or found["streamed"], found["stream"])


def arn(text: str, parameter: str) -> str:
    """Return the ARN of a role (parameter `RoleArn`) or of a Kinesis data stream (`StreamArn`), checked.

    Raises:
        InvalidParameterException: it is none.
    """
    form, example = _ARNS[parameter]
    if form.fullmatch(text) is None:
        raise InvalidParameterException(f"{parameter} is {text!r}: give an ARN such as {example}", parameter)
    return text
