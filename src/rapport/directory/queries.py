"""What other rooms ask of places: their time zones, where they lie, and which service line a code belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport.directory import zones
from rapport.directory.area_codes import NOWHERE, Area, area_of
from rapport.directory.models import Location, ServiceLineRule
from rapport.directory.zip_places import Point, counties, find_counties, point_of, zips_of_county, zips_within

__all__ = [
    "NOWHERE", "Area", "Point", "ServiceLines", "area_of", "counties", "find_counties", "location_point", "our_locations", "point_of",
    "service_lines", "timezone_of", "zips_of_county", "zips_within",
]  # fmt: skip


def timezone_of(zip5: str, state: str = "") -> str:
    """IANA zone of a ZIP code, else of most of the state, else empty."""
    return zones.zone_of(zip5, state)


def our_locations() -> list[Location]:
    return list(Location.objects.filter(is_ours=True).order_by("name"))


def location_point(location: Location) -> Point | None:
    """Where a location lies: its own point, else that of its ZIP code; None when neither is known."""
    if location.latitude is not None and location.longitude is not None:
        return location.latitude, location.longitude
    return point_of(location.zip5)


@dataclass(frozen=True)
class ServiceLines:
    """The rules that say which codes belong to which service line; longest prefix wins."""

    rules: Mapping[tuple[str, str], int]
    longest: int

    def of(self, code_system: str, code: str) -> int | None:
        """The service line of one code, or None."""
        for length in range(min(len(code), self.longest), 0, -1):
            found = self.rules.get((code_system, code[:length]))
            if found is not None:
                return found
        return None

    def first_of(self, codes: list[tuple[str, str]]) -> int | None:
        """The service line of the first code that has one: put what says most about a visit first."""
        return next((line for line in (self.of(system, code) for system, code in codes) if line is not None), None)


def service_lines() -> ServiceLines:
    """The rules as they stand now, for one batch."""
    rows = ServiceLineRule.objects.values_list("code_system", "code_prefix", "service_line_id")
    rules = {(system, prefix): line for system, prefix, line in rows}
    return ServiceLines(rules, max((len(prefix) for _, prefix in rules), default=0))
