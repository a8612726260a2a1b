"""What repeats, in the clinic's own zone: no occurrence lost or doubled when the clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.campaigns import rhythm, rhythm_words

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first(rule: str, start: str, count: int, zone: ZoneInfo = NEW_YORK) -> list[str]:
    found = rhythm.occurrences(rule, start=at(start), zone=zone, after=at(start) - timedelta(seconds=1))
    return [f"{one.astimezone(zone):%Y-%m-%d %H:%M%z}" for one in islice(found, count)]


def test_ten_in_the_morning_stays_ten_in_the_morning_over_the_change_of_the_clocks() -> None:
    assert first("FREQ=WEEKLY", "2026-03-03T15:00", 3) == [
        "2026-03-03 10:00-0500",
        "2026-03-10 10:00-0400",
        "2026-03-17 10:00-0400",
    ]


def test_a_time_that_the_clocks_skip_falls_on_the_first_instant_that_exists() -> None:
    found = first("FREQ=DAILY", "2026-03-07T07:30", 3)  # half past two in New York
    assert found == ["2026-03-07 02:30-0500", "2026-03-08 03:00-0400", "2026-03-09 02:30-0400"]


def test_a_time_that_comes_twice_fires_once_and_the_first_time() -> None:
    found = first("FREQ=DAILY", "2026-10-31T05:30", 3)  # half past one
    assert found == ["2026-10-31 01:30-0400", "2026-11-01 01:30-0400", "2026-11-02 01:30-0500"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=1TU", ["2026-01-06", "2026-02-03", "2026-03-03"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", ["2026-01-02", "2026-01-13", "2026-01-16"]),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=1", ["2026-09-01", "2027-09-01", "2028-09-01"]),
        ("FREQ=DAILY;COUNT=2", ["2026-01-01", "2026-01-02"]),
        ("FREQ=DAILY;UNTIL=20260103", ["2026-01-01", "2026-01-02", "2026-01-03"]),
        ("FREQ=DAILY;UNTIL=20260102T150000Z", ["2026-01-01", "2026-01-02"]),
    ],
)
def test_rules_of_the_calendar(rule: str, expected: list[str]) -> None:
    assert [day[:10] for day in first(rule, "2026-01-01T15:00", 3)] == expected


def test_a_rule_that_never_comes_true_ends_soon() -> None:
    assert first("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01T15:00", 1) == []
    assert first("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "2026-01-01T15:00", 1) == []


@pytest.mark.parametrize(
    "rule",
    ["", "daily", "FREQ=HOURLY", "FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;BYDAY=XX",
     "FREQ=DAILY;COUNT=2;UNTIL=20260101", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY\nDTSTART:20200101"],
)  # fmt: skip
def test_a_rule_that_no_campaign_may_follow_is_refused(rule: str) -> None:
    with pytest.raises(rhythm.Misformed):
        rhythm.check(rule)


def test_a_rule_in_words() -> None:
    assert rhythm_words.in_words("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR") == "every 2 weeks on Tuesday and Friday"
    assert rhythm_words.in_words("FREQ=MONTHLY;BYMONTHDAY=-1") == "every month on the last day"
    assert "(FREQ=MONTHLY;BYDAY=1TU)" in rhythm_words.in_words("FREQ=MONTHLY;BYDAY=1TU")


@settings(max_examples=60, deadline=None)
@given(
    minute=st.integers(0, 24 * 60 - 1),
    day=st.integers(0, 365),
    zone=st.sampled_from(["America/New_York", "America/Chicago", "Pacific/Honolulu", "Australia/Lord_Howe"]),
)
def test_every_day_has_exactly_one_instant_in_every_zone(minute: int, day: int, zone: str) -> None:
    where = ZoneInfo(zone)
    wall = datetime(2026, 1, 1) + timedelta(days=day, minutes=minute)
    start = rhythm.instant(wall, where)
    found = list(islice(rhythm.occurrences("FREQ=DAILY", start=start, zone=where, after=start - timedelta(1)), 400))
    assert len({one.astimezone(where).date() for one in found}) == 400
    assert all(timedelta(hours=22) <= b - a <= timedelta(hours=26) for a, b in pairwise(found))


def test_a_rule_in_the_words_of_whoever_reads() -> None:
    with translation.override("es"):
        assert rhythm_words.in_words("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR") == "cada 2 semanas, martes y viernes"
        assert rhythm_words.in_words("FREQ=DAILY;COUNT=1") == "cada día, 1 vez"
