"""Where an installation keeps its things.

One folder, `RAPPORT_HOME` (default: `var/` in the checkout), holds keys, logs and small state. The database files lie beside
it, except when the program is started as root: PostgreSQL refuses to run as root, and the user it is handed to can't
read below root's own folders, so data, binaries and socket then live under `/var/lib/rapport`.
"""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

OS_USER = "rapport"
SYSTEM_ROOT = Path("/var/lib/rapport")
SOCKET_PATH_LIMIT = 107  # bytes of sun_path on Linux (104 on macOS), with ".s.PGSQL.5432" inside
_SOCKET_NAME = "/.s.PGSQL.5432"


class HomeUnusable(RuntimeError):
    """The folder of the installation can't be made or isn't ours."""


@dataclass(frozen=True)
class Owner:
    """The operating-system user that database files belong to; `None` ids mean "whoever we are"."""

    name: str | None = None
    uid: int | None = None
    gid: int | None = None

    def take(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True)
class Home:
    """The places of one installation."""

    root: Path

    @property
    def short(self) -> str:
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:10]

    @property
    def keys(self) -> Path:
        return private_folder(self.root / "keys")

    @property
    def log(self) -> Path:
        return private_folder(self.root / "log")

    @property
    def database(self) -> Path:
        """The folder around data directory and socket; not created here."""
        return SYSTEM_ROOT / self.short if is_root() else self.root / "postgres"

    @property
    def data(self) -> Path:
        return self.database / "data"

    @property
    def socket(self) -> Path:
        wanted = self.database / "socket"
        if len(str(wanted).encode()) + len(_SOCKET_NAME) <= min(SOCKET_PATH_LIMIT, 103):
            return wanted
        return Path(tempfile.gettempdir()) / f"rapport-{os.getuid()}-{self.short}"

    def ready(self) -> "Home":
        """Make the folder itself; the others appear when they are first asked for."""
        private_folder(self.root)
        return self


def find(root: Path | str | None = None) -> Home:
    """The home named by the argument, else by `RAPPORT_HOME`, else `var/` of the checkout."""
    chosen = root or os.environ.get("RAPPORT_HOME") or _checkout() / "var"
    return Home(Path(chosen).expanduser().resolve())


def path() -> Path:
    """The folder of this installation, made when it is missing."""
    return find().ready().root


def secret(name: str, *, root: Path | None = None) -> str:
    """A random secret of the installation, made at first use and kept among the keys."""
    return kept(find(root).ready().keys / f"{name}.secret")


def kept(file: Path) -> str:
    """The text in this file; a new random one when there is none. Complete or absent, and the first writer wins."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_text().strip()
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_urlsafe(48) + "\n")
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    return file.read_text().strip()


def is_root() -> bool:
    return os.geteuid() == 0


def private_folder(path: Path) -> Path:
    """A folder only its owner can open. Refuses one that somebody else put there first."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = path.lstat()
    if not stat.S_ISDIR(seen.st_mode):
        raise HomeUnusable(f"{path} is not a folder.")
    if seen.st_uid != os.geteuid():
        raise HomeUnusable(
            f"{path} belongs to another user (uid {seen.st_uid}); remove it or choose another RAPPORT_HOME."
        )
    if stat.S_IMODE(seen.st_mode) & 0o077:
        path.chmod(0o700)
    return path


def owned_folder(path: Path, owner: Owner) -> Path:
    """A private folder of the database user."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = path.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in {os.geteuid(), owner.uid}:
        raise HomeUnusable(f"{path} is not a folder of ours.")
    owner.take(path)
    path.chmod(0o700)
    return path


def database_owner() -> Owner:
    """Who runs PostgreSQL: ourselves, or an own system user when we are root."""
    if not is_root():
        return Owner()
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        _add_system_user()
        entry = pwd.getpwnam(OS_USER)
    SYSTEM_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
    SYSTEM_ROOT.chmod(0o711)
    return Owner(OS_USER, entry.pw_uid, entry.pw_gid)


def _add_system_user() -> None:
    tool = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if tool is None:
        raise HomeUnusable(
            "Started as root, but PostgreSQL can't run as root and there is no `useradd` to make a user for it. "
            "Start as an ordinary user, or set DATABASE_URL."
        )
    made = subprocess.run(
        [
            tool,
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            str(SYSTEM_ROOT),
            "--shell",
            "/usr/sbin/nologin",
            OS_USER,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    already_there = 9
    if made.returncode not in {0, already_there}:
        raise HomeUnusable(f"Could not make the system user `{OS_USER}`: {made.stderr.strip()}")


def _checkout() -> Path:
    """The folder with pyproject.toml above this file; the current folder for an installed package."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").exists():
            return folder
    return Path.cwd()
