"""Synthesis that looks at templates once: those that the CDK's validation found nothing in are not validated again.

Starting that validation takes longer than everything else in a synthesis, and every `cdk diff` and `cdk deploy` is one.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from aws_cdk import App, CloudFormationValidatePlugin, IPolicyValidationPlugin, Validations

from .function_code import BUILD

_ASSET = re.compile(rb"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b")


def synthesise(
    app: App,
    *,
    build: Path = BUILD,
    plugin: Callable[[], IPolicyValidationPlugin] = CloudFormationValidatePlugin,
) -> None:
    """Synthesise `app`, which must be made without the built-in validation, and validate what is new in it.

    What was found good is remembered in `build`, by the templates but for the hashes of their assets. As ever,
    `CDK_VALIDATION=false` or `cdk synth --no-validation` turns validation off.
    """
    directory = Path(app.synth().directory)
    mark = build / f"validated-{_digest(directory)}"
    if mark.exists() or os.environ.get("CDK_VALIDATION") == "false":
        return
    Validations.of(app).add_plugins(plugin())
    app.synth(force=True)
    if _found_nothing(directory):
        build.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _digest(directory: Path) -> str:
    digest = hashlib.sha256(version("aws-cdk-lib").encode())
    for pattern in ("*.template.json", "*.metadata.json"):  # what is acknowledged is in the metadata
        for path in sorted(directory.rglob(pattern)):
            digest.update(path.relative_to(directory).as_posix().encode() + b"\0" + _ASSET.sub(b"", path.read_bytes()))
    return digest.hexdigest()[:32]


def _found_nothing(directory: Path) -> bool:
    reports = json.loads((directory / "validation-report.json").read_text())["pluginReports"]
    return not any(report["violations"] for report in reports)
