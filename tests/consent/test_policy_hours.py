"""Local windows and the changes of the clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from rapport.consent import rules
from rapport.consent.policy_hours import after_quiet, instant, next_open

NEW_YORK = ZoneInfo("America/New_York")


def window(opens: str, closes: str) -> tuple[rules.Window, ...]:
    every_day = frozenset(range(7))
    return (
        rules.Window(
            rule="T",
            version=1,
            jurisdiction="HOUSE",
            authority="a test",
            channels=("email",),
            days=every_day,
            opens=time.fromisoformat(opens),
            closes=time.fromisoformat(closes),
        ),
    )


def test_a_time_in_the_gap_moves_to_the_first_instant_after_it():
    assert instant(date(2026, 3, 8), time(2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_window_that_opens_in_the_gap_opens_when_the_gap_ends():
    opens = next_open(window("02:30", "20:00"), "America/New_York", datetime(2026, 3, 8, 6, 0, tzinfo=UTC))
    assert opens == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_gap_of_half_an_hour_is_found_too():
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    found = instant(date(2026, 10, 4), time(2, 15), lord_howe)
    assert found.astimezone(lord_howe).strftime("%H:%M") == "02:30"


def test_a_time_that_comes_twice_is_taken_the_first_time():
    assert instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_windows_that_leave_nothing_never_open():
    closed = window("08:00", "12:00") + window("13:00", "20:00")
    assert next_open(closed, "America/New_York", datetime(2026, 3, 4, 15, 0, tzinfo=UTC)) is None


def test_several_windows_leave_what_all_allow():
    both = window("08:00", "20:00") + window("09:00", "17:00")
    assert next_open(both, "America/New_York", datetime(2026, 3, 4, 13, 30, tzinfo=UTC)) == datetime(
        2026, 3, 4, 14, 0, tzinfo=UTC
    )


def test_own_quiet_hours_go_over_midnight_and_over_a_clock_change():
    night = (time(21), time(8))
    assert after_quiet(*night, "America/New_York", datetime(2026, 3, 4, 20, 59, tzinfo=NEW_YORK)).hour == 20
    at = datetime(2026, 3, 7, 22, 0, tzinfo=NEW_YORK)  # the clocks go forward in this night
    assert after_quiet(*night, "America/New_York", at) == datetime(2026, 3, 8, 8, 0, tzinfo=NEW_YORK)
    assert after_quiet(time(9), time(9), "America/New_York", at) == at, "hours of no length are none"


def test_quiet_hours_that_end_in_the_gap_end_when_it_ends():
    at = datetime(2026, 3, 8, 1, 0, tzinfo=NEW_YORK)
    assert after_quiet(time(0, 30), time(2, 30), "America/New_York", at) == datetime(2026, 3, 8, 3, 0, tzinfo=NEW_YORK)
