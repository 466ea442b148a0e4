"""Errors of the command line itself."""


class UsageError(ValueError):
    """The arguments do not fit together; the message says what to give."""
