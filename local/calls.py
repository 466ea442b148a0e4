"""The wallet's API as a person calls it: its base URL, and a curl line for each call that works when pasted."""

import json
import re
import shlex
from dataclasses import dataclass

from local import environment
from local.cdk import Outputs

_API = re.compile(
    r"https://(?P<id>[a-z0-9]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<stage>\w+)"
)
_ANA = "ana@example.com"
_CALLS: tuple[tuple[str, dict[str, str | int]], ...] = (
    ("createaccount", {"email": _ANA, "username": "Ana"}),
    ("createaccount", {"email": "ben@example.com", "username": "Ben"}),
    ("checkfunds", {"email": _ANA}),
    ("addfunds", {"email": _ANA, "AddFunds": 250}),
    ("withdrawfunds", {"email": _ANA, "WithdrawFunds": 125}),
    ("transferfunds", {"from": _ANA, "to": "ben@example.com", "TransferFunds": 25}),
    ("history", {"email": _ANA}),
    ("digest", {}),
    ("verify", {"email": _ANA}),
    ("addfunds?receipt=true", {"email": _ANA, "AddFunds": 1}),
)


@dataclass(frozen=True)
class Signer:
    """Who signs the calls, as curl's own words, and for which region."""

    words: str
    region: str


LOCAL_SIGNER = Signer(f"--user {environment.ACCOUNT}:{environment.SECRET}", environment.REGION)


def aws_signer(region: str) -> Signer:
    """Return the signer that takes the credentials out of the shell's AWS variables."""
    session = '${AWS_SESSION_TOKEN:+-H "x-amz-security-token: $AWS_SESSION_TOKEN"}'
    return Signer(f'--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" {session}', region)


def localised(outputs: Outputs, endpoint_url: str) -> Outputs:
    """Return `outputs` with every URL of an API turned into the one that the local cloud at `endpoint_url` serves."""
    local = rf"{endpoint_url}/_aws/execute-api/\g<id>/\g<stage>"
    return {
        stack: {name: _API.sub(local, value) for name, value in values.items()} for stack, values in outputs.items()
    }


def api_url(outputs: Outputs) -> str | None:
    """Return the base URL of the API's stage, without a slash at the end, or None if no stack gives an API."""
    found = (
        value for values in outputs.values() for name, value in sorted(values.items()) if name == "CreateaccountApi"
    )
    return next((url.removesuffix("/createaccount") for url in found), None)


def curl_lines(api: str, signer: Signer) -> list[str]:
    """Return one line for the shell per call of the wallet's API at `api`."""
    curl = f"curl --aws-sigv4 aws:amz:{signer.region}:execute-api {signer.words}"
    posts = [
        f"{curl} {shlex.quote(f'{api}/{path}')} -d {shlex.quote(json.dumps(body, separators=(',', ':')))}"
        for path, body in _CALLS
    ]
    return [*posts, f"{curl} '{api}/checkfunds?email={_ANA.replace('@', '%40')}'"]
