"""Small worlds for the engines: Hypothesis strategies for people and what is known of them, and a warehouse in memory to hold them.

What is asked about them stands in `definitions`.

Values are drawn from few, so that definitions and people meet; instants fall on and around the bounds of days, also in
the nights of daylight-saving changes and long before 1970.
"""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from rapport import segments
from rapport.segments.days import AsOf, first_instant, shift
from rapport.segments.worldly import ConsentNow, Event, Fact, Member, PreferenceNow, Profile, Roof, Trait, World

SCHEMA = Path(segments.__file__).with_name("schema.sql").read_text()
ZONES = ("America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
DAYS = (
    date(2026, 3, 8), date(2026, 3, 9), date(2026, 11, 1), date(2026, 11, 2), date(2024, 2, 29), date(2018, 11, 4), date(2011, 12, 31),
    date(1969, 12, 31), date(1970, 1, 1), date(1931, 5, 31), date(2026, 7, 4),
)  # fmt: skip
CODES = (
    ("icd10cm", "M17.1"),
    ("icd10cm", "M17.11"),
    ("icd10cm", "E11"),
    ("cpt", "77067"),
    ("snomed", "73211009"),
    ("local", "a'b%_\\"),
)
KINDS = ("encounter", "condition", "procedure", "message_opened", "observation")
PAID = ("claim", "payment", "visit_cost")
LASTING = ("condition", "medication", "appointment", "coverage")
PAYERS = ("medicare", "commercial")
TRAITS = ("gap.mammogram", "gap.flu", "score.no_show")
VALUES = (None, -1.0, 0.0, 0.005, 0.015, 6.5, 7.0, 19.99, 20.0, 1e6)
MEASURED = ("%", "mg/dL", None)
WORDS = ("open", "closed", "O'Hara")
ZIPS = ("01852", "01850", "02139", "10001", "")
STATES = ("MA", "NY", "")
LANGUAGES = ("en", "es", "es-MX", "esp")


TABLES = {
    "profile": "profiles", "event": "events", "fact": "facts", "consent_now": "consents", "trait": "traits", "household": "roofs",
    "preference_now": "preferences", "member": "members",
}  # fmt: skip


class InMemory:
    """A handle as the engine wants it, over tables in memory."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(":memory:")
        self.connection.execute(SCHEMA)

    def cursor(self):
        return self.connection.cursor()

    def hold(self, world: World) -> "InMemory":
        """Forget what was there and take in this world."""
        for table, name in TABLES.items():
            self.connection.execute(f"DELETE FROM {table}")
            insert(self.connection, table, getattr(world, name))
        return self


def insert(connection, table: str, rows: list) -> None:
    """Rows of the world into the table whose columns are its fields, by name."""
    if not rows:
        return
    columns = {one.name: [_utc(getattr(row, one.name)) for row in rows] for one in fields(rows[0])}
    connection.register("incoming", pa.table(columns))
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming")
    connection.unregister("incoming")


def _utc(value):
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


days = st.sampled_from(DAYS)
as_ofs = st.builds(AsOf, day=days, zone=st.sampled_from(ZONES))


@st.composite
def instants(draw, around: AsOf) -> datetime:
    """On, right before and right after the local midnights that windows end at, some hours beside them, or anything back to 1905."""
    how = draw(st.sampled_from((1, 1, 1, 2, 3, 0)))
    if how == 0:
        return datetime(1905, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 130 * 365 * 24 * 60)))
    count, unit = (
        draw(st.sampled_from((0, 0, 0, 1, 1, 2, 12, 30, 90, 365))),
        draw(st.sampled_from(("day", "month", "year"))),
    )
    day = shift(around.day, draw(st.sampled_from((-1, 1))) * count, unit) if how < 3 else draw(days)
    bound = first_instant(day + timedelta(days=draw(st.sampled_from((0, 1)))), around.zone).replace(tzinfo=UTC)
    if how == 1:
        return bound + timedelta(microseconds=draw(st.sampled_from((0, 0, -1, 1))))
    return bound + timedelta(hours=draw(st.integers(-14, 14)), seconds=draw(st.sampled_from((0, 1800))))


@st.composite
def worlds(draw, around: AsOf, most: int = 8) -> World:
    """A few people with everything that can be known, or not known, about them."""
    people = list(range(1, draw(st.sampled_from((most, most, most, 3, 1, 0))) + 1))
    who = st.sampled_from([*people, 99])  # 99: rows of somebody who is not (or no longer) there
    ids = iter(range(1, 10_000))
    few = {"min_size": len(people), "max_size": 3 * len(people)}
    codes = st.sampled_from([*CODES, ("", "")])
    place = st.sampled_from((None, 1, 2, 3))
    at, maybe = instants(around), st.none() | instants(around)

    def listed(strategy, **size):
        return draw(st.lists(strategy, **(size or few)))

    events = [
        Event(next(ids), one, kind, when, *code, value, *places, unit=unit)
        for one, kind, when, code, value, places, unit in listed(
            st.tuples(
                who,
                st.sampled_from(KINDS),
                at,
                codes,
                st.sampled_from(VALUES),
                st.tuples(place, place, place),
                st.sampled_from(MEASURED),
            )
        )
    ]
    events += [
        Event(next(ids), one, kind, when, value=value, service_line_id=line)
        for one, kind, when, value, line in listed(
            st.tuples(who, st.sampled_from(PAID), at, st.sampled_from(VALUES), place)
        )
    ]
    facts = [
        Fact(next(ids), one, kind, *code, status, starts, ends, *places)
        for one, kind, code, status, starts, ends, places in listed(
            st.tuples(
                who,
                st.sampled_from(LASTING),
                codes,
                st.sampled_from(("active", "recurrence", "resolved", "booked", "cancelled", "")),
                maybe,
                maybe,
                st.tuples(place, place),
            )
        )
    ]
    facts += [
        Fact(next(ids), one, "coverage", "", payer, status, starts, ends)
        for one, payer, status, starts, ends in listed(
            st.tuples(who, st.sampled_from(PAYERS), st.sampled_from(("active", "cancelled")), maybe, maybe)
        )
    ]
    consents = [
        ConsentNow(one, "email", topic, draw(st.sampled_from(("granted", "withdrawn"))), draw(at), draw(maybe))
        for one in people
        for topic in listed(st.sampled_from(("care", "newsletter")), max_size=2, unique=True)
    ]
    traits = [
        Trait(
            next(ids),
            one,
            name,
            draw(st.sampled_from((*WORDS, ""))),
            draw(st.none() | st.sampled_from((-1.0, 0.0, 0.3, 0.31, 1e300))),
            at=draw(at),
        )
        for one in people
        for name in listed(st.sampled_from(TRAITS), max_size=3, unique=True)
    ]
    day = st.none() | near_days(around.day)
    roofs = [Roof(next(ids), *one) for one in listed(st.tuples(who, st.sampled_from((1, 1, 2)), day, day))]
    preferences = (
        [
            PreferenceNow(
                one,
                draw(st.sampled_from((None, 0, 4))),
                draw(day),
                draw(st.sampled_from(("", "too_much", "just_right"))),
            )
            for one in listed(st.sampled_from(people), max_size=len(people), unique=True)
            if people
        ]
        if people
        else []
    )
    members = [Member(next(ids), *one) for one in listed(st.tuples(who, st.sampled_from((1, 2)), at, maybe))]
    return World(
        [draw(profiles(one, around)) for one in people], events, facts, consents, traits, roofs, preferences, members
    )


def near_days(day: date) -> st.SearchStrategy[date]:
    return st.sampled_from((0, 0, 1, -1, 30, -365)).map(lambda count: day + timedelta(days=count))


@st.composite
def scenes(draw) -> tuple[World, AsOf]:
    """A world and a day to ask about it: the instants of the world stand around that day."""
    as_of = draw(as_ofs)
    return draw(worlds(as_of)), as_of


@st.composite
def profiles(draw, pseudonym: int, around: AsOf) -> Profile:
    day = around.day
    years = draw(st.sampled_from((0, 1, 17, 18, 49, 50, 74, 75, 110, -1)))
    month = draw(st.sampled_from((day.month, day.month % 12 + 1, (day.month - 2) % 12 + 1)))
    since = draw(st.none() | st.sampled_from((0, 1, 2, 4, 49, 50, 51)))
    return Profile(
        pseudonym,
        birth_month=draw(st.none() | st.just(date(day.year - years, month, 1))),
        sex=draw(st.sampled_from("FMOU")),
        language=draw(st.sampled_from(LANGUAGES)),
        state=draw(st.sampled_from(STATES)),
        zip5=draw(st.sampled_from(ZIPS)),
        location_id=draw(st.sampled_from((None, 1, 2))),
        deceased=draw(st.sampled_from((False, False, False, False, True))),
        known_since=None if since is None else draw(instants(AsOf(shift(day, -since, "year"), around.zone))),
    )
