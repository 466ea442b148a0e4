"""Pages of lists: `max_results` and `next_token` in the query, `NextToken` in the answer."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from ledger.errors import InvalidParameterException
from ledger.server.call import Call, Result

_Item = TypeVar("_Item")
_MOST = 100


def page_start(call: Call) -> str:
    """Return what `next_token` says the page comes after; empty for the first page.

    Raises:
        InvalidParameterException: the token is none of ours.
    """
    token = call.parameter("next_token")
    if token is None:
        return ""
    try:
        return b64decode(token, b"-_", validate=True).decode()
    except ValueError:
        raise InvalidParameterException("NextToken is not one that this list gave", "NextToken") from None


def page(
    call: Call, member: str, items: Iterable[_Item], shown: Callable[[_Item], Any], position: Callable[[_Item], str]
) -> Result:
    """Return one page.

    Args:
        member: the answer's member that holds the list.
        items: what comes after `page_start`, in order.
        position: what the next page starts after, if this item is the last of its page.
    """
    most = _page_size(call)
    found = list(islice(items, most + 1))
    result: dict[str, Any] = {member: [shown(item) for item in found[:most]]}
    if len(found) > most:
        result["NextToken"] = urlsafe_b64encode(position(found[most - 1]).encode()).decode()
    return result


def _page_size(call: Call) -> int:
    given = call.parameter("max_results")
    if given is None:
        return _MOST
    if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= _MOST):
        raise InvalidParameterException(f"MaxResults is {given!r}: give 1 to {_MOST}", "MaxResults")
    return int(given)
