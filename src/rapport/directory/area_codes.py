"""Where a telephone number is from: state and time zone of its area code, from a small table that ships with the program.

For quiet hours only: a number moves with its owner, so the stricter of home and area code counts (47 CFR 64.1200(c)(1)).
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("area_codes.txt")
_NUMBER = re.compile(r"\+1([2-9]\d\d)\d{7}")


@dataclass(frozen=True, slots=True)
class Area:
    """A state (two letters) and an IANA zone; both empty for a number whose area says nothing."""

    state: str = ""
    timezone: str = ""


NOWHERE = Area()


@cache
def table() -> dict[str, Area]:
    areas = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            where, _, codes = line.partition(": ")
            state, _, timezone = where.partition(" ")
            areas.update(dict.fromkeys(codes.split(), Area(state, timezone)))
    return areas


def area_of(number: str) -> Area:
    """The area of a number in E.164; nowhere for toll-free numbers and numbers of other countries."""
    found = _NUMBER.fullmatch(number)
    return table().get(found[1], NOWHERE) if found else NOWHERE
