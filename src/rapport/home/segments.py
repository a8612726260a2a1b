"""The segments one person is in: since when, and why in words.

A segment that was chosen by protected knowledge is not named, and not counted: that she is in it says what she has. Who may open
delicate entries opens these too, for this once, with a reason that goes on record.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from rapport.home import kinds
from rapport.home.ask import Ask
from rapport.home.clinical import SHORTEST_REASON, ReasonMissing
from rapport.segments import permission
from rapport.segments.language import Misformed, parse
from rapport.segments.language.classes import GENERAL
from rapport.segments.membership import queries
from rapport.segments.membership.queries import Stay
from rapport.segments.models import Segment, Why
from rapport.trust import audit
from rapport.trust.models import User

LEFT = 10
_WORDS: dict[str, str | Promise] = {
    Why.FIRST_COUNT: later("counted for the first time"),
    Why.EVENT: later("something was written down"),
    Why.TIME: later("time passed"),
    Why.DEFINITION: later("the segment was changed"),
    Why.LIST: later("put on the list"),
    Why.MERGED: later("two records became one"),
    Why.ERASED: later("the record was erased"),
    Why.DECEASED: later("the person has died"),
}
# What was written about her, where that is no event on the timeline: a table of the warehouse.
_WRITTEN: dict[str, str | Promise] = {
    "profile": later("the details of the person changed"),
    "consent_now": later("what the person agreed to changed"),
    "preference_now": later("what the person prefers changed"),
    "household": later("the household changed"),
    "member": later("another segment changed"),
    "coverage": later("the insurance changed"),
}


@dataclass(frozen=True)
class Line:
    """One stay as the page shows it."""

    segment: Segment
    since: datetime
    why: str
    until: datetime | None
    why_left: str


def fill(ask: Ask) -> dict[str, Any]:
    """Stays in segments that rest on general knowledge; those that ended lately stand apart."""
    lines = [_line(one) for one in queries.stays(ask.person_id, also_past=True) if not is_protected(one.segment)]
    return {"now_in": [one for one in lines if one.until is None], "left": [one for one in lines if one.until][:LEFT]}


def open_protected(*, by: User, person_id: int, reason: str, now: datetime) -> list[Line]:
    """The protected segments this person is in, for this once. Raises ReasonMissing."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing
    with transaction.atomic():
        lines = [_line(one) for one in queries.stays(person_id) if is_protected(one.segment)]
        audit.record(
            by=by, verb="person.uncover", now=now, person=person_id, thing="segments", reason=reason.strip()[:300],
            details={"entries": len(lines)},
        )  # fmt: skip
    return lines


def is_protected(segment: Segment) -> bool:
    """Whether protected knowledge chose its people. Of what can't be read nobody knows that it did not."""
    try:
        return permission.classes_of(parse(segment.definition)) not in ((), (GENERAL,))
    except Misformed:
        return True


def _line(stay: Stay) -> Line:
    left = _why(stay.left_why, "") if stay.left_at else ""
    return Line(stay.segment, stay.entered_at, _why(stay.why, stay.kind), stay.left_at, left)


def _why(why: str, kind: str) -> str:
    """Why somebody entered or left, in words. A trait is not named: its name may say what she has."""
    if why != Why.EVENT or not kind:
        return str(_WORDS[why])
    if kind in _WRITTEN:
        return str(_WRITTEN[kind])
    if kind in kinds.LOOKS:
        return _("written down: %(what)s") % {"what": str(kinds.look(kind).label).lower()}
    return str(_WORDS[why])
