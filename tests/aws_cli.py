"""As much of the AWS command line tool as the docs use, on boto3, so that their commands can be run as they stand.

Options are read by the service's own model, as the tool does: `python -m tests.aws_cli dynamodb describe-table ...`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
import jmespath
from botocore import xform_name


def run(words: list[str]) -> None:
    """Carry out one command and print what it answers."""
    service, operation, *rest = words
    client = boto3.client(service)
    if operation == "wait":
        waiter, *rest = rest
        model = client.meta.service_model
        waits_for = client.get_waiter(waiter.replace("-", "_"))
        shape = model.operation_model("DescribeTable").input_shape
        waits_for.wait(**_parameters(shape, _options(rest)[0]))
        return
    name = next(each for each in client.meta.service_model.operation_names if xform_name(each, "-") == operation)
    options, others = _options(rest)
    query, output = options.pop("query", [None])[0], options.pop("output", ["json"])[0]
    shape = client.meta.service_model.operation_model(name).input_shape
    answer = getattr(client, xform_name(name))(**_parameters(shape, options))
    answer.pop("ResponseMetadata")
    for key, value in answer.items():
        if hasattr(value, "read"):  # goes into the file that is named last
            Path(others[-1]).write_bytes(value.read())
            answer = {**answer, key: None}
    _print(jmespath.search(query, answer) if query else answer, output)


def _options(words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    options: dict[str, list[str]] = {}
    others = []
    for word in words:
        if word.startswith("--"):
            options[latest := word[2:]] = []
        elif options and not options[latest]:
            options[latest].append(word)
        else:
            others.append(word)
    return options, others


def _parameters(shape: Any, options: dict[str, list[str]]) -> dict[str, Any]:
    members = {xform_name(member, "-"): (member, inner) for member, inner in shape.members.items()}
    parameters = {}
    for option, values in options.items():
        off = option.startswith("no-") and option not in members
        member, inner = members[option.removeprefix("no-") if off else option]
        parameters[member] = not off if not values else _value(inner, values[0])
    return parameters


def _value(shape: Any, text: str) -> Any:
    if text.startswith("fileb://"):
        return Path(text.removeprefix("fileb://")).read_bytes()
    if shape.type_name == "structure":
        pairs = [pair.split("=", 1) for pair in text.split(",")]
        return {name: _value(shape.members[name], value) for name, value in pairs}
    if shape.type_name == "list":
        return [text]
    readers = {"boolean": lambda word: word == "true", "integer": int, "long": int}
    return readers.get(shape.type_name, str)(text)


def _print(value: Any, output: str) -> None:
    if output == "json":
        print(json.dumps(value, default=str, indent=4))
    elif isinstance(value, list) and value and isinstance(value[0], list):
        print(*("\t".join(map(str, line)) for line in value), sep="\n")
    else:
        print(*value if isinstance(value, list) else [value], sep="\t")


if __name__ == "__main__":
    run(sys.argv[1:])
