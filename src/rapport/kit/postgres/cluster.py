"""Make, start, recover and stop the server.

Starting, in this order:

1. take `postgres.lock`, or become a guest of whoever holds it;
2. stop a server that an earlier owner left behind (orphans.py);
3. `initdb` at the first time, into a side folder that is renamed when it is whole;
4. start as a direct child, wait until a real connection works, through crash recovery if need be;
5. see that role and database exist.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from rapport.kit import home as homes
from rapport.kit.home import Home, Owner
from rapport.kit.postgres import address, binaries, child, orphans, tuning

STALE_PATIENCE = 30.0  # seconds that shared memory of a killed server may stay in use
RECOVERY_PATIENCE = 120.0
LOG_LIMIT = 10 * 1024 * 1024
_STALE_SIGNS = ("pre-existing shared memory block", "lock file", "is another postmaster", "could not create lock file")


class ClusterFailed(RuntimeError):
    """The server did not come up. The message carries the end of its log, which holds no statement and no value."""


class ClusterInUse(ClusterFailed):
    """Another process owns the server of this home."""


class Cluster:
    """A running server. `owned` says whether we started it; a guest's `stop()` only says goodbye."""

    def __init__(self, home: Home, *, throw_away: bool = False) -> None:
        self.home = home
        self.throw_away = throw_away
        self.owned = False
        self.major = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._programs: binaries.Binaries | None = None
        self._owner = Owner()
        self._lock: IO[str] | None = None
        self._guests: IO[str] | None = None

    @property
    def url(self) -> str:
        return address.own_url(self.home)

    @property
    def boot_url(self) -> str:
        return address.own_url(self.home, role=address.BOOT_ROLE, database="postgres")

    @property
    def socket(self) -> Path:
        return self.home.socket

    @property
    def log_file(self) -> Path:
        return self.home.log / "postgres.log"

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def program(self, name: str) -> str:
        """The path of `psql`, `pg_dump` and their kin, of the server's own version where it has one."""
        found = self._programs or binaries.choose(data=self.home.data)
        return found.program(name)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def restart(self) -> None:
        """Bring a server that died back up; only for the owner."""
        if not self.owned:
            raise ClusterInUse("Only the process that started the server may restart it.")
        if self.process is not None and self.process.poll() is None:
            return
        self._start_server()

    def stop(self, *, guest_patience: float = 5.0) -> None:
        """Fast shutdown: SIGINT, wait; sessions of others are ended by the server after a moment's grace."""
        if not self.owned:
            _close(self._guests)
            self._guests = None
            return
        _wait_for_guests(self.home, guest_patience)
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(timeout=30)
        self.process = None
        self.owned = False
        _close(self._lock)
        self._lock = None

    def own(self, lock: IO[str]) -> "Cluster":
        """Start it as ours."""
        self._lock, self.owned = lock, True
        try:
            self._owner = homes.database_owner()
            self._programs = binaries.for_dropped_user(binaries.choose(data=self.home.data))
            self.major = self._programs.major
            self._prepare()
            orphans.clear(self.home.data)
            self._start_server()
            self._see_to_roles()
        except BaseException:
            self.stop(guest_patience=0)
            raise
        return self

    def visit(self, patience: float) -> "Cluster":
        """Use the server another process owns, waiting for it to come up."""
        self._guests = _lock_file(self.home, "guests.lock")
        fcntl.flock(self._guests, fcntl.LOCK_SH)
        deadline = time.monotonic() + patience
        while True:
            try:
                with psycopg.connect(self.url, connect_timeout=5) as connection:
                    self.major = connection.info.server_version // 10000
                    return self
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    self.stop()
                    raise ClusterFailed(f"The database of {self.home.root} does not answer: {error}") from None
                time.sleep(0.1)

    def _prepare(self) -> None:
        if homes.is_root():
            homes.owned_folder(self.home.database, self._owner)
            (self.home.database / "home").write_text(f"{self.home.root}\n")
        else:
            homes.private_folder(self.home.database)
        homes.owned_folder(self.home.socket, self._owner)
        if binaries.data_major(self.home.data) is None:
            self._initdb()

    def _initdb(self) -> None:
        assert self._programs is not None
        draft = self.home.database / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        secret = self.home.database / "initdb.password"
        secret.unlink(missing_ok=True)
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(address.password(self.home, address.BOOT_ROLE))
        self._owner.take(secret)
        command = [
            self._programs.program("initdb"),
            f"--pgdata={draft}",
            f"--username={address.BOOT_ROLE}",
            f"--pwfile={secret}",
            "--auth-local=scram-sha-256",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--data-checksums",
            *_locale_choice(self._programs.major),
            *(["--no-sync"] if self.throw_away else []),
        ]
        try:
            self._run_initdb(command)
            draft.rename(self.home.data)
        finally:
            secret.unlink(missing_ok=True)

    def _run_initdb(self, command: list[str]) -> None:
        with open(self.log_file, "ab") as log:
            start = log.tell()
            made = child.spawn(
                command, output=log, owner=self._owner, environment=child.plain_environment(), folder=self.home.database
            )
            if made.wait() != 0:
                raise ClusterFailed("initdb failed:\n" + _tail(self.log_file, start))

    def _start_server(self) -> None:
        deadline = time.monotonic() + STALE_PATIENCE
        while True:
            _rotate(self.log_file)
            start = self.log_file.stat().st_size if self.log_file.exists() else 0
            self._spawn()
            if self._answers():
                return
            said = _tail(self.log_file, start)
            self.process = None
            if not any(sign in said for sign in _STALE_SIGNS) or time.monotonic() > deadline:
                raise ClusterFailed("PostgreSQL did not start:\n" + said)
            time.sleep(0.5)
            orphans.clear(self.home.data)

    def _spawn(self) -> None:
        assert self._programs is not None
        chosen = tuning.settings(socket=self.home.socket, throw_away=self.throw_away)
        command = [self._programs.program("postgres"), "-D", str(self.home.data)]
        for name, value in chosen.items():
            command += ["-c", f"{name}={value}"]
        with open(self.log_file, "ab") as log:
            self.process = child.spawn(
                command,
                output=log,
                farewell=signal.SIGINT,
                owner=self._owner,
                environment=child.plain_environment(),
                folder=self.home.database,
            )

    def _answers(self) -> bool:
        """Wait for a real connection; False when the server went away before one worked."""
        assert self.process is not None
        deadline = time.monotonic() + RECOVERY_PATIENCE
        while self.process.poll() is None:
            try:
                with psycopg.connect(self.boot_url, connect_timeout=10):
                    return True
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise ClusterFailed(
                        f"The database in {self.home.data} refuses the password kept in {self.home.keys}: it is of an earlier"
                        " installation at this place. Bring the keys of that one back, or move the folder of the database away"
                        " and start again."
                    ) from None
                if time.monotonic() > deadline:
                    raise ClusterFailed(f"PostgreSQL runs but did not accept connections: {error}") from None
            time.sleep(0.03)
        return False

    def _see_to_roles(self) -> None:
        role = sql.Identifier(address.APP_ROLE)
        secret = sql.Literal(address.password(self.home, address.APP_ROLE))
        can_create = sql.SQL("CREATEDB" if self.throw_away else "NOCREATEDB")
        with psycopg.connect(self.boot_url, autocommit=True) as boot:
            verb = "ALTER" if _exists(boot, "SELECT 1 FROM pg_roles WHERE rolname = %s", address.APP_ROLE) else "CREATE"
            boot.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {} PASSWORD {}").format(
                    sql.SQL(verb), role, can_create, secret
                )
            )
            if not _exists(boot, "SELECT 1 FROM pg_database WHERE datname = %s", address.DATABASE):
                boot.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(address.DATABASE), role))


