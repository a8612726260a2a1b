"""Clicks and openings that a machine made. What it did stands on the timeline as `message_scanned`; an earlier touch of the same
message, taken for a person's then, is told from it by that later event and stays as it was written (`touches.sql` says the same).
"""

from collections.abc import Sequence

from rapport.people.models import Event

TOUCHES = frozenset({"message_opened", "message_clicked"})
SCANNED = "message_scanned"


def by_machines(rows: Sequence[Event]) -> set[int]:
    """The ids of those of these events that are touches of a machine, though they say otherwise."""
    touches = [one for one in rows if one.kind in TOUCHES and isinstance(one.detail, dict)]
    if not touches:
        return set()
    scans: dict[tuple[int, object], list[Event]] = {}
    whose = {one.person_id for one in touches}
    for scan in Event.objects.filter(person_id__in=whose, kind=SCANNED, detail__has_key="around"):
        scans.setdefault((scan.person_id, scan.detail.get("intent")), []).append(scan)
    return {
        one.pk
        for one in touches
        for scan in scans.get((one.person_id, one.detail.get("intent")), ())
        if abs((scan.at - one.at).total_seconds()) <= scan.detail["around"]
    }
