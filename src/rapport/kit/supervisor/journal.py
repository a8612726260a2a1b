"""What the parts print, kept in rotating files under the home's `log/`.

Our own processes print JSON lines that are clean already (kit.logs). Anything else they print may carry a patient's
name, as the message of an exception does, so of foreign lines only what can't is kept: the places of a traceback, the
type of the error, and the words of the web server itself.
"""

import json
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

LIMIT = 10 * 1024 * 1024
KEPT_FILES = 5
LONGEST_LINE = 32 * 1024

_FRAME = re.compile(rb'^\s*File "([^"<]+)", line (\d+), in (\S+)')
_ERROR = re.compile(
    rb"^((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Failed|Refused|Taken|InUse))\b"
)
# Of these the message names code, never a value.
_CODE_ERROR = re.compile(rb"^((?:ImportError|ModuleNotFoundError|NameError|SyntaxError): .{1,300})$")
_SERVER = re.compile(
    rb"^\[(?:INFO|WARNING|ERROR)\] ("
    rb"(?:Starting granian|Listening at: http://[\w.:\[\]]+|(?:Spawning|Started|Stopping|Booting|Respawning) worker"
    rb"|Shutting down granian|Unexpected exit from worker|All workers are gone)[\w -]*)"
)


class Journal:
    """One file of lines, turned over when it is full."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._out = open(path, "ab", buffering=0)  # noqa: SIM115 - lives as long as the part

    def write(self, line: bytes) -> None:
        with self._lock:
            if self._out.tell() + len(line) > LIMIT:
                self._turn_over()
            self._out.write(line.rstrip(b"\n") + b"\n")

    def close(self) -> None:
        with self._lock:
            self._out.close()

    def _turn_over(self) -> None:
        self._out.close()
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        self._out = open(self.path, "ab", buffering=0)  # noqa: SIM115


def follow(source: IO[bytes], journal: Journal, name: str, *, verbose: bool) -> threading.Thread:
    """Copy what a part prints into its journal until it ends."""

    def pump() -> None:
        for line in iter(lambda: source.readline(LONGEST_LINE), b""):
            kept = clean(line)
            if kept is None:
                continue
            journal.write(kept)
            if verbose:
                print(f"{name:8} {kept.decode(errors='replace').rstrip()}", file=sys.stderr, flush=True)
        source.close()

    thread = threading.Thread(target=pump, name=f"journal-{name}", daemon=True)
    thread.start()
    return thread


def clean(line: bytes) -> bytes | None:
    """The line as it may be kept; None when nothing of it may."""
    stripped = line.strip()
    if stripped.startswith(b"{") and stripped.endswith(b"}"):
        try:
            if "event" in json.loads(stripped):
                return stripped
        except ValueError:
            return None
    for pattern, key in ((_FRAME, "place"), (_CODE_ERROR, "error"), (_ERROR, "error"), (_SERVER, "event")):
        found = pattern.match(line.rstrip())
        if found:
            return _entry(key, b":".join(found.groups()).decode(errors="replace"))
    return None


def _entry(key: str, text: str) -> bytes:
    entry = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": "printed", key: text.strip()}
    return json.dumps(entry).encode()
