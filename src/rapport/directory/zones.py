"""Which time zone a ZIP code lies in, from a small table that ships with the program."""

from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("zip_timezones.txt")


@cache
def table() -> dict[str, str]:
    """Three-digit areas, five-digit exceptions and states -> IANA zone."""
    zones = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            zone, _, places = line.partition(": ")
            zones.update(dict.fromkeys(places.split(), zone))
    return zones


def zone_of(zip5: str, state: str = "") -> str:
    """The zone of a ZIP code; without one that of most of the state; empty when neither says anything."""
    zones = table()
    code = zip5.strip()[:5]
    if len(code) == 5 and code.isdigit():
        found = zones.get(code) or zones.get(code[:3])
        if found:
            return found
    return zones.get(state.strip().upper(), "") if len(state.strip()) == 2 else ""
