"""What every role may do, as text to be compared with `rights.json`.

To write the file anew, after you have understood why it must grow: `python -m tests.infra.rights`.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.infra.synthesis import actions, resources, synthesised

FILE = Path(__file__).with_name("rights.json")

Rights = dict[str, dict[str, dict[str, list[str]]]]
"""Stack -> role -> resource -> actions."""


def of_the_app() -> Rights:
    """Give the rights of all roles of the app with everything turned on."""
    made = synthesised(deployment="one", ledger_name="captable1", search_index=True, backup_days=35)
    return {name: of(template) for name, template in made.stacks.items()}


def of(template: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Give what each role of a template may do, without what it may do nothing of."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for policy in resources(template, "AWS::IAM::Policy").values():
        for role in policy["Properties"]["Roles"]:
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                for resource in _listed(statement["Resource"]):
                    found[role["Ref"]][_text(resource) + _condition(statement)] |= actions(statement)
    for name, role in resources(template, "AWS::IAM::Role").items():
        for managed in role["Properties"].get("ManagedPolicyArns", []):
            found[name]["managed policy"].add(_text(managed))
    return {role: {place: sorted(each) for place, each in sorted(found[role].items())} for role in sorted(found)}


def _listed(resource: Any) -> list[Any]:
    return resource if isinstance(resource, list) else [resource]


def _condition(statement: Mapping[str, Any]) -> str:
    return f" if {json.dumps(statement['Condition'], sort_keys=True)}" if "Condition" in statement else ""


def _text(value: Any) -> str:
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": path}:
            return f"<{'.'.join(path)}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(_text, parts))
        case {"Fn::ImportValue": name}:
            return _text(name)
        case str():
            return value
        case _:
            raise ValueError(f"a resource in a form that is not known here: {value}")


if __name__ == "__main__":
    FILE.write_text(json.dumps(of_the_app(), indent=2) + "\n")
