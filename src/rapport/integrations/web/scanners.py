"""Clicks of machines that call themselves browsers: mail hosts follow every link of a message before anybody has seen it.

- Too quick: within seconds of the hand-over nobody has read and chosen.
- All at once: another link of the same message within two seconds. The first of them stands on the timeline as a click by then.
- The trap: a link that nobody sees (`content.compile`). All touches of the message within a minute are the machine's.

What a machine did is kept as `message_scanned`, and by that later event an earlier click counts no more (`people.touches`). Nothing
is refused: a person who is taken for a machine still gets her page, and only the count is one short. What is remembered stands in
this process alone, for seconds.
"""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from rapport.messaging.models import Intent
from rapport.messaging.tracking import Token

NOBODY_READS_IN = timedelta(seconds=5)
AT_ONCE = timedelta(seconds=2)
REMEMBERED = 20_000

_lock = threading.Lock()
_last: OrderedDict[int, tuple[int | None, datetime]] = OrderedDict()  # intent -> the link followed last, and when


def is_too_quick(intent: Intent, kind: str, now: datetime) -> bool:
    """Whether this click came before anybody could have read the message. Says nothing of other kinds."""
    if kind != "message_clicked" or intent.settled_at is None:
        return False
    return timedelta() <= now - intent.settled_at < NOBODY_READS_IN


def follows_all(said: Token, now: datetime) -> bool:
    """Whether another link of the same message was followed a moment ago."""
    with _lock:
        link, at = _last.get(said.intent_id, (None, now))
        known = said.intent_id in _last
        _last[said.intent_id] = (said.link, now)
        _last.move_to_end(said.intent_id)
        while len(_last) > REMEMBERED:
            _last.popitem(last=False)
    return known and link != said.link and abs(now - at) < AT_ONCE


def forget() -> None:
    """Begin anew."""
    with _lock:
        _last.clear()
