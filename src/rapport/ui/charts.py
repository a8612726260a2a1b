"""The geometry of our charts: numbers in, percentages of the drawing area out. Pure; the macros only draw.

Places along x are percent strings ("37.5%"), so that a chart is sharp and readable at every width without a script.
A path inside a stretched 100 x 100 view box uses plain numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any


@dataclass(frozen=True)
class Scale:
    """A straight scale from the numbers `low..high` to 0..100."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        return round((value - self.low) / (self.high - self.low) * 100, 2)

    def percent(self, value: float) -> str:
        return f"{min(max(self.at(value), 0), 100):g}%"

    def up(self, value: float) -> float:
        """The y of a value where 0 is the top."""
        return round(100 - self.at(value), 2)


def scale(values: Sequence[float | None], *, zero: bool = True, steps: int = 4) -> Scale:
    """A scale with round ticks that holds all values, and zero unless told otherwise."""
    known = [float(value) for value in values if value is not None] or [0.0]
    low, high = min(known), max(known)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + 1.0
    step = _round_step((high - low) / steps)
    first, last = floor(low / step), ceil(high / step)
    ticks = tuple(round(index * step, 10) for index in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def _round_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.999)


def share(value: float | None, total: float | None) -> str:
    """A width in percent; nothing of nothing is nothing."""
    if not value or not total:
        return "0%"
    return f"{min(max(float(value) / float(total) * 100, 0), 100):.2f}%"


def line_path(values: Sequence[float | None], by: Scale) -> str:
    """An SVG path through the values over the width 0..100; a missing value breaks the line."""
    width = max(len(values) - 1, 1)
    words, pen = [], "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        words.append(f"{pen}{index / width * 100:.2f} {by.up(float(value)):.2f}")
        pen = "L"
    return " ".join(words)


def area_path(values: Sequence[float | None], by: Scale) -> str:
    """The line closed down to zero; only for a line without gaps."""
    if not values or any(value is None for value in values):
        return ""
    floor_at = by.up(max(by.low, 0))
    return f"{line_path(values, by)} L100 {floor_at:.2f} L0 {floor_at:.2f} Z"


def band_path(lows: Sequence[float], highs: Sequence[float], by: Scale) -> str:
    """The area between two lines: an interval over time."""
    width = max(len(lows) - 1, 1)
    back = [f"L{i / width * 100:.2f} {by.up(float(lows[i])):.2f}" for i in reversed(range(len(lows)))]
    return " ".join([line_path(highs, by), *back, "Z"])


def spread(count: int, most: int = 5) -> list[int]:
    """Which of `count` labels to write: evenly spaced, the newest always among them, at most `most`."""
    if count <= 0:
        return []
    stride = max(ceil(count / most), 1)
    return list(range(count - 1, -1, -stride))[::-1]


def along(index: int, count: int) -> str:
    """The x of point `index` of `count`."""
    return f"{index / max(count - 1, 1) * 100:.2f}%"


def steps_kept(values: Sequence[float]) -> list[float | None]:
    """Of a funnel: which share of those at its beginning each step holds. A later step may hold more than the one before
    it (people come without having clicked), so a share of the step before would mislead."""
    return [None] + [now / values[0] if values[0] else None for now in values[1:]]


def _part(item: Any, name: str) -> Any:
    """A part of an item, which may be a dict or an object."""
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


def pairs(items: Sequence[Any], kind: str, written: Callable[..., str]) -> list[tuple[str, str]]:
    """The table twin of bars and funnels."""
    return [(str(_part(item, "label")), written(_part(item, "value"), kind)) for item in items]


def flat(series: Sequence[Any], band: Any = None) -> list[float | None]:
    """Every value of every line and of the band, for the common scale."""
    values = [value for one in series for value in _part(one, "points")]
    return [*values, *_part(band, "low"), *_part(band, "high")] if band else values


def rows(labels: Sequence[str], series: Sequence[Any], kind: str, written: Callable[..., str]) -> list[list[str]]:
    """The table twin of a line chart: a row for each label, a column for each line."""
    return [
        [str(label)] + [written(_part(one, "points")[index], kind) for one in series]
        for index, label in enumerate(labels)
    ]


def ends(items: Sequence[Any]) -> list[float]:
    """Both ends of every interval."""
    return [float(end) for item in items for end in (_part(item, "low"), _part(item, "high"))]


def interval_rows(
    items: Sequence[Any], kind: str, digits: int | None, written: Callable[..., str], between: Callable[..., str]
) -> list[tuple[str, str, str]]:
    """The table twin of a forest plot."""
    return [
        (
            str(_part(item, "label")),
            written(_part(item, "value"), kind, digits),
            between(_part(item, "low"), _part(item, "high"), kind, digits),
        )
        for item in items
    ]


def tick_digits(ticks: Sequence[float], kind: str) -> int:
    """How many decimals the ticks of an axis need, so that no two of them read alike."""
    times = 100 if kind == "percent" else (0.01 if kind == "cents" else 1)
    for digits in range(4):
        if all(abs(round(tick * times, digits) - tick * times) < 1e-9 for tick in ticks):
            return digits
    return 4
