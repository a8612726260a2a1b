"""The `rapport` command: what it offers, and that it brings up what it needs and nothing more."""

import os
import subprocess
import sys
import time

import pytest

from rapport.cli import COMMANDS
from rapport.cli.lazy import Listed, program
from rapport.kit import postgres
from rapport.kit.home import Home


def rapport(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rapport.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


def test_help_lists_the_commands_that_are_there_and_starts_nothing(place: Home):
    said = rapport("--help")
    assert said.returncode == 0
    for one in COMMANDS:
        assert (one.name in said.stdout) == one.exists(), one.name
    assert not place.data.exists()


def test_an_unknown_command_is_refused(place: Home):
    said = rapport("fly")
    assert said.returncode == 2
    assert "No such command" in said.stderr
    assert not place.data.exists()


def test_a_command_whose_module_is_missing_is_not_offered():
    here = Listed("run", "rapport.cli.run", "x", needs="nothing")
    gone = Listed("fly", "rapport.cli.no_such_module", "x", needs="nothing")
    group = program([here, gone])
    assert list(group.list_commands(None)) == ["run"]


@pytest.mark.usefixtures("wheel")
def test_a_command_alone_starts_the_database_and_stops_it_afterwards(place: Home):
    said = rapport("db-shell", "-At", "-c", "SELECT current_user")
    assert (said.returncode, said.stdout.strip()) == (0, "rapport"), said.stderr
    assert not (place.data / "postmaster.pid").exists()


@pytest.mark.usefixtures("wheel")
def test_a_command_beside_a_running_installation_uses_its_database(place: Home):
    with postgres.start(place, throw_away=True) as cluster:
        said = rapport("db-shell", "-At", "-c", "SELECT 1")
        assert (said.returncode, said.stdout.strip()) == (0, "1"), said.stderr
        assert cluster.running()


@pytest.mark.usefixtures("wheel")
def test_the_first_command_waits_for_the_second_before_it_takes_the_database_away(place: Home):
    first = subprocess.Popen([sys.executable, "-m", "rapport.cli", "db-shell", "-c", "SELECT pg_sleep(2)"])
    while not (place.data / "postmaster.pid").exists():
        time.sleep(0.05)
    second = rapport("db-shell", "-At", "-c", "SELECT pg_sleep(4), 'finished'")
    assert "finished" in second.stdout, second.stderr
    assert first.wait(20) == 0
    assert not (place.data / "postmaster.pid").exists()


def test_the_exit_code_of_a_command_comes_through(place: Home):
    assert rapport("manage", "no_such_command").returncode != 0


@pytest.mark.usefixtures("wheel")
def test_an_empty_database_is_said_in_a_sentence(place: Home):
    said = rapport("trace", "1", DATABASE_URL="")
    assert said.returncode == 1
    assert "rapport migrate" in said.stderr
    assert "Traceback" not in said.stderr
