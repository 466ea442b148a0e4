"""Tags: their limits, and the changes that TagResource and UntagResource make (QLDB guide, "Tagging")."""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.errors import InvalidParameterException

Tags = dict[str, str | None]
MAX_TAGS = 50


def read(members: Mapping[str, Any]) -> Tags:
    """Return tags as a client gives them, checked.

    Raises:
        InvalidParameterException: a key or a value is too long, a key is AWS's own, or there are too many.
    """
    for key, value in members.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
            raise _refused("a tag's key must have 1 to 128 characters and not begin with aws:")
        if value is not None and (not isinstance(value, str) or len(value) > 256):
            raise _refused("a tag's value must be a text of at most 256 characters")
    return _limited(dict(members))


def added(tags: Tags, more: Tags) -> Tags:
    """Return `tags` with `more`.

    Raises:
        InvalidParameterException: a key is there already, or they are too many.
    """
    if both := tags.keys() & more.keys():
        raise _refused(f"the resource has a tag with key {min(both)!r} already: remove it first")
    return _limited({**tags, **more})


def removed(tags: Tags, keys: Iterable[str]) -> Tags:
    """Return `tags` without `keys`; keys that are not there do not matter."""
    gone = set(keys)
    return {key: value for key, value in tags.items() if key not in gone}


def _limited(tags: Tags) -> Tags:
    if len(tags) > MAX_TAGS:
        raise _refused(f"a resource can have {MAX_TAGS} tags, got {len(tags)}")
    return tags


def _refused(message: str) -> InvalidParameterException:
    return InvalidParameterException(message, "Tags")
