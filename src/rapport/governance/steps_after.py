"""Steps 7 to 10 of a trace: whether it might be said, what was said, how it went out, and what came of it."""

import hashlib
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.attribution.models import Conversion
from rapport.attribution.window import window
from rapport.campaigns.models import Assignment, Campaign
from rapport.consent import plain_words
from rapport.governance.step import Line, Step, not_reached
from rapport.messaging import state_words
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.people import event_words, touches
from rapport.people.models import Event, Person
from rapport.ui.formats import format_cents, local_date, local_datetime

HEARD = ("message_opened", "message_clicked", "message_scanned", "message_bounced", "unsubscribed", "booked")
TONES = {"sent": "good", "suppressed": "bad", "failed": "bad", "unknown": "bad", "stopped": "bad", "dead": "bad"}


def checked(assignment: Assignment | None, intent: Intent | None) -> Step:
    """7. Every check at the moment of sending, from the receipts: the yes, the no and the not yet."""
    name = _("Checked")
    if intent is None:
        return not_reached(7, name, _no_message(assignment))
    receipts = list(Receipt.objects.filter(intent_id=intent.pk).order_by("at", "id"))
    if not receipts:
        return Step(7, name, _("Not looked at yet: it is due %(when)s.") % {"when": local_datetime(intent.due_at)})
    last = receipts[-1]
    lines = []
    for receipt in receipts:
        again = _("; again %(when)s") % {"when": local_datetime(receipt.try_again_at)} if receipt.try_again_at else ""
        when = f"{local_datetime(receipt.at)}: {state_words.of(receipt.outcome).lower()}{again}"
        lines.append(Line(when, receipt.reason, "good" if receipt.allowed else "bad"))
        for gate in receipt.gates:
            rule = f"{gate.get('rule', '')} v{gate.get('rule_version', 1)}" if gate.get("rule") else ""
            note = " · ".join(part for part in (gate.get("reason", ""), rule) if part)
            lines.append(Line(plain_words.gate(gate["gate"]), note, "good" if gate["passed"] else "bad", depth=1))
    lines.append(Line(_("Rules in force then"), last.rules_version))
    lines.append(Line(_("Facts the decision rests on"), f"SHA-256 {last.facts_hash[:16]}…"))
    return Step(7, name, last.reason, at=last.at, lines=lines, tone="good" if last.allowed else "bad")


def composed(intent: Intent | None) -> Step:
    """8. The wording, frozen when it was published."""
    name = _("Composed")
    if intent is None:
        return not_reached(8, name, _("No message was written."))
    version = intent.version
    digest = hashlib.sha256("\0".join((version.subject, version.html, version.text)).encode()).hexdigest()
    lines = [
        Line(_("Wording"), f"{version.piece.name}, {_('version')} {version.number}"),
        Line(_("Subject"), version.subject),
        Line(_("Published"), local_datetime(version.published_at)),
        Line(_("Filled in for the person"), ", ".join(version.fields) or _("nothing")),
        Line(_("Frozen wording"), f"SHA-256 {digest[:16]}…"),
    ]
    return Step(
        8,
        name,
        _("Written from a published wording that nobody can change afterwards."),
        at=version.published_at,
        lines=lines,
    )


def delivered(intent: Intent | None, now: datetime) -> Step:
    """9. How it went out."""
    name = _("Delivered")
    if intent is None:
        return not_reached(9, name, _("Nothing was sent."))
    state = Intent.State
    sentences = {
        state.QUEUED: _("It waits in the queue, due %(when)s.") % {"when": local_datetime(intent.due_at)},
        state.CLAIMED: _("It is being sent right now."),
        state.SENT: _("It was handed over to the mail server."),
        state.FAILED: _("It could not be sent."),
        state.SUPPRESSED: _("It was not sent: a check said no."),
        state.UNKNOWN: _("Nobody knows yet whether it went out; it is not sent again without proof."),
        state.STOPPED: _("It was stopped by staff before it went out."),
        state.HELD: _("It waits: what it is for is paused."),
        state.DEAD: _("It was tried too often and waits for a person."),
    }
    lines = [
        Line(_("Channel"), plain_words.channel(intent.channel)),
        Line(_("State"), state_words.of(intent.state), TONES.get(intent.state, "neutral")),
        Line(_("Attempts"), str(intent.attempt)),
    ]
    if intent.message_id:
        lines.append(Line(_("Message"), intent.message_id))
    if intent.provider_id:
        lines.append(Line(_("The mail server's own number"), intent.provider_id))
    kept = MailboxItem.objects.filter(intent_id=intent.pk).order_by("received_at").first()
    if kept is not None:
        lines.append(Line(_("Taken by the local mailbox"), local_datetime(kept.received_at), "good"))
    return Step(
        9, name, sentences[state(intent.state)], at=intent.settled_at, lines=lines, tone=TONES.get(intent.state, "neutral"),
        happened=intent.state in (state.SENT, state.UNKNOWN),
    )  # fmt: skip


def heard(campaign: Campaign, assignment: Assignment | None, person: Person) -> Step:
    """10. What came back, whether the person came, and what is credited."""
    name = _("What came of it")
    events = Event.objects.filter(person=person, campaign_id=campaign.pk, kind__in=HEARD).order_by("at", "id")
    scanned = touches.by_machines(list(events))
    told = [(touches.SCANNED if event.pk in scanned else event.kind, event.at) for event in events]
    lines = [Line(event_words.of(kind), local_datetime(at)) for kind, at in told]
    visits = (
        list(Conversion.objects.filter(campaign=campaign, assignment=assignment).order_by("at")) if assignment else []
    )
    for visit in visits:
        counts = _("meets the objective") if visit.meets_objective else _("another kind of visit")
        lines.append(
            Line(
                _("Came on %(day)s") % {"day": local_date(visit.at)},
                f"{counts}, {format_cents(visit.margin_cents)}",
                "good",
            )
        )
    if assignment is None or assignment.arm == Assignment.Arm.NOT_PERMITTED:
        return Step(10, name, _("Counts in neither group, so no visit is credited."), lines=lines, happened=False)
    if visits:
        sentence = ngettext("Came %(n)s time in the window.", "Came %(n)s times in the window.", len(visits)) % {
            "n": len(visits)
        }
    elif campaign.launched_at is None:
        sentence = _("The campaign has not been launched.")
    else:
        until = local_date(window(campaign).closes)
        sentence = _("No visit counted so far; the window closes on %(day)s.") % {"day": until}
    credit = (
        _("Counts for the control group: what this person brings is taken off the result.")
        if assignment.arm == Assignment.Arm.HOLDOUT
        else _(
            "Counts for the contact group, message or not. Credit is the difference of the groups, never one person's visit."
        )
    )
    return Step(10, name, sentence, lines=[*lines, Line(_("Credit"), credit)], tone="good" if visits else "neutral")


def _no_message(assignment: Assignment | None) -> str:
    if assignment is None:
        return _("No message was ever due to this person.")
    if assignment.arm == Assignment.Arm.HOLDOUT:
        return _("Allowed at launch, but in the control group: no message was due.")
    return _("Stopped at launch by the check “%(gate)s”: %(reason)s") % {
        "gate": plain_words.gate(assignment.gate),
        "reason": assignment.reason,
    }
