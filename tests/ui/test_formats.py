"""How numbers, money, shares, intervals and times read."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from rapport.ui import formats


@pytest.fixture(autouse=True)
def _english_in_new_york():
    with translation.override("en"), timezone.override("America/New_York"):
        yield


def read(text: str) -> str:
    """The words without the narrow spaces a typesetter puts in."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.format_count(12345), "12,345"),
        (formats.format_count(0), "0"),
        (formats.format_count(None), "–"),
        (formats.format_count(2.345, 1), "2.3"),
        (formats.format_short(12345), "12.3K"),
        (formats.format_short(950), "950"),
        (formats.format_money(Decimal("12.5")), "$12.50"),
        (formats.format_money(0), "$0"),
        (formats.format_money(1234.56), "$1,235"),
        (formats.format_money(-1234.56), "-$1,235"),
        (formats.format_money(1234.56, 2), "$1,234.56"),
        (formats.format_money(None), "–"),
        (formats.format_cents(1250), "$12.50"),
        (formats.format_cents(None), "–"),
        (formats.format_percent(0.1234), "12.3%"),
        (formats.format_percent(1, 0), "100%"),
        (formats.format_percent(-0.013), "-1.3%"),
        (formats.format_percent(None), "–"),
        (formats.format_interval(0.012, 0.05, "percent"), "1.2% to 5.0%"),
        (formats.format_interval(None, 20), "up to 20"),
        (formats.format_interval(20, None, "money"), "$20.00 or more"),
        (formats.format_interval(None, None), "–"),
        (formats.initials("Pat Rivera"), "PR"),
        (formats.initials("Ito"), "I"),
        (formats.initials("María de la Cruz"), "MC"),
        (formats.initials("  "), "?"),
        (formats.duration(timedelta(minutes=4)), "4 minutes"),
        (formats.duration(None), "–"),
    ],
)
def test_a_figure_reads_as_people_write_it(written: str, expected: str) -> None:
    assert written == expected


def test_an_instant_is_shown_in_the_local_zone() -> None:
    at = datetime(2026, 11, 24, 3, 5, tzinfo=UTC)
    assert formats.local_date(at) == "Nov 23, 2026"
    assert read(formats.local_time(at)) == "10:05 PM"
    assert read(formats.local_datetime(at)) == "Nov 23, 2026, 10:05 PM"


def test_a_plain_date_does_not_move_with_the_zone() -> None:
    assert formats.local_date(date(1972, 4, 2)) == "Apr 2, 1972"


def test_a_missing_time_reads_as_a_dash() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert [formats.local_date(None), formats.local_time(None), formats.local_datetime(None)] == ["–"] * 3
    assert formats.ago(None, now) == "–"


def test_ago_says_on_which_side_of_now_it_was() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert formats.ago(now - timedelta(hours=3), now) == "3 hours ago"
    assert formats.ago(now + timedelta(days=2), now) == "in 2 days"


def test_spanish_reads_as_spanish() -> None:
    at = datetime(2026, 11, 23, 15, tzinfo=UTC)
    with translation.override("es"):
        assert formats.local_date(at) == "23 nov 2026"
        assert formats.ago(at, at + timedelta(hours=3)) == "hace 3 horas"


@pytest.mark.parametrize("language", ["es", "es-mx"])
def test_spanish_is_written_as_in_the_united_states(language):
    """A point in 12,345.6 and hours of twelve: figures are read aloud to patients beside English ones."""
    with translation.override(language):
        assert formats.format_count(12345.6, 1) == "12,345.6"
        assert formats.local_date(date(2026, 11, 26)) == "26 nov 2026"
        assert read(formats.local_datetime(datetime(2026, 11, 26, 21, 30, tzinfo=UTC))) == "26 nov 2026, 4:30 PM"
