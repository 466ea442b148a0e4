"""Environment variables for the processes started here, cleared of the user's own AWS settings."""

import os
from collections.abc import Mapping

ACCOUNT = "000000000000"
REGION = "us-east-1"
SECRET = "local"  # noqa: S105 - not a secret: the local cloud takes any
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "SYSTEMROOT")
_NO_PROXY = "localhost,127.0.0.1,.localhost"


def base(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the few variables that the local cloud itself needs; its functions inherit them."""
    return {name: environ[name] for name in _PASSED_ON if name in environ}


def without_aws(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return `environ` without any AWS or CDK variable, so that no profile, role or region of the user leaks in."""
    return {name: value for name, value in environ.items() if not name.startswith(("AWS_", "CDK_"))}


def for_endpoint(endpoint_url: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return `environ` pointed at `endpoint_url` and at nothing else: account 000000000000, region us-east-1."""
    return without_aws(environ) | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": _NO_PROXY,
        "no_proxy": _NO_PROXY,
    }
