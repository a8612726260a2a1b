"""The order in which an installation comes up and goes down.

Up: lock · PostgreSQL beside static files · migrate · erasures told again · mailbox and web · beside them the demo clinic
(first time) · worker.
Steps that were done for this very version and database are not done again (`stamps`).
Down: web, worker, mailbox, PostgreSQL; each only after the ones that need it have gone.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from rapport.kit import home as homes
from rapport.kit import postgres
from rapport.kit.home import Home
from rapport.kit.postgres.child import spawn
from rapport.kit.supervisor import doors, stamps
from rapport.kit.supervisor.doors import PortTaken, answers
from rapport.kit.supervisor.parts import Part
from rapport.kit.supervisor.plan import Plan

WEB_PORT = 8000
MAIL_PORT = 8025
BEAT = 0.2
ERASURES = "erasures.log"  # the journal that `plan.erasures` reads
READY = "ready"  # a file in the home with the address, there while everything is up
WEB_PATIENCE = 60.0
PATIENCE = {"web": 15.0, "worker": 30.0, "mailbox": 5.0}  # stopped in this order


class AlreadyRunning(RuntimeError):
    """A supervisor already looks after this home."""


class StepFailed(RuntimeError):
    """A step of coming up ended with an error."""


class Interrupted(Exception):
    """Ctrl-C while coming up."""


@dataclass(frozen=True)
class Wishes:
    """What the person at the keyboard asked for."""

    host: str = "127.0.0.1"
    port: int | None = None
    demo: bool = True
    verbose: bool = False


def run(wishes: Wishes, plan: Plan | None = None) -> int:
    """Bring everything up, keep it up, take it down; the exit code. Call from the main thread."""
    home = homes.find().ready()
    try:
        lock = _take_lock(home)
    except AlreadyRunning as refused:
        say(str(refused))
        return 1
    tree = Tree(home, wishes, plan or Plan())
    before = {one: signal.signal(one, tree.on_signal) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        tree.come_up(lock)
        tree.stay_up()
    except Interrupted:
        pass
    except (postgres.ClusterFailed, postgres.NoPostgres, PortTaken, homes.HomeUnusable, StepFailed) as failed:
        say(str(failed))
        return 1
    finally:
        tree.go_down()
        for one, handler in before.items():
            signal.signal(one, handler)
        lock.close()
    return 0


class Tree:
    """The parent and its parts."""

    def __init__(self, home: Home, wishes: Wishes, plan: Plan) -> None:
        self.home = home
        self.wishes = wishes
        self.plan = plan
        self.stopping = False
        self.hurry = False
        self.cluster: postgres.Cluster | None = None
        self.parts: list[Part] = []
        self.steps: list[subprocess.Popen[bytes]] = []
        self.ports: list[doors.Port] = []
        self.port = 0
        self.mail_port = 0
        self.sms_port = 0

    @property
    def address(self) -> str:
        return os.environ.get("RAPPORT_PUBLIC_URL") or f"http://localhost:{self.port}"

    def on_signal(self, *_: Any) -> None:
        """The first asks for a stop; the second for a quick one."""
        self.hurry = self.stopping
        self.stopping = True

    def come_up(self, lock: IO[str]) -> None:
        began = time.monotonic()
        (self.home.root / READY).unlink(missing_ok=True)
        self.port = self._take(self.wishes.host, self.wishes.port or WEB_PORT, strict=self.wishes.port is not None)
        self.mail_port = self._take("127.0.0.1", MAIL_PORT)
        self.sms_port = self._take("127.0.0.1", self.mail_port + 1)
        _write_lock(lock, self.address)
        collecting = None if stamps.is_done(self.home, "statics") else self._step(self.plan.statics, "web")
        self._start_database()
        if not stamps.is_done(self.home, "migrate"):
            self._wait_for("migrate", self._step(self.plan.migrate))
        elif (self.home.root / ERASURES).exists():  # this may be a backup from before; migrate asks by itself
            self._wait_for("erasures", self._step(self.plan.erasures))
        if collecting is not None:
            self._wait_for("statics", collecting)
        self._add("web", self.plan.web, process="web")
        if self.wishes.demo and self.plan.demo is not None and not stamps.is_done(self.home, "demo"):
            self._add("mailbox", self.plan.mailbox)
            self._wait_for("demo", self._step(self.plan.demo), fatal=False)
            self._wait_for_web()
        else:
            self._wait_for_web()  # first the pages, then the rest: somebody waits for them
            self._add("mailbox", self.plan.mailbox)
        for number in range(self.plan.workers):
            self._add("worker" if number == 0 else f"worker-{number + 1}", self.plan.worker, process="worker")
        (self.home.root / READY).write_text(self.address + "\n")
        self._greet(time.monotonic() - began)

    def _take(self, host: str, wanted: int, *, strict: bool = False) -> int:
        self.ports.append(doors.take(host, wanted=wanted, strict=strict))
        return self.ports[-1].number

    def stay_up(self) -> None:
        """Until told to stop: restart what dies."""
        while not self.stopping:
            self._beat()
            time.sleep(BEAT)

    def go_down(self) -> None:
        (self.home.root / READY).unlink(missing_ok=True)
        try:
            self._stop_all()
        finally:
            while self.ports:
                self.ports.pop().let_go()

    def _stop_all(self) -> None:
        if not (self.parts or self.steps or self.cluster):
            return
        say("stopping")
        for step in self.steps:
            _end(step)
        for kind, patience in PATIENCE.items():
            for part in [one for one in self.parts if one.name.split("-")[0] == kind]:
                if not part.stop(1.0 if self.hurry else patience):
                    say(f"{part.name} did not stop by itself")
        if self.cluster is not None:
            self.cluster.stop()
        self.parts, self.steps, self.cluster = [], [], None
        say("stopped")

    def _beat(self) -> None:
        if self.cluster is not None and self.cluster.owned and not self.cluster.running():
            say("PostgreSQL died; starting it again")
            self.cluster.restart()
        for part in self.parts:
            code = part.watch()
            if code is not None and not self.stopping:
                say(f"{part.name} ended (exit code {code}); starting it again. See {self.home.log / part.name}.log")

    def _start_database(self) -> None:
        if postgres.outside_url():
            return
        say("starting the database" if self.home.data.exists() else "making the database")
        self.cluster = postgres.start(self.home, share=False)

    def _greet(self, seconds: float) -> None:
        lines = [f"Rapport is ready at {self.address}   ({seconds:.1f} s)", *_logins(self.home)]
        lines.append(f"Logs: {self.home.log}   Stop with Ctrl-C.")
        say("\n" + "\n".join(f"  {line}" for line in lines) + "\n")

    def _wait_for_web(self) -> None:
        def given_up() -> bool:
            self._beat()
            return self.stopping

        if not answers(self.wishes.host, self.port, patience=WEB_PATIENCE, given_up=given_up):
            if self.stopping:
                raise Interrupted
            raise StepFailed(f"The web process does not answer. See {self.home.log / 'web.log'}")

    def _add(self, name: str, command: Sequence[str], *, process: str = "system") -> None:
        if self.stopping:
            raise Interrupted
        words = [word.format(host=self.wishes.host, port=self.port) for word in command]
        part = Part(name, words, environment=self._environment(process), log=self.home.log, verbose=self.wishes.verbose)
        self.parts.append(part.start())

    def _step(self, command: Sequence[str], process: str = "system") -> subprocess.Popen[bytes]:
        """A child that ends by itself; its words go to the screen."""
        step = spawn(command, output=sys.stderr.fileno(), environment=self._environment(process))
        self.steps.append(step)
        return step

    def _wait_for(self, name: str, step: subprocess.Popen[bytes], *, fatal: bool = True) -> None:
        while step.poll() is None:
            if self.stopping:
                raise Interrupted
            self._beat()
            time.sleep(0.05)
        self.steps.remove(step)
        if step.returncode == 0:
            if name in stamps.STEPS:
                stamps.remember(self.home, name)
        else:
            complaint = f"The step `{name}` failed (exit code {step.returncode})."
            if fatal:
                raise StepFailed(complaint)
            say(complaint + " Going on without it.")

    def _environment(self, process: str) -> Mapping[str, str]:
        return {
            **os.environ,
            "RAPPORT_HOME": str(self.home.root),
            "RAPPORT_SUPERVISED": "1",
            "RAPPORT_PROCESS": process,
            "RAPPORT_PUBLIC_URL": self.address,
            "RAPPORT_SMTP_PORT": os.environ.get("RAPPORT_SMTP_PORT", str(self.mail_port)),
            "RAPPORT_MAILBOX_PORT": str(self.mail_port),
            "RAPPORT_SMS_PORT": str(self.sms_port),
            "DJANGO_SETTINGS_MODULE": "rapport.settings",
            "PYTHONUNBUFFERED": "1",
        }


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _end(step: subprocess.Popen[bytes]) -> None:
    if step.poll() is None:
        step.send_signal(signal.SIGINT)
        try:
            step.wait(10)
        except subprocess.TimeoutExpired:
            step.kill()
            step.wait()


def _take_lock(home: Home) -> IO[str]:
    lock = os.fdopen(os.open(home.root / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid, _, address = lock.read().strip().partition(" ")
        lock.close()
        where = f" at {address}" if address else ""
        raise AlreadyRunning(
            f"Rapport already runs{where} (process {pid or '?'}) on {home.root}. Stop that one first, or set another RAPPORT_HOME."
        ) from None
    _write_lock(lock, "")
    return lock


def _write_lock(lock: IO[str], address: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()} {address}".strip() + "\n")
    lock.flush()


def _logins(home: Home) -> list[str]:
    """The demo leaves its logins here; nothing is printed when there is no demo."""
    try:
        return (home.root / "demo-logins.txt").read_text().splitlines()
    except FileNotFoundError:
        return []
