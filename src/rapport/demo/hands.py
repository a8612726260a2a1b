"""What goes through hands: a batch of letters that was printed and posted, calls that Bea made, a message in the inbox and its answer."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from rapport.campaigns.models import Campaign
from rapport.demo import clinic, inlet, saying
from rapport.directory.models import Location
from rapport.kit import clock
from rapport.messaging import call_lists, print_batches, tracking
from rapport.messaging.models import Call, CallTry, Letter, PortalMessage
from rapport.people import queries as people

MOVED, CALLED, ASKED = "The front desk moves upstairs", "How have you been?", "Before your next visit"
FEW = 8
OUTCOMES = (
    CallTry.Outcome.YES,
    CallTry.Outcome.VOICEMAIL,
    CallTry.Outcome.LATER,
    CallTry.Outcome.NO,
    CallTry.Outcome.YES,
)
ANSWER = "Thank you. May I come with my daughter? She helps me remember."


class NoWayIn(RuntimeError):
    """The inbox did not open for a patient with the right birth date."""


def letters(load: Any, step: Any) -> None:
    """Printed and posted while the printer's agreement still held."""
    at = saying.weekday_before(load.today, days=17, weekday=saying.THURSDAY)
    lowell = Location.objects.get(slug="lowell").pk
    _said(load, MOVED, "moving", "print", _some("letters", {"is": "at_location", "one_of": [lowell]}), at)
    bea, done = clinic.staff("bea"), at + timedelta(hours=2)
    if Letter.objects.filter(state=Letter.State.WAITING).exists():
        batch = print_batches.print_waiting(by=bea, now=done)
        print_batches.post(by=bea, batch_id=batch.pk, now=done + timedelta(hours=3))
    step.note = f"{Letter.objects.count()} letters"


def calls(load: Any, step: Any) -> None:
    """Bea rang a few people the other day; the others wait, one of them for a call back."""
    at = saying.working_day_before(load.today, time(10, 30))
    who = {"is": "consented", "channel": "call", "topic": "care"}
    _said(load, CALLED, "call", "call", who, at)
    bea = clinic.staff("bea")
    for number, outcome in enumerate(OUTCOMES[CallTry.objects.count() :]):
        now = at + timedelta(minutes=10 + 4 * number)
        try:
            call = call_lists.take_next(by=bea, now=now)
        except call_lists.NobodyToCall:
            break
        back = load.today + timedelta(hours=3) if outcome == CallTry.Outcome.LATER else None
        call_lists.settle(by=bea, call_id=call.pk, outcome=outcome, now=now + timedelta(minutes=3), call_back_at=back)
    step.note = f"{CallTry.objects.count()} of {Call.objects.count()} rung"


def inbox(load: Any, step: Any) -> None:
    """One patient opens the inbox with her birth date and writes back."""
    at = saying.working_day_before(load.today, time(11))
    _said(load, ASKED, "inbox", "portal", _some("inbox", {"is": "age", "at_least": 50}), at)
    if not PortalMessage.objects.filter(answered_at__isnull=False).exists():
        with clock.travel(at + timedelta(hours=5)):
            _write_back(list(PortalMessage.objects.order_by("person_id")))
            inlet.take_all(at + timedelta(hours=5))
    step.note = f"{PortalMessage.objects.count()} messages"


def _some(name: str, who: dict[str, Any]) -> dict[str, Any]:
    """A few of them, always the same."""
    return {"is": "capped", "most": FEW, "name": f"demo-{name}", "of": [who]}


def _said(load: Any, name: str, letter: str, channel: str, who: dict[str, Any], at: Any) -> Campaign:
    """A message about care in this channel, from the segment to where it lies with us."""
    drafted = at - timedelta(days=2)
    planned = {
        "segment": saying.segment(f"For “{name}”", who, drafted, "P1"),
        "version": saying.words(name, "care", letter, name, drafted, channel),
        "channel": channel,
        "purpose": "P1",
        "holdout_percent": 0,
        "send_at": at,
    }
    made = saying.launch(saying.draft(load, name, planned, drafted), at)
    saying.send(at)
    return made


def _write_back(placed: Sequence[PortalMessage]) -> None:
    """Through the public door: the link, the birth date, the message, the answer."""
    born = people.birth_dates(person_ids=[one.person_id for one in placed])
    one = next((one for one in placed if one.person_id in born), None)
    if one is None:
        return
    browser, token = Client(), tracking.token("preferences", one.intent_id)
    browser.post(reverse("web:inbox", args=[token]), {"do": "open", "born": born[one.person_id].isoformat()})
    there = reverse("web:inbox-message", args=[token, one.pk])
    browser.get(there)
    if browser.post(there, {"words": ANSWER}).status_code != 302:
        raise NoWayIn
