"""Where things are: zones of ZIP codes, and the service line of a code."""

from zoneinfo import ZoneInfo

import pytest

from rapport.directory import queries, zones
from rapport.directory.models import ServiceLine


@pytest.mark.parametrize(
    ("zip5", "state", "zone"),
    [
        ("01852", "MA", "America/New_York"),
        ("60614", "IL", "America/Chicago"),
        ("85004", "AZ", "America/Phoenix"),
        ("37305", "TN", "America/Chicago"),
        ("96815", "HI", "Pacific/Honolulu"),
        ("00907", "PR", "America/Puerto_Rico"),
        ("", "CA", "America/Los_Angeles"),
        ("00000", "TX", "America/Chicago"),
        ("", "", ""),
        ("abcde", "ZZ", ""),
    ],
)
def test_the_zone_of_a_zip_code_else_of_the_state(zip5, state, zone):
    assert queries.timezone_of(zip5, state) == zone


def test_every_zone_of_the_table_exists():
    assert all(ZoneInfo(zone) for zone in set(zones.table().values()))
    assert len(zones.table()) > 1000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("codes", "slug"),
    [
        ([("icd10cm", "M17.11")], "orthopedics"),
        ([("icd10cm", "O80")], "womens-health"),
        ([("icd10cm", "I25.10")], "cardiology"),
        ([("icd10cm", "I10")], "primary-care"),
        ([("cpt", "27447")], "orthopedics"),
        ([("cpt", "77067")], "womens-health"),
        ([("cpt", "99213")], "primary-care"),
        ([("icd10cm", "Q99"), ("snomed", "424619006")], "womens-health"),
        ([("icd10cm", "Q99")], None),
        ([], None),
    ],
)
def test_the_service_line_of_the_first_code_that_has_one(codes, slug):
    wanted = ServiceLine.objects.get(slug=slug).pk if slug else None
    assert queries.service_lines().first_of(codes) == wanted
