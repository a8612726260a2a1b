"""What the front desk sent and what has become of it, line by line, as it is shown until it has gone and a while after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.people.models import Event

CAUSE = "desk"
BY: dict[str, str | Promise] = {"sms": _("by text"), "email": _("by e-mail")}
SHOWN_FOR = timedelta(minutes=15)  # after it is settled
WAITS_FOR = timedelta(days=14)  # nothing from the desk waits longer; older ones are not looked for
LISTENS_FOR = timedelta(minutes=2)  # for the word that it arrived
SOON = timedelta(minutes=1)
MOST = 20
WAITS = (Intent.State.QUEUED, Intent.State.CLAIMED)


@dataclass(frozen=True)
class Line:
    """One message from the desk. `state`: counting (it can be taken back), waits, going, sent, arrived, or as the intent says."""

    intent: Intent
    name: str
    state: str
    seconds: int
    reason: str
    poll: int

    @property
    def by(self) -> str | Promise:
        return BY.get(self.intent.channel, self.intent.channel)

    @property
    def may_undo(self) -> bool:
        return self.intent.state == Intent.State.QUEUED


def of_person(person_id: int, now: datetime) -> list[Line]:
    """What stands on a person's page."""
    return lines(_recent(now).filter(person_id=person_id), now)


def of_today(now: datetime) -> list[Line]:
    """What stands on the desk's day: everybody's in sight."""
    return lines(_recent(now), now)


def one(person_id: int, intent_id: int, now: datetime) -> Line | None:
    """A single line, while it is watched."""
    found = lines(_desk().filter(pk=intent_id, person_id=person_id), now)
    return found[0] if found else None


def lines(rows: QuerySet[Intent], now: datetime) -> list[Line]:
    many = list(rows.order_by("-created_at", "-id")[:MOST])
    arrived = _arrived(many)
    said = _said(many)
    return [_line(each, said.get(each.pk, ""), each.pk in arrived, now) for each in many]


def _desk() -> QuerySet[Intent]:
    return Intent.objects.filter(cause=CAUSE).select_related("version__piece")


def _recent(now: datetime) -> QuerySet[Intent]:
    rows = _desk().filter(created_at__gte=now - WAITS_FOR)
    return rows.filter(Q(state__in=WAITS) | Q(settled_at__gte=now - SHOWN_FOR))


def _line(intent: Intent, reason: str, arrived: bool, now: datetime) -> Line:
    left = intent.due_at - now
    state, poll = str(intent.state), 0
    if intent.state == Intent.State.QUEUED and left > SOON:
        state, poll = "waits", 30
    elif intent.state == Intent.State.QUEUED:
        state, poll = ("counting", 3) if left > timedelta() else ("going", 3)
    elif intent.state == Intent.State.CLAIMED:
        state, poll = "going", 3
    elif intent.state == Intent.State.SENT and arrived:
        state = "arrived"
    elif intent.state == Intent.State.SENT and intent.settled_at and now - intent.settled_at < LISTENS_FOR:
        poll = 5
    name = intent.version.piece.at_desk or intent.version.piece.name
    return Line(intent, name, state, max(0, round(left.total_seconds())), reason, poll)


def _arrived(many: Iterable[Intent]) -> set[int]:
    """The local mailbox has it, or the carrier told us that it was delivered."""
    sent = {one.trace: one for one in many if one.state == Intent.State.SENT}
    if not sent:
        return set()
    ids = [one.pk for one in sent.values()]
    found = MailboxItem.objects.filter(intent_id__in=ids).values_list("intent_id", flat=True)
    kept = {number for number in found if number is not None}
    people = {one.person_id for one in sent.values()}
    told = Event.objects.filter(person_id__in=people, kind="message_delivered", trace__in=list(sent))
    return kept | {sent[trace].pk for trace in told.values_list("trace", flat=True) if trace in sent}


def _said(many: Iterable[Intent]) -> dict[int, str]:
    """The last reason, for what waits or did not go."""
    found: dict[int, str] = {}
    ids = [one.pk for one in many if one.state != Intent.State.SENT]
    for receipt in Receipt.objects.filter(intent_id__in=ids).order_by("at", "id"):
        found[receipt.intent_id] = receipt.reason
    return found
