"""The benchmark runner: what it finds, and what it prints where."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bench
from bench import __main__ as runner

PROBE = '''"""A probe that measures nothing."""

def run(report):
    report("half way")
    print("a library that talks on stdout")
    return {"rows": 1000, "rows_per_second": 12.5}
'''


@pytest.fixture
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A benchmark module that exists for this test only."""
    (tmp_path / "probe_of_the_runner.py").write_text(PROBE)
    (tmp_path / "no_benchmark.py").write_text("x = 1\n")
    monkeypatch.setattr(bench, "__path__", [*bench.__path__, str(tmp_path)])
    yield "probe_of_the_runner"
    sys.modules.pop("bench.probe_of_the_runner", None)


def test_only_modules_that_offer_run_are_benchmarks(probe: str):
    found = runner.names()
    assert probe in found
    assert "no_benchmark" not in found


def test_the_last_line_on_stdout_is_one_json_object(
    probe: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "argv", ["bench", probe, "--json"])
    monkeypatch.setattr(runner, "_set_up_django", lambda: None)  # the test run has done it
    assert runner.main() == 0
    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    document = json.loads(line)
    assert document["name"] == probe
    assert document["rows_per_second"] == 12.5
    assert document["machine"]["cpus"] >= 1
    assert "half way" in said.err
    assert "talks on stdout" in said.err


def test_without_json_a_table_is_printed(
    probe: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "argv", ["bench", probe])
    monkeypatch.setattr(runner, "_set_up_django", lambda: None)
    assert runner.main() == 0
    said = capsys.readouterr().out
    assert "rows_per_second" in said
    assert "1,000" in said


def test_an_unknown_benchmark_is_refused_by_name():
    said = subprocess.run([sys.executable, "-m", "bench", "nothing_like_it"], capture_output=True, text=True)
    assert said.returncode == 2
    assert "nothing_like_it" in said.stderr
    assert said.stdout == ""
