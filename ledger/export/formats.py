"""The three formats of an export: how a block and a manifest are written in each."""

from ledger import ion
from ledger.export.down_conversion import to_json
from ledger.export.request import OutputFormat


def encode(value: ion.Value, output_format: OutputFormat) -> bytes:
    """Return a value so that what is written of several, one after the other, is a stream of them."""
    match output_format:
        case OutputFormat.ION_BINARY:
            return ion.dumps(value)
        case OutputFormat.ION_TEXT:
            return ion.text(value).encode() + b"\n"
        case OutputFormat.JSON:
            return to_json(value).encode() + b"\n"


def suffix(output_format: OutputFormat) -> str:
    """Return how the names of data objects end."""
    return "json" if output_format is OutputFormat.JSON else "ion"
