"""What criteria mean at their edges: a table that every engine keeps. Times are local to New York unless said otherwise."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rapport.segments import days, memory
from rapport.segments.columnar import Snapshot
from rapport.segments.days import AsOf
from rapport.segments.language import (
    Age,
    Between,
    CodeIs,
    Consented,
    Encountered,
    HasCode,
    Last,
    LivesIn,
    Next,
    None_,
    Speaks,
    TraitIs,
)  # fmt: skip
from rapport.segments.memory import ConsentNow, Event, Fact, Profile, Trait, World
from tests.segments.worlds import InMemory

NEW_YORK = ZoneInfo("America/New_York")
TODAY = AsOf(date(2026, 3, 9))  # the day after the clocks went forward
HANDLE = InMemory()
KNEE = (CodeIs("icd10cm", "M17", prefix=True),)


def at(*parts: int, **more: int) -> datetime:
    return datetime(*parts, **more, tzinfo=NEW_YORK)


def visited(*instants: datetime) -> World:
    return World([Profile(1)], [Event(number, 1, "encounter", one) for number, one in enumerate(instants, 1)])


def born(year: int, month: int) -> World:
    return World([Profile(1, birth_month=date(year, month, 1))])


def agreed(**more) -> World:
    return World([Profile(1)], consents=[ConsentNow(1, "email", "care", "granted", at(2026, 1, 1), **more)])


def has_knee(**more) -> World:
    return World([Profile(1)], facts=[Fact(1, 1, "condition", "icd10cm", "M17.11", **({"status": "active"} | more))])


NO_VISIT = Encountered(at_most=0, within=Last(30))
TABLE = [
    # criterion, world, day, is she in, why
    (Age(50), born(1976, 3), TODAY, False, "born in March: turned 50 only from April on"),
    (Age(50), born(1976, 2), TODAY, True, "born in February: turned 50 by March"),
    (Age(at_most=49), born(1976, 3), TODAY, True, "and is 49 until then"),
    (Age(18), born(2008, 3), TODAY, False, "nobody is taken for of age before it is sure"),
    (Age(0), born(2026, 3), TODAY, True, "born this month is age 0"),
    (Age(0), born(2026, 4), TODAY, False, "not born yet has no age"),
    (Age(0), World([Profile(1)]), TODAY, False, "no birth month: no age"),
    (None_((Age(0),)), World([Profile(1)]), TODAY, True, "unknown is not true, so `none` of it is"),
    (Age(95), born(1931, 2), TODAY, True, "months long before 1970 count like others"),
    (Age(64, 64, on=date(2030, 1, 1)), born(1965, 12), TODAY, True, "age on a named day"),
    (NO_VISIT, visited(at(2026, 2, 7, 0, 0)), TODAY, False, "the first instant of the window is in it"),
    (NO_VISIT, visited(at(2026, 2, 6, 23, 59, 59)), TODAY, True, "the instant before is not"),
    (NO_VISIT, visited(at(2026, 3, 9, 23, 59, 59)), TODAY, False, "today counts to its end"),
    (NO_VISIT, visited(at(2026, 3, 10, 0, 0)), TODAY, True, "tomorrow does not"),
    (Encountered(within=Last(0)), visited(at(2026, 3, 9, 0, 0)), TODAY, True, "last 0 days is today"),
    (
        Encountered(within=Last(1)),
        visited(at(2026, 3, 8, 0, 0)),
        TODAY,
        True,
        "the short day of the clock change begins at midnight",
    ),
    (
        Encountered(within=Last(0)),
        visited(datetime(2026, 3, 9, 3, 59, tzinfo=UTC)),
        TODAY,
        False,
        "03:59 UTC is still the day before in New York",
    ),
    (
        Encountered(within=Last(1, "month")),
        visited(at(2026, 2, 28)),
        AsOf(date(2026, 3, 31)),
        True,
        "a month before the 31st is the last day of February",
    ),
    (
        Encountered(within=Last(1, "year")),
        visited(at(2023, 2, 28)),
        AsOf(date(2024, 2, 29)),
        True,
        "a year before a leap day is the 28th",
    ),
    (
        Encountered(within=Next(7)),
        visited(at(2026, 3, 16, 23, 0)),
        TODAY,
        True,
        "the seventh day ahead counts to its end",
    ),
    (Encountered(within=Next(7)), visited(at(2026, 3, 17)), TODAY, False, "the eighth does not"),
    (Encountered(), visited(at(2026, 3, 10)), TODAY, False, "without a window nothing of the future counts"),
    (
        Encountered(within=Between(date(1931, 5, 1), date(1931, 5, 31))),
        visited(at(1931, 5, 31, 23, 30)),
        TODAY,
        True,
        "long before 1970 too",
    ),
    (
        Encountered(within=Between(None, date(2025, 12, 31))),
        visited(at(1969, 12, 31)),
        TODAY,
        True,
        "an open beginning",
    ),
    (Encountered(2), visited(at(2026, 1, 1), at(2026, 1, 1, 0, 0, 1)), TODAY, True, "two rows are two visits"),
    (Encountered(2, 2), visited(at(2026, 1, 1)), TODAY, False, "exactly two is not one"),
    (Encountered(0, 1), World([Profile(1)]), TODAY, True, "at most one includes none at all"),
    (Encountered(at_most=0), World([Profile(1)]), TODAY, True, "who has no rows had no visit"),
    (Consented("email", "care"), agreed(), TODAY, True, "a yes without an end"),
    (Consented("email", "care"), agreed(expires_at=at(2026, 3, 10)), TODAY, True, "ends tomorrow: still holds today"),
    (
        Consented("email", "care"),
        agreed(expires_at=at(2026, 3, 9, 23, 59)),
        TODAY,
        False,
        "ends today: no longer used today",
    ),
    (
        Consented("email", "care", "withdrawn"),
        agreed(expires_at=at(2026, 1, 2)),
        TODAY,
        False,
        "an expired yes is no withdrawal",
    ),
    (HasCode(KNEE, active=True), has_knee(), TODAY, True, "active, without an end"),
    (HasCode(KNEE, active=True), has_knee(ends_at=at(2026, 3, 10)), TODAY, True, "ends tomorrow"),
    (HasCode(KNEE, active=True), has_knee(ends_at=at(2026, 3, 9, 12)), TODAY, False, "ended today"),
    (HasCode(KNEE, active=True), has_knee(status="resolved"), TODAY, False, "resolved"),
    (HasCode(KNEE, active=True, within=Last(30)), has_knee(), TODAY, False, "a beginning nobody knows is in no window"),
    (HasCode(KNEE), has_knee(), TODAY, False, "without `active` the timeline is asked"),
    (LivesIn(zips=("018",)), World([Profile(1, zip5="01852")]), TODAY, True, "the beginning of a ZIP"),
    (LivesIn(zips=("01852",)), World([Profile(1, zip5="")]), TODAY, False, "no ZIP is in no place"),
    (Speaks(("es",)), World([Profile(1, language="es-MX")]), TODAY, True, "es finds es-MX"),
    (Speaks(("es",)), World([Profile(1, language="est")]), TODAY, False, "but not est"),
    (
        TraitIs("score", at_least=0.3),
        World([Profile(1)], traits=[Trait(1, 1, "score", number=0.3)]),
        TODAY,
        True,
        "ends of ranges are in",
    ),
    (
        TraitIs("score", at_least=0.3),
        World([Profile(1)], traits=[Trait(1, 1, "score", "high")]),
        TODAY,
        False,
        "a word is no number",
    ),
    (TraitIs("score"), World([Profile(1)], traits=[Trait(1, 1, "score")]), TODAY, True, "any value at all"),
    (None_(), World([Profile(1)]), TODAY, True, "none of nothing is everybody"),
    (None_(), World([Profile(1, deceased=True)]), TODAY, False, "who died is in no segment"),
]


@pytest.mark.parametrize(("node", "world", "as_of", "expected", "why"), TABLE, ids=[row[4] for row in TABLE])
def test_the_meaning_of_a_criterion(node, world, as_of, expected, why):
    snapshot = Snapshot(HANDLE.hold(world), 1)
    answers = {
        "reference": memory.answer(node, world, as_of) == {1},
        "statement": snapshot.people(node, as_of) == [1],
        "bitmaps": snapshot.members(node, as_of) == [1],
    }
    assert answers == dict.fromkeys(answers, expected), why


@pytest.mark.parametrize(
    ("day", "zone", "first"),
    [
        (date(2026, 3, 8), "America/New_York", "2026-03-08 05:00:00"),
        (date(2026, 3, 9), "America/New_York", "2026-03-09 04:00:00"),
        (
            date(2018, 11, 4),
            "America/Sao_Paulo",
            "2018-11-04 03:00:00",
        ),  # midnight does not exist: the day begins at 01:00
        (
            date(2018, 2, 18),
            "America/Sao_Paulo",
            "2018-02-18 03:00:00",
        ),  # 23:00 to midnight came twice the evening before
        (date(2026, 11, 1), "America/Havana", "2026-11-01 04:00:00"),  # midnight comes twice: the first
        (date(2011, 12, 31), "Pacific/Apia", "2011-12-30 10:00:00"),  # the day before does not exist
        (date(1931, 5, 31), "America/New_York", "1931-05-31 04:00:00"),
    ],
)
def test_the_first_instant_of_a_day(day, zone, first):
    assert str(days.first_instant(day, zone)) == first
