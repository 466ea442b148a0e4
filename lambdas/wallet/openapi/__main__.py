"""Write the document: `python -m lambdas.wallet.openapi`."""

import json
from pathlib import Path

from lambdas.wallet.openapi.document import document

PATH = Path(__file__).parents[1] / "openapi.json"


def text() -> str:
    """Give the document as the file holds it."""
    return json.dumps(document(), indent=2) + "\n"


if __name__ == "__main__":
    PATH.write_text(text())
