"""The one error of this package: a sentence for the person at the terminal."""


class LocalError(Exception):
    """Something that the user can put right: the message says what is wrong and what to do, in one line."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
