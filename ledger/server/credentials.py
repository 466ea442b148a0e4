"""The keys that clients may sign with: a file like `~/.aws/credentials`, each section with one key."""

import configparser
import stat
from collections.abc import Mapping
from pathlib import Path

from ledger.store import Unusable

_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"


def read_credentials(path: Path) -> Mapping[str, str]:
    """Return the secret key for each access key id in the file.

    Raises:
        Unusable: the file cannot be read, others can read it, or it is not as it should be.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except (OSError, ValueError) as error:
        raise Unusable(f"{path}: {error}; give a file like ~/.aws/credentials") from None
    if stat.S_IMODE(mode) & stat.S_IRWXO:
        raise Unusable(f"{path}: others may use this file (mode {stat.S_IMODE(mode):03o}); run: chmod 600 {path}")
    keys = dict(_pair(path, section) for section in _sections(path, text))
    if not keys:
        raise Unusable(f"{path}: no key in it; write [default], {_ID} = ..., {_SECRET} = ...")
    return keys


def _sections(path: Path, text: str) -> list[configparser.SectionProxy]:
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        parser.read_string(text)
    except configparser.Error as error:
        # Its message would quote the line, which may hold a secret.
        raise Unusable(f"{path}: not in the format of ~/.aws/credentials ({type(error).__name__})") from None
    return [parser[name] for name in parser.sections()]


def _pair(path: Path, section: configparser.SectionProxy) -> tuple[str, str]:
    key, secret = section.get(_ID), section.get(_SECRET)
    if not key or not secret:
        raise Unusable(f"{path}: section [{section.name}] needs {_ID} and {_SECRET}")
    return key, secret
