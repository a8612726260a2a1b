"""How far a member of staff may see: a pure reading of grants and permission table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rapport.trust.permissions import PERMISSIONS, Reach


class Granted(Protocol):
    role: str
    location_id: int | None
    service_line_id: int | None


@dataclass(frozen=True)
class Sight:
    """What a verb lets this person see. People are seen by location, other things also by service line."""

    everyone: bool = False
    locations: frozenset[int] = frozenset()
    every_line: bool = False
    lines: frozenset[int] = frozenset()

    def sees_line(self, line: int | None) -> bool:
        """Things that belong to no line are everybody's."""
        return self.every_line or line is None or line in self.lines


def decide(grants: Iterable[Granted], verb: str) -> Sight | None:
    """The widest sight the grants give for this verb; None when none of them gives it.

    - A grant without limits sees everyone and everything.
    - A grant for a location sees the people of that location.
    - A grant for a service line sees the things of that line. Which line a person belongs to is not a fact of the person, so
      such a grant alone shows no person.
    """
    giving = [grant for grant in grants if verb in PERMISSIONS.get(grant.role, {})]
    if not giving:
        return None
    by_line = any(PERMISSIONS[grant.role][verb] is Reach.LINES for grant in giving)
    return Sight(
        everyone=any(grant.location_id is None and grant.service_line_id is None for grant in giving),
        locations=frozenset(grant.location_id for grant in giving if grant.location_id is not None),
        every_line=not by_line or any(grant.service_line_id is None for grant in giving),
        lines=frozenset(grant.service_line_id for grant in giving if grant.service_line_id is not None),
    )
