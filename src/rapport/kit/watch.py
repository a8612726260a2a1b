"""Whether anything was written: one cheap question in place of the many that would find it.

Whoever has work to look for takes a bell and waits for it. One question in `EVERY` seconds goes to the database (which transactions
are visible?); where the answer is another than before, somebody has committed something, and all bells ring. So an idle process
asks next to nothing, and what is put in is found as soon as if everybody looked all the time.

A bell says "look", never "there is something": a write of another database of the same server rings too, and so does an error,
because whoever looks then meets it and copes. What becomes due by the clock alone rings nothing: wait no longer than until then.
"""

import threading

import structlog
from django.db import Error, connection

EVERY, FAILURE_PAUSE = 0.2, 2.0

log = structlog.get_logger("rapport.watch")


class Watch:
    """Rings its bells when something was committed, and when it is told to stop."""

    def __init__(self) -> None:
        self._bells: list[threading.Event] = []
        self._seen = ""

    def bell(self) -> threading.Event:
        """A bell of one's own. Clear it before looking, not after: what is written meanwhile rings again."""
        self._bells.append(threading.Event())
        return self._bells[-1]

    def keep(self, stop: threading.Event) -> None:
        """Watch until `stop` is set, in a thread of its own."""
        while not stop.is_set():
            try:
                now = point()
            except Error as error:
                log.error("watch_failed", error=type(error).__name__)
                connection.close()
                self.ring()
                stop.wait(FAILURE_PAUSE)
                continue
            if now != self._seen:
                self._seen = now
                self.ring()
            stop.wait(EVERY)
        self.ring()
        connection.close()

    def ring(self) -> None:
        """Wake everybody who waits."""
        for bell in self._bells:
            bell.set()


def point() -> str:
    """Which transactions are visible now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])
