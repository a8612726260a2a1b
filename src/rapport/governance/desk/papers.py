"""The signed papers as the desk sorts them: in force, defective (somebody must act), or ended as papers end."""

from datetime import datetime

from django.utils import timezone

from rapport.consent import papers
from rapport.consent.papers import Read

A_LIST = 2000
_ENDED = frozenset({"expired", "event_occurred", "revoked"})
STATES = ("defective", "valid", "ended")


def state(one: Read) -> str:
    """`ended` is no defect to mend: it held once, and its time is over."""
    if one.is_valid:
        return "valid"
    return "ended" if set(one.defects) & _ENDED else "defective"


def sorted_papers(now: datetime) -> dict[str, list[Read]]:
    """The newest 2,000 papers in sight, by state."""
    found: dict[str, list[Read]] = {name: [] for name in STATES}
    for one in papers.read(papers.signed()[:A_LIST], on=timezone.localtime(now).date()):
        found[state(one)].append(one)
    return found
