"""Serve ledgers over HTTP as QLDB did.

Programs find the server by AWS_ENDPOINT_URL_QLDB and AWS_ENDPOINT_URL_QLDB_SESSION and change nothing else.
"""

import argparse
import ipaddress
import logging
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli.errors import UsageError
from ledger.cli.places import add_store_arguments, table_name
from ledger.limits import Limits

if TYPE_CHECKING:
    from ledger.server.signatures import SignatureCheck
    from ledger.server.stores import Stores

_SECURITY = """
Without --credentials the server takes every request, signed or not, and listens on the loopback address only. It speaks
plain HTTP: on other addresses put it behind something that speaks TLS.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.epilog = _SECURITY
    add_store_arguments(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8182, help="port to listen on, 0 for a free one (default: 8182)")
    parser.add_argument(
        "--credentials",
        metavar="FILE",
        type=Path,
        help="take only requests signed (SigV4) with a key in FILE, "
        "a file like ~/.aws/credentials that others cannot read",
    )
    parser.add_argument(
        "--limit",
        metavar="NAME=NUMBER",
        type=_limit,
        action="append",
        default=[],
        help=f"change a limit from QLDB's; names: {', '.join(field.name for field in fields(Limits))}",
    )
    parser.add_argument("--extensions", action="store_true", help="allow ORDER BY, LIMIT, OFFSET, GROUP BY and HAVING")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "us-east-1"), help="region in ARNs")
    parser.add_argument("--account", default="000000000000", help="account in ARNs (default: 000000000000)")
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="log each request on stderr: method, target, status, time, request id; "
        "never bodies or parameters (default: only failures of the server itself)",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; what is under way then is finished first."""
    # Imported only now: the other commands have no use of an HTTP stack, nor a server in a folder of AWS's.
    from ledger.server.names import Account  # noqa: PLC0415
    from ledger.server.run import listen, serve  # noqa: PLC0415

    check = _check(options)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    # Its warnings are about what clients send, which is no trouble of the server.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    with listen(options.host, options.port) as listening:
        url = _url(options.host, listening.getsockname()[1])
        serve(
            _stores(options),
            listening,
            lambda: print(f"serving QLDB on {url}", flush=True),
            account=Account(options.region, options.account),
            limits=Limits(**dict(options.limit)),
            extensions=options.extensions,
            check=check,
        )
    return 0


def _limit(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    if name not in {field.name for field in fields(Limits)}:
        raise argparse.ArgumentTypeError(f"there is no limit {name!r}")
    try:
        value = float(number) if name.endswith("_seconds") else int(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{name} is {number!r}: give a number") from None
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{name} is {number}: give more than 0")
    return name, value


def _check(options: argparse.Namespace) -> "SignatureCheck | None":
    if options.credentials is None:
        if not _is_loopback(options.host):
            raise UsageError(f"--host {options.host} is open to others: give --credentials FILE as well")
        return None
    from ledger.server.credentials import read_credentials  # noqa: PLC0415
    from ledger.server.signatures import SignatureCheck  # noqa: PLC0415

    return SignatureCheck(read_credentials(options.credentials))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _stores(options: argparse.Namespace) -> "Stores":
    table = table_name(options)
    if table is None:
        from ledger.server.stores import FolderStores  # noqa: PLC0415

        return FolderStores(options.data)
    from ledger.server.table import TableStores  # noqa: PLC0415

    return TableStores(table)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
