"""Says on the terminal how far the load is and how long it still takes, from the pace measured so far and nothing else."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """One line a step; on a terminal the line moves, in a log file it stands once when done."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self.out = out
        self.moves = out.isatty()
        self.began = time.monotonic()
        self.shown = 0.0

    @property
    def took(self) -> float:
        return time.monotonic() - self.began

    @contextmanager
    def step(self, words: str) -> Iterator["Step"]:
        one = Step(self, words)
        yield one
        one.end()

    def say(self, words: str) -> None:
        print(words, file=self.out, flush=True)


class Step:
    def __init__(self, progress: Progress, words: str) -> None:
        self.progress, self.words = progress, words
        self.began, self.shown, self.note = time.monotonic(), 0.0, ""

    def at(self, done: int, total: int) -> None:
        """`done` of `total`; shows at most ten times a second, or every 15 s in a log."""
        now = time.monotonic()
        if not done or now - self.shown < (0.1 if self.progress.moves else 15.0):
            return
        self.shown = now
        left = (now - self.began) / done * (total - done)
        line = f"  {self.words}: {done:,} of {total:,}, about {seconds(left)} left"
        print(
            f"\r\x1b[K{line}" if self.progress.moves else line,
            end="" if self.progress.moves else "\n",
            file=self.progress.out,
            flush=True,
        )

    def end(self) -> None:
        took = time.monotonic() - self.began
        line = f"  {self.words}{': ' + self.note if self.note else ''} ({seconds(took)})"
        print(f"\r\x1b[K{line}" if self.progress.moves else line, file=self.progress.out, flush=True)


def seconds(value: float) -> str:
    """4.2 s, 3 min 20 s."""
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"
