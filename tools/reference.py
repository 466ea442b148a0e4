"""Makes docs/constructs.md: the reference of the public constructs, from their own docstrings and signatures.

python -m tools.reference > docs/constructs.md
"""

from collections.abc import Iterator
from typing import cast

import griffe

from local import paths
from tools.reference_members import attributes, methods, parts, properties, text

EXAMPLE = paths.ROOT / "examples" / "ledger_alone"
INTRODUCTION = paths.ROOT / "tools" / "constructs.md"

GROUPS = {
    "The ledger": ("Ledger", "LedgerTables", "LedgerAlarms"),
    "Its journal, followed": (
        "JournalStream",
        "StreamConsumer",
        "JournalArchive",
        "TransactionView",
        "BalanceAlerts",
        "SearchIndex",
        "SearchCollection",
    ),
    "Its evidence": ("DigestNotary", "DigestBucket", "LockMode", "LedgerAuditor"),
    "The wallet": (
        "WalletFunctions",
        "WalletApi",
        "IamAuthorization",
        "CognitoAuthorization",
        "LambdaAuthorization",
        "WalletAuthorization",
        "UsagePlan",
        "WebAcl",
        "PrivateEndpoint",
        "CustomDomain",
        "Truststore",
        "Cors",
        "WalletAlarms",
    ),
    "Functions of your own": ("PythonFunction", "DependencyLayer", "staged_code"),
    "Operations": ("AlarmTopic", "notify", "WalletDashboard", "TableBackup", "VaultLock"),
    "Made elsewhere": (
        "LedgerBase",
        "JournalStreamBase",
        "JournalArchiveBase",
        "TransactionViewBase",
        "DigestNotaryBase",
        "WalletApiBase",
        "WebAclBase",
    ),
    "Errors": ("InfraError", "PropError", "PackagingError"),
}
"""Everything that is exported, in the order of the page."""

COMMON_PROPERTIES = {
    "access_logs": "A bucket that takes the server access logs of the construct's own; by default there are none",
    "architecture": "The processor that the functions run on, by default arm64",
    "log_retention": "How long logs are kept, by default three months",
    "memory_mb": "The functions' memory in MiB, by default 1024; their share of a processor grows with it",
}
"""What many constructs take, and mean alike by it."""


def page() -> str:
    """Return the whole page."""
    package = cast("griffe.Module", griffe.load("infra", search_paths=[paths.ROOT], resolve_aliases=True))
    groups = {title: [_exported(package, name) for name in names] for title, names in GROUPS.items()}
    introduction = INTRODUCTION.read_text()
    for mark, lines in {**_example(), "common": _common(), "contents": _list(groups)}.items():
        introduction = introduction.replace(f"{{{mark}}}", "\n".join(lines))
    return "\n".join(
        [introduction.rstrip(), *(line for title, group in groups.items() for line in _group(title, group))]
    )


def _example() -> dict[str, Iterator[str]]:
    files = {"app": "app.py", "function": "functions/notes.py"}
    return {mark: iter((EXAMPLE / file).read_text().rstrip().splitlines()) for mark, file in files.items()}


def _exported(package: griffe.Module, name: str) -> griffe.Object:
    found = package[name]
    return cast("griffe.Object", found.final_target if isinstance(found, griffe.Alias) else found)


def _common() -> Iterator[str]:
    yield "| property | what it is |\n| --- | --- |"
    yield from (f"| `{name}` | {words} |" for name, words in COMMON_PROPERTIES.items())


def _list(groups: dict[str, list[griffe.Object]]) -> Iterator[str]:
    for title, group in groups.items():
        yield f"- {title}"
        yield from (f"  - [`{each.name}`](#{each.name.lower()}): {text(each).partition(chr(10))[0]}" for each in group)


def _group(title: str, group: list[griffe.Object]) -> Iterator[str]:
    yield f"\n## {title}"
    for each in group:
        yield f"\n### {each.name}\n"
        if each.is_class:
            yield from _class(cast("griffe.Class", each))
        else:
            yield from _function(cast("griffe.Function", each))


def _class(found: griffe.Class) -> Iterator[str]:
    yield text(found)
    yield from properties(found, COMMON_PROPERTIES)
    yield from attributes(found)
    yield from parts(found)
    yield from methods(found)


def _function(found: griffe.Function) -> Iterator[str]:
    names = ", ".join(each.name for each in found.parameters)
    yield f"`{found.name}({names})`\n\n{text(found)}"


if __name__ == "__main__":
    print(page())
