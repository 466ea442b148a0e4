"""Single answers held against the document."""

import jsonschema_rs

from lambdas.wallet.openapi.document import document

DOCUMENT = document()


def validator(schema):
    """Give a validator for a schema of the document."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]}, validate_formats=True)


def resolved(node):
    """Give what a node of the document refers to, or the node itself."""
    found = DOCUMENT
    for name in node.get("$ref", "").split("/")[1:]:
        found = found[name]
    return found if "$ref" in node else node


def operations():
    """Give every operation by its method and path."""
    return {
        (method.upper(), path): operation
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
    }


def disagreements(operation, status, headers, body):
    """List in what an answer is not as the operation describes it; `headers` by lower-case names, `body` parsed."""
    if str(status) not in operation["responses"]:
        return [f"status {status}"]
    response = resolved(operation["responses"][str(status)])
    found = [] if headers.get("content-type") == "application/json" else ["content type"]
    for name, header in response.get("headers", {}).items():
        described, sent = resolved(header), headers.get(name.lower())
        if sent is None:
            found += [f"no {name}"] if described.get("required") else []
        elif not validator(described["schema"]).is_valid(int(sent) if sent.isdigit() else sent):
            found.append(f"{name}: {sent}")
    schema = response["content"]["application/json"]["schema"]
    return [*found, *(str(error) for error in validator(schema).iter_errors(body))]
