"""Makes docs/constructs.md: the reference of the public constructs, from their own docstrings and signatures.

python -m tools.reference > docs/constructs.md
"""

import ast
from collections.abc import Iterator
from typing import cast

import griffe

from local import paths

_INTRODUCTION = """# Constructs

Made from the docstrings of `infra/` by `python -m tools.reference`. Every property is given by name, after `scope` and
`id`; one that has a default can be left out.
"""


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
    classes = [_class(package, name) for name in _exported()]
    contents = "\n".join(f"- [{each.name}](#{each.name.lower()}): {_first_line(each)}" for each in classes)
    return "\n".join([_INTRODUCTION, contents, *("\n".join(_construct(each)) for each in classes)])


def _exported() -> list[str]:
    tree = ast.parse((paths.ROOT / "infra" / "__init__.py").read_text())
    lists = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return sorted(ast.literal_eval(lists[0]))


def _class(package: griffe.Module, name: str) -> griffe.Class:
    found = package[name]
    return cast("griffe.Class", found.final_target if isinstance(found, griffe.Alias) else found)


def _construct(found: griffe.Class) -> Iterator[str]:
    yield f"\n## {found.name}\n"
    yield _text(found)
    members = {name: member for name, member in found.all_members.items() if _is_public(member)}
    if "__init__" in members:
        yield from _properties(cast("griffe.Function", members.pop("__init__")))
    attributes = {name: member for name, member in members.items() if member.is_attribute}
    if attributes:
        yield "\n| it has | type | which is |\n| --- | --- | --- |"
        yield from (_attribute(name, cast("griffe.Attribute", member)) for name, member in sorted(attributes.items()))
    for name, member in sorted(members.items()):
        if member.is_function:
            yield f"\n**`{name}{_signature(cast('griffe.Function', member))}`**: {_text(member)}"


def _properties(function: griffe.Function) -> Iterator[str]:
    properties = [each for each in function.parameters if each.name not in {"self", "scope", "id"}]
    if properties:
        yield "\n| property | type | default |\n| --- | --- | --- |"
        for each in properties:
            default = "" if each.required else f"`{_plain(each.default)}`"
            yield f"| `{each.name}` | `{_plain(each.annotation)}` | {default} |"
    yield f"\n{_text(function)}"


def _attribute(name: str, attribute: griffe.Attribute) -> str:
    return f"| `{name}` | `{_plain(attribute.annotation)}` | {' '.join(_text(attribute).split())} |"


def _signature(function: griffe.Function) -> str:
    names = [each.name for each in function.parameters if each.name != "self"]
    return f"({', '.join(names)})"


def _is_public(member: griffe.Object | griffe.Alias) -> bool:
    if member.name == "__init__":
        return True
    return not member.name.startswith("_") and member.has_docstring


def _text(documented: griffe.Object | griffe.Alias) -> str:
    return documented.docstring.value if documented.docstring else ""


def _first_line(found: griffe.Class) -> str:
    return _text(found).partition("\n")[0]


def _plain(expression: object) -> str:
    return str(expression).replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
