"""Steps of coming up that need not be done again: each leaves a stamp of what it was done for.

A stamp that does not fit, or none, means the step runs; running one twice does no harm. A server that is not ours
(`DATABASE_URL`) may have been changed by others: its steps always run.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from rapport.kit import postgres
from rapport.kit.home import Home

SOURCE = Path(__file__).resolve().parents[2]
STEPS = ("statics", "migrate", "demo")


def is_done(home: Home, step: str) -> bool:
    """True when this step was done for exactly this version of the program and this database."""
    if step == "statics" and not (home.root / "static").is_dir():
        return False
    try:
        wanted = _fingerprint(home, step)
        return wanted is not None and _stamp(home, step).read_text() == wanted
    except FileNotFoundError:
        return False


def remember(home: Home, step: str) -> None:
    wanted = _fingerprint(home, step)
    if wanted is not None:
        _stamp(home, step).write_text(wanted)


def _stamp(home: Home, step: str) -> Path:
    return home.root / f"{step}.stamp"


def _fingerprint(home: Home, step: str) -> str | None:
    if step == "statics":
        return _hash([*_seen("*/static/**/*"), *_packages()])
    if postgres.outside_url():
        return None
    born = (home.data / "PG_VERSION").stat()
    cluster = f"{born.st_ino} {born.st_mtime_ns}"
    if step == "migrate":
        return _hash([cluster, *_seen("*/migrations/*.py"), *_seen("**/*.sql"), *_packages()])
    return _hash([cluster])


def _seen(pattern: str) -> Iterable[str]:
    for path in sorted(SOURCE.glob(pattern)):
        if path.is_file():
            known = path.stat()
            yield f"{path} {known.st_size} {known.st_mtime_ns}"


def _packages() -> Iterable[str]:
    folder = Path(sys.prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    return sorted(one.name for one in folder.glob("*.dist-info"))


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
