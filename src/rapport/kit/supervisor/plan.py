"""The commands of the parts and steps of an installation."""

import os
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec


def ours(*words: str) -> list[str]:
    """A sub-command of `rapport`, run by the Python we run in."""
    return [sys.executable, "-m", "rapport.cli", *words]


def _web() -> list[str]:
    processes = max(1, min(2, os.cpu_count() or 1))
    return [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "{host}", "--port", "{port}"],
        *["--workers", str(processes), "--runtime-threads", "1", "--blocking-threads", "8", "--backpressure", "64"],
        *["--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "10", "rapport.wsgi:application"],
    ]


def _demo() -> list[str] | None:
    wanted = os.environ.get("RAPPORT_ENV") != "production" and find_spec("rapport.cli.demo") is not None
    return ours("demo", "--if-empty") if wanted else None


@dataclass(frozen=True)
class Plan:
    """What to run. Steps end by themselves, parts run until they are stopped. `{host}` and `{port}` are filled in."""

    migrate: list[str] = field(default_factory=lambda: ours("migrate", "--verbosity", "0"))
    erasures: list[str] = field(default_factory=lambda: ours("erasures", "apply", "--quiet"))
    statics: list[str] = field(
        default_factory=lambda: ours("manage", "collectstatic", "--noinput", "--clear", "-v", "0")
    )
    demo: list[str] | None = field(default_factory=_demo)
    mailbox: list[str] = field(default_factory=lambda: ours("mailbox"))
    web: list[str] = field(default_factory=_web)
    worker: list[str] = field(default_factory=lambda: ours("worker"))
    workers: int = field(default_factory=lambda: int(os.environ.get("RAPPORT_WORKERS", "1")))
