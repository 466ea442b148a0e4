"""Serve ledgers over HTTP as QLDB did.

Programs find the server by AWS_ENDPOINT_URL_QLDB and AWS_ENDPOINT_URL_QLDB_SESSION and change nothing else.
"""

import argparse
import ipaddress
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli.errors import UsageError
from ledger.cli.places import add_store_arguments, table_name
from ledger.limits import DEFAULT_LIMITS

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
    parser.add_argument("--max-ledgers", type=int, default=DEFAULT_LIMITS.active_ledgers, help="(default: 5, as QLDB)")
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
    for library in ("botocore", "uvicorn"):
        logging.getLogger(library).setLevel(logging.WARNING)
    stores = _stores(options)
    with listen(options.host, options.port) as listening:
        print(f"serving QLDB on {_url(options.host, listening.getsockname()[1])}", flush=True)
        limits = replace(DEFAULT_LIMITS, active_ledgers=options.max_ledgers)
        serve(stores, listening, account=Account(options.region, options.account), limits=limits, check=check)
    return 0


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
