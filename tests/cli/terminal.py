"""A program on a real pseudo-terminal: what it shows, and what is typed."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

_CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r")
# The first process of a session that opens a terminal is the one to which its Ctrl-C goes.
_TAKE_TERMINAL = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.argv[1], sys.argv[1:])"
_ASKS_FOR_CURSOR, _CURSOR = "\x1b[6n", b"\x1b[1;1R"
# What would change what is shown, or how wide.
_LEFT_OUT = {"NO_COLOR", "COLUMNS", "LINES", "PROMPT_TOOLKIT_COLOR_DEPTH", "PROMPT_TOOLKIT_NO_CPR"}
CTRL_C, CTRL_D, TAB, ENTER, UP = "\x03", "\x04", "\t", "\r", "\x1b[A"


class Terminal:
    """Runs a command with a terminal of 100 columns as its input and output."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self._control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        given = {"TERM": "xterm-256color"} | environment
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *command],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            env={**{name: value for name, value in os.environ.items() if name not in _LEFT_OUT}, **given},
        )
        os.close(terminal)
        self.raw = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = self._answered = 0

    @property
    def shown(self) -> str:
        """All that was shown, without codes for colours and cursor."""
        return _CODES.sub("", self.raw)

    def wait_for(self, expected: str, seconds: float = 60) -> str:
        """Wait until a text is shown after what was waited for before, and return what came before it."""
        end = time.monotonic() + seconds
        while (found := self.shown.find(expected, self._read)) < 0:
            if time.monotonic() > end or not self._receive(end - time.monotonic()):
                raise AssertionError(f"{expected!r} is not shown:\n{self.shown[self._read :]}")
        before = self.shown[self._read : found]
        self._read = found + len(expected)
        return before

    def type(self, text: str) -> None:
        os.write(self._control, text.encode())

    def line(self, text: str, expected: str) -> str:
        """Type a text and Enter, and return what is shown before `expected`."""
        self.type(text + ENTER)
        return self.wait_for(expected)

    def leave(self) -> int:
        """Wait for the end and return the exit code."""
        while self._receive(60):
            pass
        return self._process.wait(60)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._control)

    def _receive(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._control], [], [], max(seconds, 0))
        try:
            data = os.read(self._control, 65536) if ready else b""
        except OSError:  # what Linux says when the other side is closed
            data = b""
        self.raw += self._decoder.decode(data)
        while self._answered < self.raw.count(_ASKS_FOR_CURSOR):
            os.write(self._control, _CURSOR)
            self._answered += 1
        return bool(data)
