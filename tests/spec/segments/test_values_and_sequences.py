"""What the richer criteria mean at their edges: calendar windows, anniversaries, values, sequences, money, appointments, insurance,
households, lists, chance. Every engine keeps this table. Times are local to New York.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from rapport.segments import memory
from rapport.segments.columnar import Snapshot
from rapport.segments.days import AsOf
from rapport.segments.language import (
    Age,
    All,
    Anniversary,
    Between,
    Bucket,
    Calendar,
    Capped,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    Held,
    HouseholdSize,
    InSegment,
    Insured,
    IsKnown,
    KnownSince,
    Last,
    LivesWith,
    Money,
    Next,
    None_,
    Observed,
    RelativeDay,
    Sequence,
    Sex,
    Step,
    TraitIs,
    Wishes,
)  # fmt: skip
from rapport.segments.worldly import ConsentNow, Event, Fact, Member, PreferenceNow, Profile, Roof, Trait, World
from tests.segments.worlds import InMemory

TODAY = AsOf(date(2026, 3, 9))  # a Monday, the day after the clocks went forward
HANDLE = InMemory()
A1C = (CodeIs("loinc", "4548-4"),)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("America/New_York"))


def happened(*rows: tuple, **more) -> World:
    """Rows of kind and instant, then what else of an event is said."""
    events = [
        Event(number, 1, kind, when, **(extra[0] if extra else {}))
        for number, (kind, when, *extra) in enumerate(rows, 1)
    ]
    return World([Profile(1)], events, **more)


def visited(*instants: datetime) -> World:
    return happened(*(("encounter", one) for one in instants))


def measured(*values: tuple) -> World:
    """(instant, value) or (instant, value, unit)."""
    rows = [
        (
            "observation",
            when,
            {"code_system": "loinc", "code": "4548-4", "value": value, "unit": unit[0] if unit else "%"},
        )
        for when, value, *unit in values
    ]
    return happened(*rows)


def spent(*rows: tuple) -> World:
    return happened(*((kind, at(2026, 3, 1), {"value": value}) for kind, value in rows))


def lasting(kind: str, **more) -> World:
    return World([Profile(1)], facts=[Fact(1, 1, kind, **more)])


def at_home(*others: Profile, **mine) -> World:
    """Person 1 under one roof with others."""
    roofs = [Roof(1, 1, 7, **mine), *(Roof(10 + one.pseudonym, one.pseudonym, 7) for one in others)]
    return World([Profile(1), *others], roofs=roofs)


def born(month: int) -> World:
    return World([Profile(1, birth_month=date(1980, month, 1))])


MONTH_AGO = RelativeDay(shift=-1, unit="month")
CONSULT, SURGERY = Step("encounter"), Step("procedure")
CALENDAR = [
    (Encountered(within=Calendar("month", -1)), visited(at(2026, 2, 1)), True, "last month begins on its first day"),
    (Encountered(within=Calendar("month", -1)), visited(at(2026, 2, 28, 23, 59)), True, "and ends with its last"),
    (Encountered(within=Calendar("month", -1)), visited(at(2026, 3, 1)), False, "not this month"),
    (Encountered(within=Calendar("week")), visited(at(2026, 3, 9)), True, "a week begins on Monday"),
    (Encountered(within=Calendar("week", -1)), visited(at(2026, 3, 8, 23, 59)), True, "Sunday was the week before"),
    (
        Encountered(within=Calendar("quarter", -1)),
        visited(at(2025, 10, 1)),
        True,
        "the quarter before began in October",
    ),
    (
        Encountered(within=Calendar("year", -1)),
        visited(at(2025, 12, 31, 23, 59)),
        True,
        "the year before ends with December",
    ),
    (
        Encountered(within=Between(RelativeDay(start="month"))),
        visited(at(2026, 3, 1)),
        True,
        "since the first day of this month",
    ),
    (
        Encountered(within=Between(RelativeDay(start="month"))),
        visited(at(2026, 2, 28, 23, 59)),
        False,
        "not the day before it",
    ),
    (Encountered(within=Between(None, MONTH_AGO)), visited(at(2026, 2, 9, 23, 59)), True, "a month ago or more"),
    (Encountered(within=Between(None, MONTH_AGO)), visited(at(2026, 2, 10)), False, "less than a month ago"),
    (
        Encountered(within=Between(RelativeDay(1), RelativeDay(-1))),
        visited(at(2026, 3, 9)),
        False,
        "a window that ends before it begins",
    ),
    (Encountered(within=Last(1, "week")), visited(at(2026, 3, 2)), True, "a week back, that day included"),
    (Encountered(within=Last(1, "quarter")), visited(at(2025, 12, 9)), True, "three months back"),
    (
        Age(46, on=RelativeDay(shift=1, unit="month", start="month")),
        born(3),
        True,
        "46 on the first of next month: born in March 1980",
    ),
    (Age(46), born(3), False, "but not yet today"),
    (Anniversary("birth_month", Calendar("month", 1)), born(4), True, "birthdays of next month"),
    (Anniversary("birth_month", Calendar("month", 1)), born(3), False, "not of this one"),
    (Anniversary("birth_month", Calendar("month", 1)), World([Profile(1)]), False, "nobody knows when"),
    (Anniversary("birth_month", Next(30)), born(4), True, "a window that only touches the month finds it"),
    (
        Anniversary("first_visit", Last(0)),
        visited(at(2025, 3, 9, 23), at(2025, 9, 9)),
        True,
        "a year to the day after the first visit",
    ),
    (
        Anniversary("first_visit", Last(0)),
        visited(at(2025, 2, 9), at(2025, 3, 9)),
        False,
        "the second visit is not the first",
    ),
    (Anniversary("last_visit", Last(0)), visited(at(2024, 1, 1), at(2025, 3, 9)), True, "a year after the last visit"),
    (Anniversary("first_visit", Last(0)), visited(at(2026, 3, 9)), False, "today is no anniversary of today"),
    (Anniversary("first_visit", Last(0)), visited(at(1975, 3, 9)), False, "nor is the fifty-first looked for"),
    (KnownSince(Last(30)), World([Profile(1, known_since=at(2026, 2, 7))]), True, "came to us in the window"),
    (KnownSince(Last(30)), World([Profile(1)]), False, "nobody knows since when"),
    (IsKnown("zip"), World([Profile(1)]), False, "no ZIP on record"),
    (IsKnown("household"), at_home(), True, "a household of one is a household"),
]
LEAP = [
    (date(2025, 2, 28), at(2024, 2, 29), True, "February 29 returns on the 28th"),
    (date(2025, 3, 1), at(2024, 2, 29), False, "and not on the first of March"),
    (date(2028, 2, 29), at(2024, 2, 29), True, "where there is a 29th, on it"),
    (date(2028, 2, 28), at(2024, 2, 29), False, "and not a day before"),
    (date(2028, 2, 29), at(2025, 2, 28), False, "February 28 returns on the 28th alone"),
]
VALUES = [
    (Observed(A1C, above=9), measured((at(2026, 1, 1), 9.5), (at(2026, 2, 1), 8.0)), False, "the latest counts"),
    (Observed(A1C, "any", above=9), measured((at(2026, 1, 1), 9.5), (at(2026, 2, 1), 8.0)), True, "any of them"),
    (Observed(A1C, "all", above=7), measured((at(2026, 1, 1), 9.5), (at(2026, 2, 1), 8.0)), True, "all of them"),
    (Observed(A1C, "all", above=7), measured(), False, "all of none is not true"),
    (Observed(A1C, "earliest", above=9), measured((at(2026, 1, 1), 9.5), (at(2026, 2, 1), 8.0)), True, "the first of them"),
    (Observed(A1C, above=9), measured((at(2026, 1, 1), 9.0)), False, "above does not include its end"),
    (Observed(A1C, at_least=9), measured((at(2026, 1, 1), 9.0)), True, "at least does"),
    (Observed(A1C, below=9), measured((at(2026, 1, 1), None)), False, "no value is no measurement"),
    (Observed(A1C), measured((at(2026, 1, 1), 5.0)), True, "without limits: that there is one"),
    (Observed(A1C, above=9, unit="%"), measured((at(2026, 1, 1), 60.0, "mmol/mol")), False, "another unit is another measurement"),
    (Observed(A1C, above=9), measured((at(2026, 1, 1), 8.0), (at(2026, 1, 1), 9.5)), True, "of the same instant the later row"),
    (Observed(A1C, above=9, within=Last(30)), measured((at(2026, 1, 1), 9.5)), False, "outside the window"),
    (Happened("claim", value_at_least=100), happened(("claim", at(2026, 1, 1), {"value": 99.99})), False, "a value below"),
    (Happened("claim", value_at_most=100), happened(("claim", at(2026, 1, 1))), False, "no value is not below"),
    (HasCode((CodeIs("icd10cm", "M17", True),), but_not=(CodeIs("icd10cm", "M17.9"),)),
     happened(("condition", at(2026, 1, 1), {"code_system": "icd10cm", "code": "M17.9"})), False, "an excepted code"),
    (HasCode((CodeIs("icd10cm", "M17", True),), active=True, held=Held(at_least=30)),
     lasting("condition", code_system="icd10cm", code="M17.1", status="active", starts_at=at(2026, 2, 7, 23)), True, "for thirty days"),
    (HasCode((CodeIs("icd10cm", "M17", True),), active=True, held=Held(at_least=30)),
     lasting("condition", code_system="icd10cm", code="M17.1", status="active", starts_at=at(2026, 2, 8)), False, "for twenty-nine"),
    (TraitIs("pathway.knee", ("imaging",), held=Held(at_most=7)),
     World([Profile(1)], traits=[Trait(1, 1, "pathway.knee", "imaging", at=at(2026, 3, 1))]), False, "in the stage for longer"),
    (TraitIs("gap.", ("open",), begins=True), World([Profile(1)], traits=[Trait(1, 1, "gap.flu", "open")]), True, "any care gap"),
    (Consented("email", "care", held=Held(at_least=365)),
     World([Profile(1)], consents=[ConsentNow(1, "email", "care", "granted", at(2025, 6, 1))]), False, "a yes of less than a year"),
]  # fmt: skip
ORDER = [
    (Sequence(CONSULT, SURGERY), happened(("encounter", at(2026, 1, 1)), ("procedure", at(2026, 2, 1))), True, "one, then the other"),
    (Sequence(CONSULT, SURGERY), happened(("procedure", at(2026, 1, 1)), ("encounter", at(2026, 2, 1))), False, "not the other way round"),
    (Sequence(CONSULT, SURGERY), happened(("encounter", at(2026, 1, 1)), ("procedure", at(2026, 1, 1))), False, "at once is not after"),
    (Sequence(CONSULT, SURGERY, 14), happened(("encounter", at(2026, 1, 1)), ("procedure", at(2026, 1, 15))), True, "14 times 24 hours"),
    (Sequence(CONSULT, SURGERY, 14), happened(("encounter", at(2026, 1, 1)), ("procedure", at(2026, 1, 15, 0, 1))), False, "a minute more"),
    (Sequence(CONSULT, SURGERY, 14), happened(("encounter", at(2026, 1, 1)), ("encounter", at(2026, 2, 1)), ("procedure", at(2026, 2, 2))),
     True, "any of the firsts may be followed"),
    (Sequence(CONSULT, SURGERY, without=True), visited(at(2026, 3, 9)), True, "nothing followed so far"),
    (Sequence(CONSULT, SURGERY, 14, without=True), visited(at(2026, 3, 1)), False, "who still has time is not meant yet"),
    (Sequence(CONSULT, SURGERY, 14, without=True), visited(at(2026, 2, 23, 1)), True, "the time is over today"),
    (Sequence(CONSULT, SURGERY, 14, without=True), happened(("encounter", at(2026, 1, 1)), ("procedure", at(2026, 1, 15))), False,
     "it followed in time"),
    (Sequence(CONSULT, SURGERY, within=Last(30)), happened(("encounter", at(2026, 1, 1)), ("procedure", at(2026, 3, 1))), False,
     "the window is that of the first thing"),
    (Sequence(CONSULT, SURGERY), happened(("encounter", at(2026, 1, 1)), ("procedure", at(2026, 4, 1))), False, "the future is not yet"),
]  # fmt: skip
MONEY = [
    (Money("payments", at_least=20), spent(("payment", 19.99), ("payment", 0.01)), True, "to the cent"),
    (Money("payments", at_least=0.3), spent(("payment", 0.1), ("payment", 0.2)), True, "tenths add up"),
    (Money("payments", at_most=0), World([Profile(1)]), True, "who paid nothing stands at zero"),
    (Money("charges", at_least=1), spent(("payment", 5.0)), False, "a payment is no charge"),
    (Money("margin", at_least=40), spent(("payment", 100.0), ("visit_cost", 60.0)), True, "paid less cost"),
    (Money("margin", at_most=-1), spent(("visit_cost", 60.0)), True, "a margin below zero"),
    (Money("payments", at_least=1, within=Last(7)), spent(("payment", 5.0)), False, "outside the window"),
    (Money("payments", 0.01), spent(("payment", 0.005)), True, "half a cent is rounded up"),
    (Insured(), lasting("coverage", code="medicare", status="active"), True, "any insurance"),
    (Insured(("medicaid",)), lasting("coverage", code="medicare", status="active"), False, "another class"),
    (Insured(), lasting("coverage", code="medicare", status="cancelled"), False, "a cancelled one is none"),
    (Insured(), lasting("coverage", code="medicare", ends_at=at(2026, 3, 9, 12)), False, "ended today"),
    (Insured(), lasting("coverage", code="medicare", starts_at=at(2026, 3, 10)), False, "begins tomorrow"),
]
PLANNED = [
    (
        HasAppointment(),
        lasting("appointment", status="booked", starts_at=at(2026, 3, 9)),
        True,
        "today is still to come",
    ),
    (HasAppointment("past"), lasting("appointment", status="booked", starts_at=at(2026, 3, 9)), False, "and not past"),
    (
        HasAppointment("past"),
        lasting("appointment", status="noshow", starts_at=at(2026, 3, 8, 23, 59)),
        True,
        "yesterday is",
    ),
    (
        HasAppointment(statuses=("booked",)),
        lasting("appointment", status="cancelled", starts_at=at(2026, 4, 1)),
        False,
        "a cancelled one",
    ),
    (HasAppointment(at_most=0), World([Profile(1)]), True, "none at all"),
    (HasAppointment("any"), lasting("appointment", status="pending"), False, "one without a time is in no calendar"),
    (
        HasAppointment(within=Next(7)),
        lasting("appointment", status="booked", starts_at=at(2026, 3, 17)),
        False,
        "outside the window",
    ),
]
TOGETHER = [
    (HouseholdSize(2), at_home(Profile(2)), True, "two under one roof"),
    (HouseholdSize(2), at_home(Profile(2, deceased=True)), False, "the dead are not counted"),
    (HouseholdSize(1), World([Profile(1)]), False, "no household on record"),
    (HouseholdSize(2), at_home(Profile(2), ends_on=date(2026, 3, 9)), False, "moved out today"),
    (LivesWith((Sex(("F",)),)), at_home(Profile(2, sex="F")), True, "lives with a woman"),
    (LivesWith((Sex(("U",)),)), at_home(), False, "nobody lives with herself"),
    (
        LivesWith((Sex(("F",)), Age(18))),
        at_home(Profile(2, sex="F"), Profile(3, birth_month=date(1980, 1, 1))),
        False,
        "all parts of one",
    ),
    (None_((LivesWith(()),)), at_home(), True, "lives alone, as far as we know"),
    (InSegment((4,)), World([Profile(1)], members=[Member(1, 1, 4, at(2026, 3, 9))]), True, "entered today"),
    (
        InSegment((4,)),
        World([Profile(1)], members=[Member(1, 1, 4, at(2026, 1, 1), at(2026, 3, 9))]),
        False,
        "left today",
    ),
    (
        InSegment((4,), Held(at_least=30)),
        World([Profile(1)], members=[Member(1, 1, 4, at(2026, 3, 1))]),
        False,
        "not for so long",
    ),
    (
        Wishes(("paused",)),
        World([Profile(1)], preferences=[PreferenceNow(1, pause_until=date(2026, 3, 9))]),
        False,
        "the pause is over today",
    ),
    (
        Wishes(("paused",)),
        World([Profile(1)], preferences=[PreferenceNow(1, pause_until=date(2026, 3, 10))]),
        True,
        "until tomorrow",
    ),
    (
        Wishes(("limited",)),
        World([Profile(1)], preferences=[PreferenceNow(1, at_most=0)]),
        True,
        "a limit of none is a limit",
    ),
    (Bucket("x"), World([Profile(1)]), True, "the whole share is everybody"),
    (Capped(1, "x"), World([Profile(1)]), True, "enough room"),
    (Capped(0, "x"), World([Profile(1)]), False, "no room"),
]
TABLE = [(*row[:2], TODAY, *row[2:]) for row in (*CALENDAR, *VALUES, *ORDER, *MONEY, *PLANNED, *TOGETHER)]
TABLE += [
    (Anniversary("last_visit", Last(0)), visited(when), AsOf(day), expected, why) for day, when, expected, why in LEAP
]


@pytest.mark.parametrize(("node", "world", "as_of", "expected", "why"), TABLE, ids=[row[4] for row in TABLE])
def test_the_meaning_of_a_criterion(node, world, as_of, expected, why):
    snapshot = Snapshot(HANDLE.hold(world), 1)
    answers = {
        "reference": 1 in memory.answer(node, world, as_of),
        "statement": 1 in snapshot.people(node, as_of),
        "bitmaps": 1 in snapshot.members(node, as_of),
    }
    assert answers == dict.fromkeys(answers, expected), why


def test_a_share_is_about_as_big_as_it_says_and_names_are_independent():
    people = World([Profile(number * 7_919 + 13) for number in range(20_000)])
    pilot, other = Bucket("pilot", 0, 999), Bucket("other", 0, 999)
    sizes = [len(memory.answer(one, people, TODAY)) for one in (pilot, other, All((pilot, other)))]
    assert all(abs(one - 2_000) < 200 for one in sizes[:2]), sizes  # 4.7 standard deviations
    assert abs(sizes[2] - 200) < 70, sizes


def test_a_cap_draws_the_same_people_again_and_more_with_more_room():
    people = World([Profile(number) for number in range(1, 200)])
    few, more = (memory.answer(Capped(room, "x"), people, TODAY) for room in (20, 40))
    assert len(few) == 20
    assert few < more
    assert few != memory.answer(Capped(20, "y"), people, TODAY)
