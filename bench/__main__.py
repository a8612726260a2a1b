"""Find and run benchmarks.

    python -m bench                    the list
    python -m bench NAME [NAME ...]    run, and print a table
    python -m bench NAME --json        run, and print one JSON object as the last line of stdout

Progress goes to stderr. The numbers of a run on a borrowed database mean nothing, so it gets one of its own: a fresh
home with a full-strength PostgreSQL (fsync on) unless DATABASE_URL names a server or `--home PATH` a kept one.
"""

import argparse
import contextlib
import importlib
import importlib.util
import json
import os
import pkgutil
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import bench
from rapport.kit import home, postgres

Report = Callable[..., None]


def main() -> int:
    wishes = _wishes()
    known = names()
    if not wishes.names:
        _list(known)
        return 0
    unknown = [name for name in wishes.names if name not in known]
    if unknown:
        print(f"No benchmark called {', '.join(unknown)}. There are: {', '.join(known) or 'none'}.", file=sys.stderr)
        return 2
    real_stdout = sys.stdout
    with _database(wishes.home), contextlib.redirect_stdout(sys.stderr):  # whatever a library prints is progress
        results = {name: measure(name) for name in wishes.names}
    document = results[wishes.names[0]] if len(wishes.names) == 1 else {"results": results}
    if wishes.json:
        print(
            json.dumps({**document, "machine": machine()}, sort_keys=False, default=str), file=real_stdout, flush=True
        )
    else:
        _print_table(results, real_stdout)
    return 0


def names() -> list[str]:
    """The modules of this package that offer `run`, by name."""
    return sorted(
        one.name
        for one in pkgutil.iter_modules(bench.__path__)
        if not one.name.startswith("_") and _offers_run(one.name)
    )


def measure(name: str) -> dict[str, Any]:
    """One benchmark's figures with its own running time."""
    module = importlib.import_module(f"bench.{name}")
    began = time.monotonic()

    def report(*words: object) -> None:
        print(f"[{name} {time.monotonic() - began:6.1f} s]", *words, file=sys.stderr, flush=True)

    report("begins")
    figures = dict(module.run(report))
    report("done")
    return {"name": name, **figures, "took_seconds": round(time.monotonic() - began, 2)}


def machine() -> dict[str, Any]:
    return {
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "postgres": os.environ.get("RAPPORT_BENCH_POSTGRES", "outside"),
    }


@contextlib.contextmanager
def _database(kept: str | None) -> Iterator[None]:
    """A migrated database and Django set up on it."""
    if postgres.outside_url():
        _set_up_django()
        yield
        return
    place = home.find(kept or tempfile.mkdtemp(prefix="rapport-bench-"))
    os.environ["RAPPORT_HOME"] = str(place.root)
    try:
        with postgres.start(place) as cluster:
            os.environ["RAPPORT_BENCH_POSTGRES"] = str(cluster.major)
            _set_up_django()
            yield
    finally:
        if kept is None:
            postgres.destroy(place)


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
    importlib.import_module("django").setup()
    importlib.import_module("django.core.management").call_command("migrate", interactive=False, verbosity=0)


def _offers_run(name: str) -> bool:
    spec = importlib.util.find_spec(f"bench.{name}")
    source = spec.loader.get_source(spec.name) if spec and spec.loader else ""  # type: ignore[attr-defined]
    return "\ndef run(" in (source or "")


def _first_line(name: str) -> str:
    spec = importlib.util.find_spec(f"bench.{name}")
    source = spec.loader.get_source(spec.name) if spec and spec.loader else ""  # type: ignore[attr-defined]
    return (source or "").lstrip('"').split("\n", 1)[0].rstrip('"')


def _list(known: list[str]) -> None:
    for name in known:
        print(f"{name:18} {_first_line(name)}")
    if not known:
        print("There is no benchmark yet.")


def _print_table(results: dict[str, dict[str, Any]], out: Any) -> None:
    for name, figures in results.items():
        print(f"\n{name}", file=out)
        for key, value in figures.items():
            shown = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if type(value) is int else str(value)
            print(f"  {key:34} {shown:>18}", file=out)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="which to run")
    parser.add_argument("--json", action="store_true", help="the last line of stdout is one JSON object")
    parser.add_argument("--home", help="keep the database of the benchmark in this folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
