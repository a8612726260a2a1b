"""Free slots: pure rules of the clock and the calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rapport.experience import opening

BOSTON = ZoneInfo("America/New_York")


def test_a_weekday_has_half_hours_without_lunch():
    found = opening.slots(date(2026, 3, 4), BOSTON)
    local = [one.astimezone(BOSTON).strftime("%H:%M") for one in found]
    assert local[0] == "08:00"
    assert local[-1] == "16:30"
    assert "12:00" not in local
    assert len(local) == 16


def test_a_sunday_and_a_holiday_are_shut():
    assert opening.slots(date(2026, 3, 8), BOSTON) == []
    assert opening.slots(date(2026, 11, 26), BOSTON, closed=opening.office_holidays(2026)) == []


def test_a_taken_slot_is_not_offered_again():
    day = date(2026, 3, 4)
    first = opening.slots(day, BOSTON)[0]
    assert first not in opening.slots(day, BOSTON, taken={first})


def test_the_days_begin_tomorrow_in_the_calendar_of_the_place():
    late_in_london = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # still the 4th in Boston
    assert opening.open_days(late_in_london, BOSTON)[0] == date(2026, 3, 5)


@pytest.mark.parametrize("day", [date(2026, 3, 9), date(2026, 11, 2)])
def test_the_hour_on_the_wall_stays_the_same_over_a_change_of_clocks(day):
    assert {one.astimezone(BOSTON).hour for one in opening.slots(day, BOSTON)} == {8, 9, 10, 11, 13, 14, 15, 16}


def test_a_holiday_on_a_saturday_is_observed_on_friday():
    assert date(2026, 7, 3) in opening.office_holidays(2026)
    assert date(2026, 11, 26) in opening.office_holidays(2026)
    assert date(2026, 5, 25) in opening.office_holidays(2026)
