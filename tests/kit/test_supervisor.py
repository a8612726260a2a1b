"""The process tree with a real PostgreSQL and small stand-in parts: the order, the restarts, and every way of dying."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from rapport.kit.home import Home
from rapport.kit.postgres import address
from rapport.kit.supervisor import doors

TREE = """
import sys
from rapport.kit import supervisor

note = sys.argv[1]
WEB = '''
import sys, http.server, signal
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"hello")
    def log_message(self, *words): pass
def farewell(*_):
    open(sys.argv[2], "a").write("web down\\\\n"); sys.exit(0)
signal.signal(signal.SIGTERM, farewell)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
'''
LOOP = '''
import os, sys, signal, time
def farewell(*_):
    open(sys.argv[2], "a").write(sys.argv[1] + " down\\\\n"); sys.exit(0)
signal.signal(signal.SIGTERM, farewell)
open(sys.argv[2], "a").write(f"{sys.argv[1]} up {os.getpid()}\\\\n")
while True: time.sleep(0.05)
'''
STEP = "import sys; open(sys.argv[2], 'a').write(sys.argv[1] + chr(10))"
py = [sys.executable, "-c"]
plan = supervisor.Plan(
    migrate=[*py, STEP, "migrate", note],
    statics=[*py, STEP, "statics", note],
    demo=[*py, STEP, "demo", note],
    mailbox=[*py, LOOP.replace("{", "{{").replace("}", "}}"), "mailbox", note],
    web=[*py, WEB, "{port}", note],
    worker=[*py, LOOP.replace("{", "{{").replace("}", "}}"), "worker", note],
    workers=1,
)
port = int(sys.argv[2]) if len(sys.argv) > 2 else None
sys.exit(supervisor.run(supervisor.Wishes(port=port), plan))
"""


class Running:
    """A supervisor in a process of its own, and what it says."""

    def __init__(self, note: Path, *words: str) -> None:
        self.note = note
        self.said = note.with_suffix(".said")
        with open(self.said, "ab") as out:
            self.process = subprocess.Popen([sys.executable, "-c", TREE, str(note), *words], stderr=out, stdout=out)

    def until(self, condition: Callable[[], object], what: str, patience: float = 40.0) -> None:
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, f"never: {what}\n{self.said.read_text()}\n{self.notes()}"
            time.sleep(0.05)

    def ready(self) -> "Running":
        """Up with all its parts; one that is still starting has not yet learned to say farewell."""
        up = ("mailbox up", "worker up")
        self.until(lambda: "is ready at" in self.said.read_text() and all(one in self.notes() for one in up), "ready")
        return self

    def notes(self) -> str:
        return self.note.read_text() if self.note.exists() else ""

    def address(self) -> str:
        found = re.findall(r"ready at (http://\S+)", self.said.read_text())
        return found[-1]

    def worker(self) -> int:
        return int(re.findall(r"worker up (\d+)", self.notes())[-1])


@pytest.fixture
def start(place: Home, wheel: None, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(*words: str) -> Running:
        started.append(Running(tmp_path / "notes", *words))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.process.wait(30)
            one.process.kill()
            one.process.wait()


def test_it_comes_up_in_order_and_goes_down_in_order(start: Callable[..., Running], place: Home):
    tree = start().ready()
    with urllib.request.urlopen(tree.address()) as page:
        assert page.status == 200
    order = [line.split()[0] for line in tree.notes().splitlines()]
    assert order.index("migrate") < order.index("demo") < order.index("worker")
    tree.process.send_signal(signal.SIGINT)
    assert tree.process.wait(30) == 0
    assert tree.notes().splitlines()[-3:] == ["web down", "worker down", "mailbox down"]
    assert not (place.data / "postmaster.pid").exists()


def test_a_part_that_dies_is_started_again(start: Callable[..., Running]):
    tree = start().ready()
    first = tree.worker()
    os.kill(first, signal.SIGKILL)
    tree.until(lambda: tree.worker() != first, "a new worker")
    assert "worker ended (exit code -9)" in tree.said.read_text()


def test_a_database_that_dies_is_started_again(start: Callable[..., Running], place: Home):
    tree = start().ready()
    server = int((place.data / "postmaster.pid").read_text().split()[0])
    os.kill(server, signal.SIGKILL)

    def answers() -> bool:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(address.own_url(place)):
            return True
        return False

    tree.until(lambda: "starting it again" in tree.said.read_text() and answers(), "a new server")


def test_kill_9_of_the_supervisor_leaves_nothing_in_the_way_of_the_next(start: Callable[..., Running]):
    tree = start().ready()
    left = tree.worker()
    with urllib.request.urlopen(tree.address()):
        pass
    tree.process.kill()
    tree.process.wait()
    tree.said.write_text("")
    again = start()
    again.until(lambda: "is ready at" in again.said.read_text(), "ready again")
    assert (
        not Path(f"/proc/{left}").exists() or Path(f"/proc/{left}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    )
    with urllib.request.urlopen(again.address()) as page:
        assert page.status == 200


def test_a_second_supervisor_on_the_same_home_is_refused_with_the_address(start: Callable[..., Running]):
    first = start().ready()
    second = start()
    assert second.process.wait(20) == 1
    assert f"Rapport already runs at {first.address()} (process {first.process.pid})" in second.said.read_text()
    assert first.process.poll() is None


def test_a_taken_port_is_said_when_it_was_asked_for(start: Callable[..., Running]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        tree = start(str(port))
        assert tree.process.wait(20) == 1
        assert f"Port {port} is taken" in tree.said.read_text()


def test_without_a_wish_the_next_free_port_is_used():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = doors.take("127.0.0.1", wanted=port, strict=False)
        assert found.number > port
        found.let_go()


def test_two_that_start_at_once_take_two_ports_although_nobody_listens_yet():
    first = doors.take("127.0.0.1", wanted=47_000, strict=False)
    second = doors.take("127.0.0.1", wanted=first.number, strict=False)
    assert second.number > first.number
    with pytest.raises(doors.PortTaken, match=str(first.number)):
        doors.take("127.0.0.1", wanted=first.number, strict=True)
    first.let_go()
    again = doors.take("127.0.0.1", wanted=first.number, strict=True)
    assert again.number == first.number
    again.let_go()
    second.let_go()


def test_ctrl_c_while_coming_up_stops_what_is_there(start: Callable[..., Running], place: Home):
    tree = start()
    tree.until(lambda: "making the database" in tree.said.read_text(), "the database being made")
    tree.process.send_signal(signal.SIGINT)
    assert tree.process.wait(30) == 0
    assert not (place.data / "postmaster.pid").exists()
