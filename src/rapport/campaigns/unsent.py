"""What was not sent, and why: by reason, and person by person for the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext_lazy as _

from rapport.campaigns import reasons as wording
from rapport.campaigns.models import Campaign, Run
from rapport.messaging import state_words

SQL = (Path(__file__).parent / "unsent.sql").read_text()
STOPPED = _("stopped before it was this person's turn")
PAUSED = _("the campaign is paused")
NEXT = _("its turn comes next")
IN_LINE = {"queued": _("waits for its moment"), "claimed": _("is on its way")}
COLUMNS = ("person", "run", "state", "check", "reason")


@dataclass(frozen=True)
class Row:
    """One person who was to be written to and was not. `state` is empty where no message was declared yet."""

    person_id: int
    run: str
    state: str
    gate: str
    reason: str


@dataclass(frozen=True)
class Reason:
    """So many people for one reason. `waits`: they may still be written to."""

    state: str
    reason: str
    people: int
    waits: bool


def rows(campaign: Campaign) -> Iterator[Row]:
    """Everybody of the contact arm who has not been written to, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"campaign": campaign.pk})
        found = cursor.fetchall()
    for person, run, waits_for, state, gate, reason in found:
        yield Row(person, run, state, gate, reason or _because(campaign, waits_for, state))


def reasons(campaign: Campaign) -> list[Reason]:
    """The same counted, most people first; the dates of single people are left out."""
    counted: dict[tuple[str, str], int] = {}
    for row in rows(campaign):
        key = (row.state, wording.general(row.reason))
        counted[key] = counted.get(key, 0) + 1
    found = [
        Reason(state, reason, people, campaign.state != Campaign.State.STOPPED and state in {"", "held", "queued"})
        for (state, reason), people in counted.items()
    ]
    return sorted(found, key=lambda one: (-one.people, one.reason))


def _because(campaign: Campaign, waits_for: str, state: str) -> str:
    if state == "held":
        return str(PAUSED)
    if state:
        return str(IN_LINE.get(state) or state_words.of(state))
    if campaign.state == Campaign.State.STOPPED:
        return str(STOPPED)
    return str(Run.Waits(waits_for).label) if waits_for else str(NEXT)
