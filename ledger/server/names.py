"""Names of things on the wire: ledgers, ARNs, KMS keys, and the checks of QLDB's API model on them."""

import re
from typing import NamedTuple

from ledger.errors import InvalidParameterException
from ledger.server.errors import ResourceNotFoundException

_LEDGER_NAME = re.compile(r"(?!.*--)(?![0-9]+\Z)(?!-)(?!.*-\Z)[A-Za-z0-9-]{1,32}")
_LEDGER_ARN = re.compile(r"arn:aws[a-z-]*:qldb:[a-z0-9-]*:[0-9]*:ledger/(?P<ledger>[^/]+)")
AWS_OWNED_KEY = "AWS_OWNED_KMS_KEY"


class Account(NamedTuple):
    """The region and the account that ARNs name; the server has no others."""

    region: str = "us-east-1"
    number: str = "000000000000"

    def ledger_arn(self, name: str) -> str:
        """Return the ARN of a ledger."""
        return f"arn:aws:qldb:{self.region}:{self.number}:ledger/{name}"

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


def ledger_of_arn(arn: str) -> str:
    """Return the name in a ledger's ARN.

    Raises:
        InvalidParameterException: it is no ARN of QLDB.
        ResourceNotFoundException: it names a kind of resource that has no tags here.
    """
    if not arn.startswith("arn:aws") or ":qldb:" not in arn:
        raise InvalidParameterException(f"ResourceArn is {arn!r}: give the ARN of a ledger", "ResourceArn")
    found = _LEDGER_ARN.fullmatch(arn)
    if found is None or not is_ledger_name(found["ledger"]):
        raise ResourceNotFoundException(f"The resource {arn} is not found", arn)
    return found["ledger"]
