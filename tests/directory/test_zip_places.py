"""Where ZIP codes lie: distances against another way to reckon them, edges of the map, counties by words."""

import math
import random
import time

import pytest

from rapport.directory import queries
from rapport.directory.models import Location
from rapport.directory.zip_places import STATES, miles_between, places

LOWELL, BOSTON, ADAK, HONOLULU, ANCHORAGE, SAN_JUAN, SAIPAN = (
    "01852", "02108", "99546", "96813", "99501", "00901", "96950",
)  # fmt: skip


def by_cosines(one, other):
    """The spherical law of cosines, with the radius in kilometres: another formula than the one under test."""
    (a, b), (c, d) = (map(math.radians, point) for point in (one, other))
    angle = math.acos(min(1.0, math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)))
    return 6371.0088 * angle / 1.609344


@pytest.mark.parametrize(
    ("one", "other", "miles"),
    [
        (LOWELL, BOSTON, 22.5),
        (BOSTON, "10001", 190),
        ("90012", "10001", 2446),
        (HONOLULU, ANCHORAGE, 2777),
        (SAN_JUAN, "33101", 1040),
        (ADAK, SAIPAN, 3253),
    ],
)
def test_distances_agree_with_another_formula_and_with_the_map(one, other, miles):
    a, b = queries.point_of(one), queries.point_of(other)
    assert miles_between(a, b) == pytest.approx(by_cosines(a, b), abs=0.01)
    assert miles_between(a, b) == pytest.approx(miles, rel=0.03)


def test_a_radius_holds_exactly_those_whose_point_is_near_enough():
    here = queries.point_of(LOWELL)
    for miles in (1, 24, 250):
        near = {code for code, point in places().points.items() if by_cosines(here, point) <= miles}
        assert set(queries.zips_within(*here, miles)) == near
    found = queries.zips_within(*here, 24)
    assert LOWELL in found
    assert BOSTON in found
    assert list(found) == sorted(found)
    assert BOSTON not in queries.zips_within(*here, 22)


def test_no_distance_at_all_is_the_code_on_the_very_point():
    for code in random.Random(4).sample(sorted(places().points), 300):
        point = queries.point_of(code)
        found = queries.zips_within(*point, 0)
        assert code in found
        assert {queries.point_of(one) for one in found} == {point}


def test_the_date_line_is_no_wall():
    """Adak lies at 177 degrees west; a ship 200 miles west of it is at 178 degrees east."""
    assert queries.zips_within(51.9, 178.2, 210) == (ADAK,)
    assert queries.zips_within(51.9, 178.2, 190) == ()


@pytest.mark.parametrize(
    ("code", "miles", "area"), [(ANCHORAGE, 5, "99"), (HONOLULU, 30, "96"), (SAN_JUAN, 20, "00"), (SAIPAN, 150, "969")]
)
def test_far_states_and_territories_are_on_the_map(code, miles, area):
    found = queries.zips_within(*queries.point_of(code), miles)
    assert code in found
    assert len(found) > 2
    assert all(one.startswith(area) for one in found)


def test_the_whole_ball_holds_every_code_that_has_a_point():
    assert len(queries.zips_within(0, 0, 13_000)) == len(places().points) > 41_000


@pytest.mark.parametrize("code", ["09001", "34001", "96201", "96507", "00000", "", "abcde"])
def test_a_military_or_unknown_code_lies_nowhere(code):
    assert queries.point_of(code) is None


@pytest.mark.parametrize("asked", [(91, 0, 5), (0, -181, 5), (0, 0, -1), (math.nan, 0, 5), (0, 0, math.nan)])
def test_what_is_no_place_is_refused(asked):
    with pytest.raises(ValueError):
        queries.zips_within(*asked)


def test_the_counties_of_a_state():
    assert len(queries.counties("ma")) == 14
    assert len(queries.counties("RI")) == 5
    assert queries.counties("ZZ") == []
    assert LOWELL in queries.zips_of_county("MA", "Middlesex County")
    assert BOSTON not in queries.zips_of_county("MA", "Middlesex County")
    assert queries.zips_of_county("MA", "Nowhere County") == ()


def test_a_county_is_spelt_in_one_way():
    """The source has "St Louis County" beside "St. Louis County"."""
    keys = [(state, "".join(filter(str.isalpha, county.lower()))) for state, county in places().counties]
    assert len(keys) == len(set(keys)) > 3_200
    assert {state for state, _county in places().counties} <= set(STATES)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("middlesex m", ("MA", "Middlesex County")),
        ("ma middle", ("MA", "Middlesex County")),
        ("massachusetts suffolk", ("MA", "Suffolk County")),
        ("prince georges", ("MD", "Prince George's County")),
        ("st. louis mo", ("MO", "St. Louis County")),
        ("orleans la", ("LA", "Orleans Parish")),
        ("san", ("CA", "San Diego County")),
        ("san juan puerto", ("PR", "San Juan Municipio")),
    ],
)
def test_a_county_is_found_by_words(typed, first):
    assert queries.find_counties(typed)[0] == first


@pytest.mark.parametrize("typed", ["", "  ", "!!", "atlantis", "xq"])
def test_no_words_find_no_county(typed):
    assert queries.find_counties(typed) == []


def test_a_location_lies_at_its_own_point_else_at_that_of_its_zip_code():
    assert queries.location_point(Location(latitude=42.0, longitude=-71.0, zip5=LOWELL)) == (42.0, -71.0)
    assert queries.location_point(Location(latitude=42.0, zip5=LOWELL)) == queries.point_of(LOWELL)
    assert queries.location_point(Location(zip5="")) is None


def test_a_radius_is_asked_fast_enough_to_type_at():
    here = queries.point_of(LOWELL)
    took = []
    for _ in range(30):
        start = time.perf_counter()
        queries.zips_within(*here, 25)
        took.append(time.perf_counter() - start)
    assert sorted(took)[len(took) // 2] < 0.05  # 5 ms is the aim; a busy machine gets ten times that
