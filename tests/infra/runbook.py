"""The runbook's entries, and the alarms that lead to them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.function_code import ROOT
from tests.infra.synthesis import resources

PARTS = ("**Means.**", "**Look at**", "**Do.**")


def entries(chapter: str) -> dict[str, str]:
    """Give the entries of a chapter of the runbook: anchor -> text."""
    text = (ROOT / "docs" / "runbook.md").read_text()
    (body,) = re.findall(rf"^## {chapter}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return {anchor(title): text for title, text in re.findall(r"^### (.+)\n((?:(?!### ).*\n?)*)", body, re.MULTILINE)}


def anchor(title: str) -> str:
    """Give the anchor that readers of Markdown make of a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")


def alarms(*templates: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give all alarms of all templates: logical id and properties."""
    for template in templates:
        for name, body in resources(template, "AWS::CloudWatch::Alarm").items():
            yield name, body["Properties"]


def entry_of(alarm: Mapping[str, Any]) -> str | None:
    """Give the anchor that an alarm's description ends with."""
    found = re.search(r"\. Runbook: docs/runbook\.md#([a-z0-9-]+)$", str(alarm.get("AlarmDescription")))
    return found[1] if found else None
