"""Ask a ledger in PartiQL: a shell on a terminal, or statements from the command line, a file or a pipe.

Each statement is a transaction of its own, unless it stands between BEGIN (or START TRANSACTION) and COMMIT.
"""

import argparse
from pathlib import Path

from ledger.cli.places import add_place_arguments
from ledger.cli.shell.formats import FORMATS

_EXAMPLES = """
examples:
  python -m ledger query vehicles --data DIR
  python -m ledger query vehicles --data DIR 'SELECT * FROM Person WHERE Name = ?' '"Ann"'
  python -m ledger query vehicles --endpoint http://127.0.0.1:8182 --format json < statements.sql | jq .Name
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    add_place_arguments(parser, endpoint=True)
    parser.add_argument("statement", metavar="STATEMENT", nargs="?", help="statements, or - for standard input")
    parser.add_argument(
        "parameters", metavar="PARAMETER", nargs="*", default=[], help="an Ion value for each ?, such as '\"Ann\"'"
    )
    parser.add_argument("-f", "--file", metavar="FILE", type=Path, help="run the statements in FILE")
    parser.add_argument("--transaction", action="store_true", help="run all statements in one transaction")
    parser.add_argument("--format", choices=FORMATS, help="(default: table on a terminal, else ion)")
    parser.add_argument("--timing", action="store_true", help="tell IOs and time of each statement on standard error")
    parser.add_argument(
        "--extensions",
        action="store_true",
        help="take ORDER BY, LIMIT, OFFSET, GROUP BY and HAVING, which QLDB did not; not with --endpoint",
    )
    parser.add_argument("--region", help="region that requests to --endpoint are signed for (default: that of boto3)")
    parser.add_argument("--no-history", action="store_true", help="let the shell record nothing")


def run(options: argparse.Namespace) -> int:
    """Run the statements, or the shell; return 1 if a statement failed."""
    # Imported here, for the other commands have no use of it.
    from ledger.cli.shell.start import start  # noqa: PLC0415

    return start(options)
