"""The hour at which a person answers, learnt from her own clicks, bookings, visits and (weakly) opens, and from everybody's.

Each hour of the day in her own zone gets a score: her own answers there, those of the hours beside it at half weight, and
`PRIOR` answers spread as those of the whole clinic are. So one click at noon moves nobody far, and ten do. Only hours at which
people may be written to are chosen; the earlier of equal ones.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

HOURS = range(9, 20)  # chosen among these; the policy's own quiet hours hold as well
PRIOR = 5.0  # so many answers of everybody weigh like one's own
WEIGHTS = {"message_clicked": 3.0, "booked": 3.0, "encounter": 1.0, "message_opened": 0.25}
LOOK_BACK, EVERYBODYS = timedelta(days=730), timedelta(days=90)
FLAT = {hour: 1.0 if 9 <= hour < 20 else 0.0 for hour in range(24)}
SQL = (Path(__file__).parent / "answer_hours.sql").read_text()
MOST = 20_000  # people who are looked at for the page; of more, an even sample


@dataclass(frozen=True)
class Best:
    """The hour, and on how many of her own answers it rests (weighted)."""

    hour: int
    own: float

    @property
    def why(self) -> str:
        if not self.own:
            return "Nothing of her own is known yet: the hour at which most people of this clinic answer."
        return "Learnt from her own clicks, bookings and visits, and from those of everybody."


def choose(own: Mapping[int, float], everybody: Mapping[int, float]) -> Best:
    """The best hour of one person. Pure."""
    prior = everybody if sum(everybody.values()) else FLAT
    scale = PRIOR / sum(prior.values())
    scores = {}
    for hour in HOURS:
        around = (own.get(hour - 1, 0.0) + own.get(hour + 1, 0.0)) / 2
        scores[hour] = own.get(hour, 0.0) + around + prior.get(hour, 0.0) * scale
    best = max(HOURS, key=lambda hour: (scores[hour], -hour))
    return Best(best, sum(own.values()))


def of(people: Sequence[int], now: datetime) -> dict[int, Best]:
    """The best hour of each of these people, in her own zone."""
    everybody = _weighed(_rows(None, now - EVERYBODYS, now)).get(0, {})
    own = _weighed(_rows(list(people), now - LOOK_BACK, now))
    return {person: choose(own.get(person, {}), everybody) for person in people}


@dataclass(frozen=True)
class Explained:
    """From what the hours of some people are reckoned. `people` were looked at, of `of_all`; of `known` something of their own is known.

    `usual`: the hour of all others, from `answers` of everybody. `hours`: how many people get it at which hour.
    """

    people: int
    of_all: int
    known: int
    usual: int
    answers: int
    hours: dict[int, int]

    @property
    def is_known(self) -> bool:
        """Whether anybody at all has answered anything lately."""
        return self.answers > 0


def explain(people: Sequence[int], now: datetime) -> Explained:
    """The same reckoning as `of`, told for the page."""
    looked = people[:: -(-len(people) // MOST)] if people else []
    rows = _rows(None, now - EVERYBODYS, now)
    everybody = _weighed(rows).get(0, {})
    own = _weighed(_rows(list(looked), now - LOOK_BACK, now))
    chosen = Counter(choose(own.get(person, {}), everybody).hour for person in looked)
    return Explained(
        people=len(looked),
        of_all=len(people),
        known=len(own),
        usual=choose({}, everybody).hour,
        answers=sum(count for *_key, count in rows),
        hours={hour: chosen[hour] for hour in HOURS},
    )


def _rows(people: list[int] | None, since: datetime, now: datetime) -> list[tuple[int, int, str, int]]:
    """(person, hour, kind of answer, how many); person 0 stands for everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL,
            {
                "people": people,
                "kinds": list(WEIGHTS),
                "since": since,
                "now": now,
                "zone": settings.TIME_ZONE,
            },
        )
        return cursor.fetchall()


def _weighed(rows: Sequence[tuple[int, int, str, int]]) -> dict[int, dict[int, float]]:
    """Person -> hour -> weight."""
    found: dict[int, dict[int, float]] = {}
    for person, hour, kind, count in rows:
        hours = found.setdefault(person, {})
        hours[hour] = hours.get(hour, 0.0) + WEIGHTS[kind] * count
    return found
