"""What a class has, as parts of a page in Markdown: properties, attributes, parts and methods."""

import ast
from collections.abc import Collection, Iterator
from typing import cast

import griffe

_KINDS = ("from_", "grant_", "metric_")


def text(documented: griffe.Object | griffe.Alias) -> str:
    """Return the docstring."""
    return documented.docstring.value if documented.docstring else ""


def properties(found: griffe.Class, common: Collection[str]) -> Iterator[str]:
    """Give the properties that a class is made with, those that are in `common` by their names only."""
    function = found.all_members.get("__init__")
    if function is None or not function.has_docstring:
        return
    function = cast("griffe.Function", function)
    given = [each for each in function.parameters if each.name not in {"self", "scope", "id"}]
    own = [each for each in given if each.name not in common]
    if own:
        yield "\n| property | type | default |\n| --- | --- | --- |"
        yield from (f"| `{each.name}` | {_type(each.annotation)} | {_default(each)} |" for each in own)
    if shared := [f"`{each.name}`" for each in given if each.name in common]:
        yield f"\nAnd of the [common ones](#common-properties) {', '.join(shared)}."
    if not is_dataclass(found):
        yield f"\n{text(function)}"


def is_dataclass(found: griffe.Class) -> bool:
    """Tell whether a class is a dataclass, whose properties its own docstring explains."""
    return "dataclass" in found.labels


def attributes(found: griffe.Class) -> Iterator[str]:
    """Give the attributes that are documented."""
    documented = [_explained(found, name, each) for name, each in _public(found) if each.is_attribute]
    documented = [each for each in documented if each.has_docstring]
    if documented:
        yield "\n| attribute | type | what it is |\n| --- | --- | --- |"
        yield from (_attribute(cast("griffe.Attribute", each)) for each in documented)


def parts(found: griffe.Class) -> Iterator[str]:
    """Give the attributes that are the constructs it is made of, with their types, in one sentence."""
    named = {
        name: _constructed(cast("griffe.Attribute", each))
        for name, each in _public(found)
        if each.is_attribute and not _explained(found, name, each).has_docstring
    }
    if made := [f"`{name}` (`{kind}`)" for name, kind in named.items() if kind]:
        yield f"\nIts parts: {', '.join(made)}."


def methods(found: griffe.Class) -> Iterator[str]:
    """Give the methods that are documented: imports, grants and metrics first."""
    documented = [each for name, each in _public(found) if each.is_function and each.has_docstring]
    documented.sort(key=lambda each: (not each.name.startswith(_KINDS), each.name))
    if documented:
        yield "\n| method | what it does |\n| --- | --- |"
        yield from (_method(cast("griffe.Function", each)) for each in documented)


def _public(found: griffe.Class) -> Iterator[tuple[str, griffe.Object | griffe.Alias]]:
    yield from ((name, each) for name, each in sorted(found.all_members.items()) if not name.startswith("_"))


def _explained(found: griffe.Class, name: str, member: griffe.Object | griffe.Alias) -> griffe.Object | griffe.Alias:
    """Return a member, or what explains it in a class that it inherits from."""
    inherited = [each.members[name] for each in found.mro() if name in each.members]
    return next((each for each in [member, *inherited] if each.has_docstring), member)


def _attribute(attribute: griffe.Attribute) -> str:
    return f"| `{attribute.name}` | {_type(attribute.annotation)} | {_in_a_cell(attribute)} |"


def _method(function: griffe.Function) -> str:
    names = ", ".join(each.name for each in function.parameters if each.name not in {"self", "scope", "id"})
    return f"| `{function.name}({names})` | {_in_a_cell(function)} |"


def _in_a_cell(documented: griffe.Object | griffe.Alias) -> str:
    return " ".join(text(documented).split()).replace("|", "\\|")


def _type(annotation: object) -> str:
    return f"`{str(annotation).removesuffix(' | None')}`".replace("|", "\\|") if annotation else ""


def _default(parameter: griffe.Parameter) -> str:
    if parameter.required:
        return "*required*"
    return "" if str(parameter.default) in {"None", "()"} else f"`{parameter.default}`"


def _constructed(attribute: griffe.Attribute) -> str:
    """Return the class that an attribute is made by calling, if it is assigned so."""
    try:
        value = ast.parse(str(attribute.value), mode="eval").body
    except SyntaxError:
        return ""
    called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return called if called.rpartition(".")[2][:1].isupper() else ""
