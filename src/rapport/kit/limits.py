"""How many times a minute one address may ask: a fixed window, in the memory of this process.

Per process on purpose: a public door must not write a row to learn that it should not work. With N web processes an address may
ask N times as often, which is still a bound.
"""

import threading
from datetime import datetime

ADDRESSES = 50_000  # so many are remembered at most; then the window begins anew


class Window:
    """So many a minute for each name."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def allows(self, name: str, now: datetime, *, count: int = 1) -> bool:
        """Count this one (`count=0`: only look). False once the minute is used up."""
        minute = int(now.timestamp()) // 60
        with self._lock:
            if minute != self._minute or len(self._counts) >= ADDRESSES:
                self._minute, self._counts = minute, {}
            used = self._counts.get(name, 0) + count
            if count:
                self._counts[name] = used
        return used <= self._per_minute

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._counts = {}
