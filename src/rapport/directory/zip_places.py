"""Where ZIP codes lie: their county and their point, from a table that ships with the program (tools/zip_places.py makes it).

A ZIP code is a point here, the middle of where its mail goes. A radius therefore takes a code whole or not at all. Distances run
along the great circle of a ball, which is right to about 0.5 percent. Pure; the table is read once, when it is first asked.
"""

import lzma
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

TABLE = Path(__file__).with_name("zip_places.txt.xz")
EARTH_MILES = 3958.7613  # mean radius, 6371.0088 km (IUGG)
_SAME_PLACE = 1e-9  # in radii: some millimetres, so that a point is within 0 miles of itself

STATES = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AS": "American Samoa", "AZ": "Arizona", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "GU": "Guam", "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MH": "Marshall Islands",
    "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri", "MP": "Northern Mariana Islands", "MS": "Mississippi",
    "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota", "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
    "PR": "Puerto Rico", "PW": "Palau", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee",
    "TX": "Texas", "UT": "Utah", "VA": "Virginia", "VI": "Virgin Islands", "VT": "Vermont", "WA": "Washington",
    "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip

Point = tuple[float, float]
County = tuple[str, str]


@dataclass(frozen=True)
class Places:
    """The table: ZIP codes of each county, points, and the same points on the unit ball beside their codes in order."""

    counties: Mapping[County, tuple[str, ...]]
    points: Mapping[str, Point]
    zips: npt.NDArray[np.str_]
    on_ball: npt.NDArray[np.float64]


@cache
def places() -> Places:
    counties, points = {}, {}
    for line in lzma.decompress(TABLE.read_bytes()).decode().splitlines():
        if line.startswith("#"):
            continue
        where, _, listed = line.partition("|")
        state, _, county = where.partition(" ")
        codes = []
        for one in listed.split():
            code, _, point = one.partition(":")
            codes.append(code)
            if point:
                latitude, _, longitude = point.partition(",")
                points[code] = float(latitude), float(longitude)
        if county:
            counties[state, county] = tuple(codes)
    points = dict(sorted(points.items()))
    latitudes, longitudes = np.array(list(points.values())).T
    return Places(counties, points, np.array(list(points)), _on_ball(latitudes, longitudes))


def point_of(zip5: str) -> Point | None:
    """(latitude, longitude) of a ZIP code; None for one we don't know, and for those of the forces abroad."""
    return places().points.get(zip5.strip()[:5])


def zips_within(latitude: float, longitude: float, miles: float) -> tuple[str, ...]:
    """Every ZIP code whose point is at most so many miles away, sorted. With 0 miles those on the very point.

    Raises ValueError for what is no place on earth, and for a distance below zero.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("A latitude lies between -90 and 90, a longitude between -180 and 180")
    if not miles >= 0:
        raise ValueError("A distance is not below zero")
    known = places()
    here = _on_ball(np.array([latitude]), np.array([longitude]))
    # The straight line through the ball: half of it is the sine of half the angle, which is the haversine formula.
    longest = 2 * math.sin(min(miles / EARTH_MILES, math.pi) / 2) + _SAME_PLACE
    squares = ((known.on_ball - here) ** 2).sum(axis=1)
    return tuple(known.zips[squares <= longest * longest].tolist())


def miles_between(one: Point, other: Point) -> float:
    """Along the great circle."""
    a, b = (_on_ball(np.array([latitude]), np.array([longitude])) for latitude, longitude in (one, other))
    return EARTH_MILES * 2 * math.asin(min(1.0, float(np.linalg.norm(a - b)) / 2))


def counties(state: str) -> list[str]:
    """The counties of a state (two letters), in order; empty for none that we know."""
    wanted = state.strip().upper()
    return sorted(county for one, county in places().counties if one == wanted)


def zips_of_county(state: str, county: str) -> tuple[str, ...]:
    """The ZIP codes of a county as `counties` writes it, sorted. A code lies in the county that most of it is in."""
    return places().counties.get((state.strip().upper(), county.strip()), ())


def find_counties(text: str, limit: int = 12) -> list[County]:
    """(state, county) by words in any order, of which beginnings suffice; the state counts too ("middlesex ma").

    First those that begin as was typed, then those with more whole words, then the larger ones.
    """
    words = _words(text)
    if not words:
        return []
    known, searched = places().counties, _searched()
    found = [key for key, parts in searched.items() if all(any(p.startswith(w) for p in parts) for w in words)]

    def rank(key: County) -> tuple[bool, int, int, County]:
        whole = sum(word in searched[key] for word in words)
        return not _words(key[1])[0].startswith(words[0]), -whole, -len(known[key]), key

    return sorted(found, key=rank)[:limit]


@cache
def _searched() -> dict[County, frozenset[str]]:
    """The words by which each county is found."""
    return {
        (state, county): frozenset([state.lower(), *_words(county), *_words(STATES.get(state, ""))])
        for state, county in places().counties
    }


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower().replace("'", ""))


def _on_ball(latitudes: npt.NDArray[np.float64], longitudes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points of the unit ball, one a row."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    return np.column_stack((np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)))
