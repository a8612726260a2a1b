"""One supervised process: start, watch, restart with growing pauses, stop with all its descendants."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rapport.kit.postgres.child import spawn
from rapport.kit.supervisor.journal import Journal, follow

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SETTLED_AFTER = 60.0  # a part that lived this long starts again without a pause


class Part:
    """A long-running child. `spawn` has to be called from the main thread (see kit.postgres.child)."""

    def __init__(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path, verbose: bool = False
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.verbose = verbose
        self.restarts = 0
        self._journal = Journal(log / f"{name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._pump: threading.Thread | None = None
        self._started = 0.0
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start(self) -> "Part":
        self._process = spawn(self.command, output=subprocess.PIPE, environment=self.environment)
        self._started = time.monotonic()
        assert self._process.stdout is not None
        self._pump = follow(self._process.stdout, self._journal, self.name, verbose=self.verbose)
        return self

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def watch(self) -> int | None:
        """Call often. Starts the part again when its pause is over; returns the exit code once when it has died."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._not_before:
                self.restarts += 1
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        _signal_group(self._process.pid, signal.SIGKILL)  # what it left behind may still hold its port
        if now - self._started > SETTLED_AFTER:
            self._pause = FIRST_PAUSE
        self._not_before = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._process = None
        return code

    def stop(self, patience: float) -> bool:
        """Ask, wait, then insist; True when asking was enough."""
        if self._process is None:
            return True
        willing = True
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                willing = False
        _signal_group(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._pump is not None:
            self._pump.join(2)
        self._journal.close()
        self._process = None
        return willing


def _signal_group(leader: int, sign: signal.Signals) -> None:
    """The child leads a session of its own, so this reaches its descendants and nobody else."""
    try:
        os.killpg(leader, sign)
    except (ProcessLookupError, PermissionError):
        return
