"""Small worlds for the engines: Hypothesis strategies for definitions and people, and a warehouse in memory to hold them.

Values are drawn from few, so that definitions and people meet; instants fall on and around the bounds of days, also in
the nights of daylight-saving changes and long before 1970.
"""

from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
from hypothesis import strategies as st

from rapport import segments
from rapport.segments.days import AsOf, first_instant, shift
from rapport.segments.language import nodes
from rapport.segments.memory import ConsentNow, Event, Fact, Profile, Trait, World

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
KINDS = ("encounter", "condition", "procedure", "message_opened", "appointment")
TRAITS = ("gap.mammogram", "score.no_show")
WORDS = ("open", "closed", "O'Hara")
ZIPS = ("01852", "01850", "02139", "10001", "")
STATES = ("MA", "NY", "")
LANGUAGES = ("en", "es", "es-MX", "esp")


class InMemory:
    """A handle as the engine wants it, over tables in memory."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(":memory:")
        self.connection.execute(SCHEMA)

    def cursor(self):
        return self.connection.cursor()

    def hold(self, world: World) -> "InMemory":
        """Forget what was there and take in this world."""
        for table in ("profile", "event", "fact", "consent_now", "trait"):
            self.connection.execute(f"DELETE FROM {table}")
        _insert(self.connection, "profile", [astuple(one) for one in world.profiles])
        _insert(self.connection, "event", [_event(one) for one in world.events])
        _insert(self.connection, "fact", [_fact(one) for one in world.facts])
        _insert(
            self.connection,
            "consent_now",
            [(*astuple(one)[:4], _utc(one.at), _utc(one.expires_at)) for one in world.consents],
        )
        _insert(self.connection, "trait", [(*astuple(one), "general", datetime(2026, 1, 1)) for one in world.traits])
        return self


def _insert(connection, table: str, rows: list[tuple]) -> None:
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        many = ", ".join(f"({marks})" for _ in rows)
        connection.execute(f"INSERT INTO {table} VALUES {many}", [value for row in rows for value in row])


def _event(one: Event) -> tuple:
    return (
        one.id, one.pseudonym, one.kind, _utc(one.at), one.code_system, one.code, one.value, one.service_line_id, one.location_id,
        one.campaign_id, one.data_class,
    )  # fmt: skip


def _fact(one: Fact) -> tuple:
    return (
        one.id, one.pseudonym, one.kind, one.code_system, one.code, one.status, _utc(one.starts_at), _utc(one.ends_at), one.location_id,
        one.service_line_id, one.data_class,
    )  # fmt: skip


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(tzinfo=None) if at else None


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
def worlds(draw, around: AsOf, most: int = 6) -> World:
    """A few people with everything that can be known, or not known, about them."""
    people = list(range(1, draw(st.sampled_from((most, most, most, 3, 1, 0))) + 1))
    who = st.sampled_from([*people, 99])  # 99: rows of somebody who is not (or no longer) there
    ids = iter(range(1, 10_000))
    few = {"min_size": len(people), "max_size": 3 * len(people)}
    codes = st.sampled_from([*CODES, ("", "")])
    id_or_none = st.sampled_from((None, 1, 2, 3))
    return World(
        profiles=[draw(profiles(one, around.day)) for one in people],
        events=[
            Event(next(ids), draw(who), draw(st.sampled_from(KINDS)), draw(instants(around)), *code, None, *places)
            for code, places in draw(st.lists(st.tuples(codes, st.tuples(id_or_none, id_or_none, id_or_none)), **few))
        ],
        facts=[
            Fact(
                next(ids),
                draw(who),
                kind,
                *code,
                status,
                draw(st.none() | instants(around)),
                draw(st.none() | instants(around)),
            )
            for kind, code, status in draw(
                st.lists(
                    st.tuples(st.sampled_from(KINDS), codes, st.sampled_from(("active", "recurrence", "resolved", ""))),
                    **few,
                )
            )
        ],
        consents=[
            ConsentNow(
                one,
                "email",
                topic,
                draw(st.sampled_from(("granted", "withdrawn"))),
                draw(instants(around)),
                draw(st.none() | instants(around)),
            )
            for one in people
            for topic in draw(st.lists(st.sampled_from(("care", "newsletter")), unique=True))
        ],
        traits=[
            Trait(
                next(ids),
                one,
                name,
                draw(st.sampled_from((*WORDS, ""))),
                draw(st.none() | st.sampled_from((-1.0, 0.0, 0.3, 0.31, 1e300))),
            )
            for one in people
            for name in draw(st.lists(st.sampled_from(TRAITS), unique=True))
        ],
    )


@st.composite
def scenes(draw) -> tuple[World, AsOf]:
    """A world and a day to ask about it: the instants of the world stand around that day."""
    as_of = draw(as_ofs)
    return draw(worlds(as_of)), as_of


@st.composite
def profiles(draw, pseudonym: int, around: date) -> Profile:
    years = draw(st.sampled_from((0, 1, 17, 18, 49, 50, 74, 75, 110, -1)))
    month = draw(st.sampled_from((around.month, around.month % 12 + 1, (around.month - 2) % 12 + 1)))
    return Profile(
        pseudonym,
        birth_month=draw(st.none() | st.just(date(around.year - years, month, 1))),
        sex=draw(st.sampled_from("FMOU")),
        language=draw(st.sampled_from(LANGUAGES)),
        state=draw(st.sampled_from(STATES)),
        zip5=draw(st.sampled_from(ZIPS)),
        location_id=draw(st.sampled_from((None, 1, 2))),
        deceased=draw(st.sampled_from((False, False, False, True))),
    )


units = st.sampled_from(("day", "month", "year"))
spans = st.sampled_from((0, 0, 1, 1, 2, 12, 30, 90, 365, 9_999))
windows = st.one_of(
    st.none(),
    st.builds(nodes.Last, count=spans, unit=units),
    st.builds(nodes.Next, count=spans, unit=units),
    st.tuples(st.none() | days, st.none() | days).map(
        lambda ends: nodes.Between(*(sorted(ends) if None not in ends else ends))
    ),
)
some_ids = st.lists(st.sampled_from((1, 2, 3)), max_size=2, unique=True).map(tuple)
low_high = st.sampled_from(
    (
        (None, None),
        (1, None),
        (2, None),
        (3, None),
        (None, 0),
        (None, 0),
        (None, 2),
        (0, 1),
        (1, 2),
        (2, 3),
        (0, None),
        (1, 1),
    )
)
ages = st.sampled_from(((0, None), (None, 0), (18, None), (None, 17), (50, 74), (18, 18), (0, 130), (75, None), (1, 1)))
asked_codes = st.lists(
    st.sampled_from(CODES).flatmap(
        lambda code: st.one_of(
            st.just(nodes.CodeIs(*code)), st.just(nodes.CodeIs(*code, prefix=True)), st.just(nodes.CodeIs(code[0],
            code[1][:2], prefix=True))
        )
    ),
    min_size=1, max_size=3,
).map(tuple)  # fmt: skip
leaves = st.one_of(
    st.builds(lambda ends, on: nodes.Age(*ends, on=on), ages, st.none() | days),
    st.builds(nodes.Sex, one_of=st.lists(st.sampled_from("FMOU"), min_size=1, max_size=2, unique=True).map(tuple)),
    st.builds(nodes.Speaks, one_of=st.lists(st.sampled_from(("en", "es", "es-MX")), min_size=1, max_size=2).map(tuple)),
    st.builds(
        nodes.HasCode, codes=asked_codes, kind=st.none() | st.sampled_from(("condition", "procedure")), within=windows, active=st.booleans()
    ),
    st.builds(
        lambda ends, lines, places, within: nodes.Encountered(*ends, lines, places, within), low_high, some_ids, some_ids, windows
    ),
    st.builds(
        lambda kind, ends, campaigns, lines, within: nodes.Happened(kind, *ends, campaigns, lines, within),
        st.sampled_from(KINDS), low_high, some_ids, some_ids, windows,
    ),
    st.builds(
        nodes.Consented, channel=st.just("email"), topic=st.sampled_from(("care", "newsletter")),
        status=st.sampled_from(("granted", "withdrawn"))
    ),
    st.builds(nodes.AtLocation, one_of=st.lists(st.sampled_from((1, 2)), min_size=1, max_size=2).map(tuple)),
    st.one_of(
        st.builds(nodes.LivesIn, zips=st.lists(st.sampled_from(("01852", "018", "0213")), min_size=1, max_size=3).map(tuple)),
        st.builds(nodes.LivesIn, states=st.lists(st.sampled_from(("MA", "NY")), min_size=1, max_size=2).map(tuple)),
        st.just(nodes.LivesIn(("10001",), ("MA",))),
    ),
    st.one_of(
        st.builds(nodes.TraitIs, name=st.sampled_from(TRAITS), one_of=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple)),
        st.builds(
            lambda name, ends: nodes.TraitIs(name, (), *ends), st.sampled_from(TRAITS), st.sampled_from(((0.3, None),
            (None, 0.3), (0.3, 0.31), (-1.0, 0.0)))
        ),
    ),
)  # fmt: skip
definitions = st.recursive(
    leaves,
    lambda parts: st.builds(
        lambda group, of: group(tuple(of)), st.sampled_from(nodes.GROUPS), st.lists(parts, max_size=4)
    ),
    max_leaves=14,
)
