"""Finding and stopping a server that outlived the program which started it.

`postmaster.pid` alone proves nothing: after a reboot the number may belong to anybody, and in a container without a
reaper a dead server stays in the process table as a zombie, which makes PostgreSQL itself refuse to start.
"""

import os
import signal
import subprocess
import time
from pathlib import Path


class OrphanStays(RuntimeError):
    """An old server on this data directory did not stop."""


def clear(data: Path, *, patience: float = 60.0) -> bool:
    """Stop an orphaned server on this data directory; True when there was one. Only call while holding the owner lock."""
    pid = _recorded_pid(data)
    if pid is None:
        return False
    state = _state(pid)
    if state in {"gone", "zombie"}:
        if state == "zombie":
            (data / "postmaster.pid").unlink(missing_ok=True)
        return False
    if not _serves(pid, data):
        # Somebody else got the number. PostgreSQL only looks whether the number is alive, so the file has to go.
        (data / "postmaster.pid").unlink(missing_ok=True)
        return False
    _stop(pid, data, patience)
    return True


def _stop(pid: int, data: Path, patience: float) -> None:
    """Fast shutdown first; immediate (recovers at next start) when that takes too long."""
    for sign, wait in ((signal.SIGINT, patience), (signal.SIGQUIT, 15.0)):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if _state(pid) != "alive":
                (data / "postmaster.pid").unlink(missing_ok=True)
                return
            time.sleep(0.05)
    raise OrphanStays(f"The old PostgreSQL (process {pid}) on {data} does not stop.")


def _recorded_pid(data: Path) -> int | None:
    try:
        first = (data / "postmaster.pid").read_text().split("\n", 1)[0].strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return int(first) if first.isdigit() else None


def _state(pid: int) -> str:
    """`alive`, `zombie` or `gone`."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    except (FileNotFoundError, ProcessLookupError):
        return "gone" if Path("/proc/self").exists() else _state_without_proc(pid)
    return "zombie" if after_name.split()[0] in {"Z", "X"} else "alive"


def _state_without_proc(pid: int) -> str:
    said = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not said:
        return "gone"
    return "zombie" if said.startswith("Z") else "alive"


def _serves(pid: int, data: Path) -> bool:
    """Is this process a PostgreSQL server on this very data directory?"""
    proc = Path(f"/proc/{pid}")
    if not proc.exists():
        said = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        return "postgres" in said and str(data) in said
    try:
        words = (proc / "cmdline").read_bytes().split(b"\0")
        return b"postgres" in words[0] and os.fsencode(str(data)) in words
    except (OSError, IndexError):
        return False
