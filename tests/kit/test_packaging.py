"""What ships: the image, the compose file, the locks, and the set-up from a bare machine."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LOCKS = ["requirements/run.lock", "requirements/test.lock", "requirements/uv.txt", "requirements/build.txt"]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )


def test_the_dockerfile_passes_the_linter():
    said = run(str(BIN / "hadolint"), "--no-color", "Dockerfile")
    assert (said.returncode, said.stdout) == (0, "")


def test_the_linter_would_have_complained(tmp_path: Path):
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python:latest\nRUN cd /srv && sudo pip install django\n")
    assert run(str(BIN / "hadolint"), str(bad)).returncode != 0


def test_the_compose_file_follows_the_schema():
    said = run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_service_is_watched_and_has_no_more_power_than_it_needs():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"database", "migrate", "web", "worker"}
    for name in ("database", "web", "worker"):
        assert "healthcheck" in services[name], name
    for name in ("migrate", "web", "worker"):
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
        assert services[name]["environment"]["RAPPORT_ENV"] == "production"
    assert "ports" not in services["database"]


def test_the_image_does_not_run_as_root():
    users = re.findall(r"^USER (\d+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users
    assert users[-1] != "0"


def test_the_health_check_of_the_worker_sees_a_worker_and_only_a_living_one(tmp_path: Path):
    other = (
        "import runpy; print(runpy.run_path('docker/healthy.py')['_is_worker'](__import__('pathlib').Path('/proc/{}')))"
    )

    def seen(pid: int) -> str:
        return run(sys.executable, "-c", other.format(pid)).stdout.strip()

    (tmp_path / "loop.py").write_text("import time; time.sleep(60)")
    worker = subprocess.Popen([sys.executable, str(tmp_path / "loop.py"), "worker"])
    web = subprocess.Popen([sys.executable, str(tmp_path / "loop.py"), "web"])
    try:
        assert (seen(worker.pid), seen(web.pid)) == ("True", "False")
    finally:
        for one in (worker, web):
            one.kill()
    assert seen(worker.pid) == "False"
    for one in (worker, web):
        one.wait()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_everything_by_hash_and_names_no_address(lock: str):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text)
    pinned = [entry for entry in entries if "==" in entry.split("\n", 1)[0]]
    assert pinned
    assert [entry.split("==")[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_the_test_lock_contains_the_run_lock():
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9._-]+==[^ \\]+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements/run.lock") <= pins("requirements/test.lock")


def test_pyproject_and_the_lock_ask_for_the_same_packages():
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    plain = {re.split(r"[\[=~<> ;]", one)[0].lower() for one in asked}
    lines = [line.strip() for line in (ROOT / "requirements/run.in").read_text().splitlines()]
    listed = {re.split(r"[\[=~<> ;]", line)[0].lower() for line in lines if line and not line.startswith(("#", "-"))}
    assert listed - plain == {"hatchling", "editables"}, (
        "requirements/run.in has a package that pyproject.toml does not explain"
    )
    assert plain - listed == set()


def test_a_repeated_set_up_does_nothing_and_is_quick():
    said = run(sys.executable, "tools/bootstrap.py", "run")
    assert said.returncode == 0
    assert said.stderr == "" or "packages are there" in said.stderr


def test_another_python_is_refused_with_a_way_out():
    program = "import sys, runpy; sys.version_info = (3, 9, 1); sys.argv = ['bootstrap', 'run']; "
    program += "runpy.run_path('tools/bootstrap.py', run_name='__main__')"
    said = run(sys.executable, "-c", program)
    assert said.returncode != 0
    assert "Python 3.11 is needed" in said.stderr


def test_the_shell_scripts_parse():
    for script in (".ci/run", "docker/roles.sh", "docker/web.sh"):
        assert run("bash", "-n", script).returncode == 0, script
