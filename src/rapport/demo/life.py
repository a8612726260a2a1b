"""How the simulated people live: when they come, to whom, what is paid, and how they answer a message. Pure: numbers in, plans out.

Nothing here knows the database. `feed` turns plans into what the outside world would tell us, and `answers` acts them out at the
public doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from rapport.demo import outcomes

ZONE = ZoneInfo("America/New_York")
_SATURDAY = 5
_HALF_HOURS = [time(hour, minute) for hour in (8, 9, 10, 11, 13, 14, 15, 16) for minute in (0, 30)]


@dataclass(frozen=True)
class Line:
    """What one visit of a service line brings on average and costs, in cents."""

    slug: str
    payment_cents: int
    cost_cents: int


LINES = {
    "primary-care": Line("primary-care", 21_000, 9_500),
    "womens-health": Line("womens-health", 26_000, 11_800),
    "orthopedics": Line("orthopedics", 44_000, 21_500),
    "cardiology": Line("cardiology", 39_000, 18_000),
}
PAYMENT_SHAPE = 16.0  # fee schedules: payments of one line differ little


@dataclass(frozen=True)
class Resident:
    """A living patient as the simulation sees one. `leans` are the service lines that his history makes likely."""

    person_id: int
    patient: str
    born: date
    sex: str
    home: str
    leans: tuple[str, ...] = ()

    def age(self, on: date) -> int:
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass(frozen=True)
class Visit:
    """A visit that happened: `key` names it for ever, so that telling it twice is no second visit."""

    key: str
    resident: Resident
    at: datetime
    line: str
    place: str
    payment_cents: int
    cost_cents: int


@dataclass(frozen=True)
class Answer:
    """What one person does with one message; None where they do not."""

    person_id: int
    opens_at: datetime | None = None
    clicks_at: datetime | None = None
    books_at: datetime | None = None
    unsubscribes_at: datetime | None = None
    moved: bool = False


@dataclass(frozen=True)
class Habits:
    """Propensities of those whom the message does not move; the moved open, click and book."""

    opens: float = 0.46
    clicks: float = 0.13
    unsubscribes: float = 0.06
    slowness_hours: float = 30.0


@dataclass(frozen=True)
class Response:
    """The window of one campaign: visits of its objective in both arms, and what the contacted did with the message."""

    visits: list[Visit] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def yearly_rate(age: int) -> float:
    """Ordinary visits a year."""
    return 0.7 if age < 18 else 0.6 if age < 45 else 0.9 if age < 65 else 1.5


def office_time(rng: np.random.Generator, day: date) -> datetime:
    """A half hour of a working day, on or after `day`."""
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, _HALF_HOURS[rng.integers(len(_HALF_HOURS))], ZONE).astimezone(UTC)


def line_of(rng: np.random.Generator, resident: Resident) -> str:
    """Mostly primary care; the lines of one's history get their share."""
    if resident.leans and rng.random() < 0.45:
        return resident.leans[rng.integers(len(resident.leans))]
    return "primary-care"


def payment(rng: np.random.Generator, line: str) -> int:
    return int(rng.gamma(PAYMENT_SHAPE, LINES[line].payment_cents / PAYMENT_SHAPE))


def ordinary(
    rng: np.random.Generator, residents: Sequence[Resident], *, since: datetime, until: datetime, word: str
) -> list[Visit]:
    """Visits at everybody's own rate between two instants. `word` keeps the names of two periods apart."""
    years = (until - since).total_seconds() / (365.25 * 86_400)
    visits = []
    for one in residents:
        count = rng.poisson(yearly_rate(one.age(until.date())) * max(years, 0.0))
        for number, share in enumerate(np.sort(rng.random(count))):
            line = line_of(rng, one)
            at = office_time(rng, (since + (until - since) * float(share)).date())
            if since <= at < until:
                visits.append(
                    Visit(
                        f"{word}:{one.patient}:{number}",
                        one,
                        at,
                        line,
                        one.home,
                        payment(rng, line),
                        LINES[line].cost_cents,
                    )
                )
    return visits


@dataclass(frozen=True)
class Message:
    """What was sent to promote which line, and how it works on people."""

    line: str
    sent_at: datetime
    model: outcomes.Model
    habits: Habits = Habits()


def respond(
    rng: np.random.Generator, *, contacted: Sequence[Resident], held_out: Sequence[Resident], message: Message
) -> Response:
    """One campaign as it really works: both arms at the base rate, the lift only where the message went."""
    everybody = [*contacted, *held_out]
    drawn = outcomes.draw(rng, contacted=np.arange(len(everybody)) < len(contacted), model=message.model)
    paid = iter(drawn.payments.tolist())
    visits: list[Visit] = []
    answers: list[Answer] = []
    for number, one in enumerate(everybody):
        answer = _answer(rng, one, moved=bool(drawn.moved[number]), message=message)
        if number < len(contacted):
            answers.append(answer)
        if drawn.comes[number]:
            wait = float(rng.uniform(3, 12 if answer.books_at else 60))
            first = (answer.books_at or message.sent_at) + timedelta(days=wait)
            money = [next(paid) for _ in range(int(drawn.visits[number]))]
            visits += _course(rng, one, first.date(), money, message.line)
    return Response(visits, answers)


def _course(rng: np.random.Generator, one: Resident, first: date, payments: list[int], line: str) -> list[Visit]:
    """A first visit and its follow-ups, a week or so apart."""
    days = [first + timedelta(days=step * int(rng.integers(5, 9))) for step in range(len(payments))]
    cost = LINES[line].cost_cents
    return [
        Visit(f"response:{line}:{one.patient}:{step}", one, office_time(rng, day), line, one.home, payments[step], cost)
        for step, day in enumerate(days)
    ]


def _answer(rng: np.random.Generator, one: Resident, *, moved: bool, message: Message) -> Answer:
    habits, sent_at = message.habits, message.sent_at
    opens = moved or rng.random() < habits.opens
    clicks = moved or (opens and rng.random() < habits.clicks)
    leaves = opens and not moved and rng.random() < habits.unsubscribes
    opens_at = sent_at + timedelta(hours=float(min(rng.exponential(habits.slowness_hours), 200)) + 0.1)
    clicks_at = opens_at + timedelta(minutes=float(rng.uniform(0.3, 6)))
    return Answer(
        person_id=one.person_id,
        opens_at=opens_at if opens else None,
        clicks_at=clicks_at if clicks else None,
        books_at=clicks_at + timedelta(minutes=2) if moved else None,
        unsubscribes_at=opens_at + timedelta(minutes=1) if leaves else None,
        moved=moved,
    )
