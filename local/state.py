"""What the local cloud keeps between two runs: the last state that was saved whole, never half of one.

The cloud saves its state when it is stopped, file by file. It works on `running`, a copy of `saved`; only a copy that
was deployed to (said by us) and saved to its end (said by `guarded.py`) replaces `saved` at the next start. After
`kill -9` of the cloud, or a failed deployment, the next run goes on from the last good state.
"""

import shutil
from pathlib import Path

DEPLOYED = "deployed"
STOPPED = "stopped"


class State:
    """The state of one local cloud in `directory`, made for one version of the cloud: other versions start afresh."""

    def __init__(self, directory: Path, version: str) -> None:
        self._saved = directory / "saved" / version
        self._running = directory / "running" / version
        self._others = (directory / "saved", directory / "running")

    def prepare(self) -> Path:
        """Return the folder for the next run, holding what the last good run left."""
        if all((self._running / mark).exists() for mark in (DEPLOYED, STOPPED)):
            shutil.rmtree(self._saved, ignore_errors=True)
            self._saved.parent.mkdir(parents=True, exist_ok=True)
            self._running.rename(self._saved)
        self._forget_others()
        shutil.rmtree(self._running, ignore_errors=True)
        self._running.mkdir(parents=True)
        if self._saved.exists():
            ignored = shutil.ignore_patterns(DEPLOYED, STOPPED)
            shutil.copytree(self._saved, self._running, dirs_exist_ok=True, ignore=ignored)
        return self._running

    def continues(self) -> bool:
        """Tell whether the next run goes on from an earlier one."""
        return self._saved.exists()

    def mark_deployed(self) -> None:
        """Say that the project is deployed in the running cloud, so that its state is worth keeping."""
        (self._running / DEPLOYED).touch()

    def _forget_others(self) -> None:
        for folder in self._others:
            for version in folder.glob("*"):
                if version.name != self._saved.name:
                    shutil.rmtree(version)
