"""How fast: moments at which messages may go, handed out by one row a way out, so that all workers together keep its rate.

The rate holds exactly over time: slots lie 1/rate apart and each is handed out once. A message goes at its slot or, where its
carrier was slow, a little later, never earlier; a decision is at most `Terms.fresh_seconds` old when its message goes. So in any
window of `w` seconds no more than `rate * (w + fresh_seconds) + 1` messages go out.

Whoever finds no slot is told when to come back, each one at a moment of its own behind all others who wait: a hundred thousand
messages to one domain come back one by one, and are not looked at again and again meanwhile. Times are those of the database.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.kit import home
from rapport.messaging.models import Throttle
from rapport.trust import audit
from rapport.trust.models import User

HORIZON = 2.0  # seconds: how far ahead slots are handed out
EVERY_DOMAIN = "email:*"
_ROOM = """
WITH asked AS MATERIALIZED (SELECT clock_timestamp() AS t)
SELECT greatest(0, floor(extract(epoch FROM t + make_interval(secs => %(horizon)s) - greatest(slot_at, t)) * per_second) + 1)::int
FROM messaging_throttle, asked WHERE name = %(name)s
"""
_TAKE = """
WITH asked AS MATERIALIZED (SELECT clock_timestamp() AS t),
wanted AS (SELECT * FROM unnest(%(names)s::text[], %(many)s::int[]) AS w(name, many)),
held AS MATERIALIZED (
    SELECT h.id, h.name, h.per_second, h.promised_at, w.many, t, greatest(h.slot_at, t) AS first
    FROM messaging_throttle h JOIN wanted w ON w.name = h.name, asked ORDER BY h.name FOR UPDATE OF h
),
given AS (
    SELECT *, least(many, greatest(0, floor(
        extract(epoch FROM t + make_interval(secs => %(horizon)s) - first) * per_second) + 1))::int AS n FROM held
),
after AS (
    SELECT *, first + make_interval(secs => n / per_second) AS free,
        greatest(promised_at, first + make_interval(secs => n / per_second)) AS turn FROM given
)
UPDATE messaging_throttle h SET slot_at = after.free,
    promised_at = CASE WHEN many > n THEN turn + make_interval(secs => (many - n) / after.per_second) ELSE h.promised_at END
FROM after WHERE h.id = after.id
RETURNING h.name, after.n, extract(epoch FROM first - t)::float8, extract(epoch FROM turn - t)::float8, after.per_second
"""
_OWN_ROWS = """
INSERT INTO messaging_throttle (name, per_second, set_at)
SELECT u.name, t.per_second, t.set_at FROM unnest(%s::text[]) AS u(name), messaging_throttle t
WHERE t.name = %s AND NOT EXISTS (SELECT FROM messaging_throttle o WHERE o.name = u.name)
ON CONFLICT (name) DO NOTHING
"""


class NotARate(ValueError):
    """A rate is a number of messages a second, above zero."""


class Slots(msgspec.Struct, frozen=True):
    """`many` moments from `first` on, and for whoever gets none the `turn` at which to ask again; seconds from the asking."""

    many: int
    first: float
    turn: float
    per_second: float

    def at(self, number: int) -> float:
        """The moment of the given message; beyond `many` it is the moment to come back."""
        if number < self.many:
            return self.first + number / self.per_second
        return self.turn + (number - self.many) / self.per_second


def room(name: str) -> int | None:
    """How many messages could get a slot now; None where nothing is limited. Takes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOM, {"name": name, "horizon": HORIZON})
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def take(wanted: Mapping[str, int]) -> dict[str, Slots]:
    """Slots for so many messages of each name; names without a limit are not in the answer. Commit at once: others wait."""
    if not wanted:
        return {}
    names = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"names": names, "many": [wanted[one] for one in names], "horizon": HORIZON})
        return {row[0]: Slots(int(row[1]), float(row[2]), float(row[3]), float(row[4])) for row in cursor.fetchall()}


def domains(addresses: Mapping[int, str]) -> dict[int, str]:
    """Message -> the name under which its receiving domain is limited; a message to an unlimited domain is not in the answer."""
    limited = dict(Throttle.objects.filter(name__startswith="email:").values_list("name", "per_second"))
    if not limited:
        return {}
    found, unseen = {}, set()
    for number, address in addresses.items():
        domain = address.rpartition("@")[2].lower()
        name = f"email:{domain}"
        if name not in limited:
            if EVERY_DOMAIN not in limited:
                continue
            name = _unnamed(domain)
            if name not in limited:
                unseen.add(name)
        found[number] = name
    if unseen:
        with connection.cursor() as cursor:
            cursor.execute(_OWN_ROWS, [sorted(unseen), EVERY_DOMAIN])
    return found


@transaction.atomic
def limit(*, by: User, name: str, per_second: float | None, now: datetime) -> None:
    """Set or lift (None) the rate of a way out. A new rate for every domain holds for each that has none of its own."""
    if per_second is None:
        Throttle.objects.filter(name=name).delete()
    elif not 0 < per_second <= 100_000:
        raise NotARate(_("Say how many messages a second, more than none."))
    else:
        Throttle.objects.update_or_create(
            name=name, defaults={"per_second": per_second, "set_by": by, "set_at": now, "promised_at": None}
        )
    if name == EVERY_DOMAIN:
        unnamed = Throttle.objects.filter(name__startswith="email:#")
        if per_second is None:
            unnamed.delete()
        else:
            unnamed.update(per_second=per_second, promised_at=None)
    audit.record(by=by, verb="message.limit", now=now, details={"name": name, "per_second": per_second})


@lru_cache(maxsize=10_000)
def _unnamed(domain: str) -> str:
    return "email:#" + hmac.digest(_key(), domain.encode(), "sha256")[:12].hex()


@lru_cache(maxsize=1)
def _key() -> bytes:
    return home.secret("tracking").encode() + b"domain"
