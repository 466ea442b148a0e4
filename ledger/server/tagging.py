"""The operations on tags, of ledgers and of journal streams; both are kept with the ledger's attributes."""

from collections.abc import Callable

from ledger.server import bodies, names, tags
from ledger.server.attributes import Attributes
from ledger.server.call import Call, Result
from ledger.server.journals import active_ledger
from ledger.server.names import Resource
from ledger.server.registry import Registry
from ledger.stream import describe_stream


class Tagging:
    """The operations, each from a call to its result."""

    def __init__(self, registry: Registry) -> None:
        """Serve the ledgers of `registry`."""
        self._registry = registry

    def tag_resource(self, call: Call) -> Result:
        """TagResource."""
        more = tags.read(bodies.required(bodies.structure(call.members, "Tags"), "Tags"))
        self._change(call, lambda known: tags.added(known, more))
        return {}

    def untag_resource(self, call: Call) -> Result:
        """UntagResource."""
        keys = [value for name, value in call.query if name == "tagKeys"]
        bodies.required(keys or None, "TagKeys")
        self._change(call, lambda known: tags.removed(known, keys))
        return {}

    def list_tags(self, call: Call) -> Result:
        """ListTagsForResource."""
        resource = self._resource(call)
        return {"Tags": _tags(self._registry.describe(resource.ledger).attributes, resource)}

    def _change(self, call: Call, changed: Callable[[tags.Tags], tags.Tags]) -> None:
        resource = self._resource(call)
        self._registry.change(resource.ledger, lambda known: _tagged(known, resource, changed(_tags(known, resource))))

    def _resource(self, call: Call) -> Resource:
        """Return what the path names.

        Raises:
            StreamNotFoundError: it is a stream that there is not.
        """
        resource = names.resource_of_arn(call.path["arn"])
        if resource.stream_id is not None:
            describe_stream(active_ledger(self._registry, resource.ledger).store, resource.stream_id)
        return resource


def _tags(known: Attributes, resource: Resource) -> tags.Tags:
    return known.tags if resource.stream_id is None else known.stream_tags.get(resource.stream_id, {})


def _tagged(known: Attributes, resource: Resource, wanted: tags.Tags) -> Attributes:
    if resource.stream_id is None:
        return known._replace(tags=wanted)
    return known._replace(stream_tags={**known.stream_tags, resource.stream_id: wanted})
