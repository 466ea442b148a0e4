"""Why a notary does not sign."""

from collections.abc import Sequence


class NotaryError(Exception):
    """The root of what a notary raises; nothing was written."""


class HistoryRewrittenError(NotaryError):
    """The journal is not the continuation of the one that the newest digest covers.

    Attributes:
        problems: what does not fit, by strand.
    """

    def __init__(self, ledger: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"ledger {ledger}: {'; '.join(problems)}; nothing was signed: find out who changed the table")


class ArchiveDamagedError(NotaryError):
    """The newest digest in the archive is none that a trusted key has signed, so nothing can be proven to follow it."""