def start(home: Home | None = None, *, throw_away: bool = False, share: bool = True, patience: float = 60.0) -> Cluster:
    """The home's server: ours when nobody has it, else (with `share`) as a guest, else wait for it and then own it."""
    home = (home or homes.find()).ready()
    lock = _lock_file(home, "postgres.lock")
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return Cluster(home, throw_away=throw_away).own(_sign(lock))
        if share:
            lock.close()
            return Cluster(home, throw_away=throw_away).visit(patience)
        if time.monotonic() > deadline:
            lock.close()
            holder = _holder(home)
            raise ClusterInUse(f"Process {holder} is using the database of {home.root}. Stop it first.")
        time.sleep(0.1)


def destroy(home: Home) -> None:
    """Remove a throw-away home with its data. Its server has to be stopped."""
    for place in (home.database, home.socket, home.root):
        shutil.rmtree(place, ignore_errors=True)


def _locale_choice(major: int) -> Iterator[str]:
    """Byte order everywhere, so that an upgrade of the C library can't corrupt an index; UTF-8 letters have case."""
    if major >= 17:
        yield from ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    else:
        yield "--locale=C.UTF-8" if _system_knows("C.UTF-8") else "--locale=C"


def _system_knows(name: str) -> bool:
    said = (
        subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
        if shutil.which("locale")
        else ""
    )
    return name.lower().replace("-", "") in said.lower().replace("-", "").split()


def _exists(connection: psycopg.Connection[Any], question: str, name: str) -> bool:
    return connection.execute(question.encode(), (name,)).fetchone() is not None


def _lock_file(home: Home, name: str) -> IO[str]:
    return os.fdopen(os.open(home.root / name, os.O_RDWR | os.O_CREAT, 0o600), "r+")


def _sign(lock: IO[str]) -> IO[str]:
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _holder(home: Home) -> str:
    with contextlib.suppress(OSError):
        return (home.root / "postgres.lock").read_text().strip() or "?"
    return "?"


def _close(opened: IO[str] | None) -> None:
    if opened is not None:
        opened.close()


def _wait_for_guests(home: Home, patience: float) -> None:
    with contextlib.suppress(OSError), _lock_file(home, "guests.lock") as guests:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(guests, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.1)


def _tail(path: Path, start: int) -> str:
    with open(path, "rb") as log:
        log.seek(max(start, path.stat().st_size - 4000))
        return log.read().decode(errors="replace").strip()


def _rotate(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
