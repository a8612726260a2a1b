"""When somebody who did not pick up is rung again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rapport.messaging import call_rules

NEW_YORK = "America/New_York"


def test_three_times_on_three_days_at_three_hours():
    first = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)  # ten in New York
    second = call_rules.next_try(1, first, NEW_YORK)
    third = call_rules.next_try(2, second, NEW_YORK)
    there = [one.astimezone(ZoneInfo(NEW_YORK)) for one in (first, second, third)]
    assert [(one.day, one.hour) for one in there] == [(4, 10), (5, 13), (6, 8)]
    assert call_rules.next_try(3, third, NEW_YORK) is None


def test_the_hour_holds_over_the_change_of_clocks():
    last = datetime(2026, 3, 7, 15, 0, tzinfo=UTC)  # the night before clocks go forward
    assert call_rules.next_try(1, last, NEW_YORK).astimezone(ZoneInfo(NEW_YORK)).hour == 13


@pytest.mark.parametrize("tries", [1, 2])
@pytest.mark.parametrize("hour", range(24))
def test_never_on_the_same_day_nor_at_the_same_hour(tries, hour):
    last = datetime(2026, 3, 4, hour, 0, tzinfo=ZoneInfo("UTC"))
    again = call_rules.next_try(tries, last, "UTC")
    assert again.date() == last.date() + timedelta(days=1)
    assert again.hour != last.hour
