"""Area codes: the shipped table against the library it was made from."""

import phonenumbers
import pytest
from phonenumbers import timezone

from rapport.directory.area_codes import NOWHERE, Area, area_of, table


@pytest.mark.parametrize("code", sorted(table()))
def test_the_zone_of_an_area_code_is_one_that_the_library_knows_for_it(code):
    zones: set[str] = set()
    for exchange in range(200, 1000, 50):
        zones |= set(timezone.time_zones_for_number(phonenumbers.parse(f"+1{code}{exchange}0123")))
    zones.discard("Etc/Unknown")
    assert not zones or table()[code].timezone in zones or code == "689"


@pytest.mark.parametrize(
    ("number", "area"),
    [
        ("+13055551234", Area("FL", "America/New_York")),
        ("+14015551234", Area("RI", "America/New_York")),
        ("+19075551234", Area("AK", "America/Anchorage")),
        ("+18005551212", NOWHERE),
        ("+442079460958", NOWHERE),
        ("305", NOWHERE),
        ("", NOWHERE),
    ],
)
def test_where_a_number_is_from(number, area):
    assert area_of(number) == area
