"""Starting a child that dies with us."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from rapport.kit.home import Owner

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str],
    *,
    output: IO[bytes] | int,
    farewell: signal.Signals = signal.SIGTERM,
    owner: Owner | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """A child in a session of its own (Ctrl-C in the terminal reaches only us, so we choose the order of stopping).

    On Linux the kernel sends it `farewell` when the thread that called this ends, however we die.
    """
    drop: dict[str, Any] = (
        {} if owner is None or owner.uid is None else {"user": owner.uid, "group": owner.gid, "extra_groups": []}
    )
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        cwd=folder,
        env=environment,
        umask=0o077,
        # Two system calls and no lock: safe beside the threads that only copy lines into journals.
        preexec_fn=_die_with(os.getpid(), farewell) if _LIBC is not None else None,  # noqa: PLW1509
        **drop,
    )


def _die_with(parent: int, farewell: signal.Signals) -> Callable[[], None]:
    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return ask


def plain_environment() -> dict[str, str]:
    """For the server programs: no PG* variable and no locale of the caller may leak in."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "TMPDIR", "LD_LIBRARY_PATH", "HOME"}}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
