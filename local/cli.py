"""The commands behind the Makefile's targets."""

import argparse
import errno
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from local import checks, console, drill, install, serve, wheel
from local.errors import LocalError

_INTERRUPTED = 130
_PYTESTS = ("test", "deep")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return 0, or 1 after one line that says what is wrong. Usage errors exit with 2."""
    words, rest = _split(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _carry_out(options, rest)
    except KeyboardInterrupt:
        console.say("\nstopped")
        return 0 if options.command == "run" else _INTERRUPTED
    except LocalError as error:
        console.complain(str(error))
        return error.exit_code
    except OSError as error:
        console.complain(_said(error))
        return 1


def _split(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the launcher's own words, and those behind `test` and `deep`, which are pytest's."""
    own = 1 if words and words[0] in _PYTESTS else len(words)
    return words[:own], words[own:]


def _carry_out(options: argparse.Namespace, rest: Sequence[str]) -> int:
    match options.command:
        case "setup":
            install.set_up()
        case "run":
            serve.run(options.port, options.console_port)
        case "deploy":
            serve.deploy(options.environment, options.deployment)
        case "test":
            checks.test(rest, deep=False)
        case "deep":
            checks.test(["--timeout=7200", *rest], deep=True)
        case "check":
            return checks.check()
        case "tamper-drill":
            return drill.run(options.transactions)
        case "wheel":
            wheel.build()
        case _:
            serve.clean_local()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m local", description="Set the project up, run it here, deploy it.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="install everything that is pinned")
    run = commands.add_parser("run", help="deploy to a cloud on this machine and keep it running")
    run.add_argument("--port", type=_port, default=4566, help="where the cloud listens on 127.0.0.1 (default: 4566)")
    run.add_argument("--console-port", type=_port, help="where the console listens (default: 8183, or else a free one)")
    deploy = commands.add_parser("deploy", help="deploy to AWS with your credentials")
    deploy.add_argument("--environment", metavar="NAME", default="", help="one of environments.py (default: none)")
    deploy.add_argument("--deployment", metavar="NAME", default="", help="what the stacks' names begin with")
    commands.add_parser("test", help="run the tests; the words behind it are pytest's")
    commands.add_parser("deep", help="run the tests for long; the words behind it are pytest's")
    commands.add_parser("check", help="run the linters and the type checker")
    commands.add_parser("wheel", help="build the package of the constructs")
    tamper = commands.add_parser("tamper-drill", help="try to change a deployed ledger's past, and see it noticed")
    tamper.add_argument("--transactions", metavar="N", type=int, default=1000, help="in its past (default: 1000)")
    commands.add_parser("clean-local", help="forget what the local clouds keep")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Stop once; what is being stopped then must not be interrupted again."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _said(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "the disk is full; free some space and try again"
    return f"{error.strerror or error}: {os.fspath(error.filename)}" if error.filename else str(error)
