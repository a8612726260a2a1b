"""One step of a trace, ready to be shown or printed."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Line:
    """One piece of evidence. tone: good, bad or neutral."""

    text: str
    note: str = ""
    tone: str = "neutral"
    depth: int = 0


@dataclass(frozen=True)
class Step:
    """What happened at one step and why, in a sentence, with the evidence under it. `happened` is false where the trip ended before."""

    number: int
    name: str
    sentence: str
    at: datetime | None = None
    lines: list[Line] = field(default_factory=list)
    happened: bool = True
    tone: str = "neutral"
    trace: str = ""


def not_reached(number: int, name: str, sentence: str) -> Step:
    """The trip had ended before this step."""
    return Step(number, name, sentence, happened=False)
