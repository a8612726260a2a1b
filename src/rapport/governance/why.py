"""Why did, or didn't, this person get this? One sentence that names the point where it stopped, and the checks under it.

- What stands comes first: the message with its receipts, else the assignment made at launch.
- When nothing stands, what would happen now is said, from the record and the policy of this moment.

Nothing here decides anything that holds; the policy is asked and answers as it would at sending.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from rapport.campaigns import audience
from rapport.campaigns.models import Assignment, Campaign
from rapport.consent import plain_words, policy
from rapport.governance import checks, evidence
from rapport.governance.checks import Check
from rapport.governance.evidence import Why
from rapport.governance.trace import NoSuchTrip
from rapport.messaging import facts, message
from rapport.messaging.models import Intent, Receipt
from rapport.people.models import Person
from rapport.segments import language
from rapport.trust import audit
from rapport.trust.actors import Actor
from rapport.ui.formats import local_date, local_datetime

# Asked by topic alone, a message is taken for one of the purpose that usually speaks about it.
STANDS_FOR = {
    "care": "P1",
    "health_services": "P2",
    "newsletter": "P13",
    "survey": "P11",
    "billing": "P12",
    "fundraising": "P10",
}


@dataclass(frozen=True)
class Wish:
    """A message that somebody might get: by which way, for which purpose, about what."""

    channel: str
    purpose: str
    topic: str
    remunerated: bool = False


@dataclass(frozen=True)
class Answer:
    """Where it stopped (`stage`), in a sentence, with what it rests on. `stands`: it was decided; else it is what would happen now.

    `checks_at` is the moment the checks are of; for somebody held back at launch, where only the gate was kept, that is now.
    """

    person_id: int
    stage: str
    sentence: str
    stands: bool
    wish: Wish
    campaign: Campaign | None = None
    at: datetime | None = None
    checks: list[Check] = field(default_factory=list)
    checks_at: datetime | None = None
    criteria: list[Why] = field(default_factory=list)
    intent_id: int | None = None
    assignment_id: int | None = None
    receipt_id: int | None = None


@transaction.atomic
def of_campaign(*, by: Actor, person_id: int, campaign: Campaign, now: datetime) -> Answer:
    """One person and one campaign. Raises `NoSuchTrip` when the person is not in sight."""
    person = _person(person_id)
    records = Person.objects.filter(Q(pk=person.pk) | Q(merged_into=person)).values("pk")
    intent = (
        Intent.objects.filter(cause="campaign", cause_id=campaign.pk, person_id__in=records).order_by("-id").first()
    )
    assignment = Assignment.objects.filter(campaign=campaign, person_id__in=records).order_by("id").first()
    if intent is not None:
        found = _of_message(person, intent, campaign, now)
    elif assignment is not None:
        found = _of_assignment(person, assignment, campaign, now)
    else:
        found = _of_nothing(person, campaign, now)
    audit.record(by=by, verb="trust.why", now=now, person=person.pk, thing=f"campaign:{campaign.slug}")
    return found


@transaction.atomic
def of_wish(*, by: Actor, person_id: int, wish: Wish, now: datetime) -> Answer:
    """One person and one kind of message: what would happen if it were due now. Raises `NoSuchTrip`."""
    person = _person(person_id)
    audit.record(
        by=by, verb="trust.why", now=now, person=person.pk, thing=f"{wish.channel}.{wish.topic}.{wish.purpose}"
    )
    return _now(person, wish, now)


def _of_message(person: Person, intent: Intent, campaign: Campaign | None, now: datetime) -> Answer:
    """A message was due: its state, and the last decision about it."""
    receipt = Receipt.objects.filter(intent_id=intent.pk).order_by("-at", "-id").first()
    decided = (
        Receipt.objects.filter(intent_id=intent.pk).exclude(rules_version="").order_by("-at", "-id").first()
        if receipt is not None
        else None
    )
    wish = Wish(intent.channel, intent.purpose, intent.topic, intent.remunerated)
    shown = checks.of_receipt(decided) if decided is not None else _checks_now(intent, now)
    return Answer(
        person_id=person.pk,
        stage="waiting" if intent.state == "queued" and receipt is not None else str(intent.state),
        sentence=_message_sentence(intent, receipt),
        stands=True,
        wish=wish,
        campaign=campaign,
        at=intent.settled_at or (receipt.at if receipt else intent.created_at),
        checks=shown,
        checks_at=decided.at if decided is not None else now,
        intent_id=intent.pk,
        receipt_id=decided.pk if decided is not None else None,
    )


def _checks_now(intent: Intent, now: datetime) -> list[Check]:
    return checks.of_verdict(policy.decide(facts.gather([intent], now)[0]))


def _message_sentence(intent: Intent, receipt: Receipt | None) -> str:
    reason = receipt.reason if receipt is not None else ""
    told = {
        "when": local_datetime(intent.settled_at or intent.due_at),
        "reason": reason,
        "gate": plain_words.gate(receipt.gate if receipt is not None else ""),
        "until": local_datetime(receipt.try_again_at or intent.due_at) if receipt is not None else "",
    }
    sentences = {
        "sent": _("Sent on %(when)s: every check passed."),
        "suppressed": _("Stopped at sending by the check “%(gate)s”: %(reason)s"),
        "failed": _("It could not be sent: %(reason)s"),
        "unknown": _("It may have gone out; nobody knows yet, and it is not sent again without proof."),
        "stopped": _("Staff stopped it before it went out."),
        "claimed": _("It is being sent right now."),
        "held": _("It waits: what it is for is paused."),
        "dead": _("It was tried too often and waits for a person: %(reason)s"),
        "queued": _("Still waiting until %(until)s: %(reason)s")
        if receipt is not None
        else _("Not sent yet: it is due on %(when)s."),
    }
    return sentences[intent.state] % told


def _of_assignment(person: Person, assignment: Assignment, campaign: Campaign, now: datetime) -> Answer:
    """In the frozen audience, without a message."""
    day = local_date(assignment.assigned_at)
    would = _now(person, _wish(campaign), now, audience.message_of(campaign, now))
    if assignment.arm == Assignment.Arm.HOLDOUT:
        stage = "held_out"
        sentence = _("Held out by lot on %(day)s: the control group gets nothing.") % {"day": day}
    elif assignment.arm == Assignment.Arm.NOT_PERMITTED:
        stage = "not_permitted"
        sentence = _("Not permitted at launch on %(day)s by the check “%(gate)s”: %(reason)s") % {
            "day": day,
            "gate": plain_words.gate(assignment.gate),
            "reason": assignment.reason,
        }
    else:
        stage, sentence = (
            "no_message",
            _("Drawn into the contact group, but no message stands: it was never put in line."),
        )
    return Answer(
        person.pk, stage, sentence, True, _wish(campaign), campaign, assignment.assigned_at,
        checks=would.checks, checks_at=now, assignment_id=assignment.pk,
    )  # fmt: skip


def _of_nothing(person: Person, campaign: Campaign, now: datetime) -> Answer:
    """Nothing stands: not in the audience, or not launched."""
    launched = campaign.launched_at
    definition = campaign.definition or (campaign.segment.definition if campaign.segment else None)
    if definition is None or not campaign.purpose:
        words = _("The campaign is a draft without a segment or a purpose; nothing can be said yet.")
        return Answer(person.pk, "unplanned", words, False, _wish(campaign), campaign)
    would = _now(person, _wish(campaign), now, audience.message_of(campaign, now))
    criteria = _criteria(person, definition, launched or now)
    nothing = Answer(
        person.pk, "not_in_segment", "", launched is not None, _wish(campaign), campaign, launched,
        checks=would.checks, checks_at=now, criteria=criteria,
    )  # fmt: skip
    missing = _missing(criteria)
    if person.deceased_at is not None:
        return replace(nothing, sentence=_("Not meant: this person has died."), stands=False)
    if missing is not None:
        first = _("Not in the segment when it was launched") if launched else _("Would not be in the segment now")
        what = missing.text.rstrip(".") + (f" ({missing.evidence})" if missing.evidence else "")
        return replace(nothing, sentence=_("%(first)s. What does not hold: %(what)s.") % {"first": first, "what": what})
    if launched is not None:
        words = _(
            "Not in the audience frozen on %(day)s, though by today's record the person fits: it came to us later."
        )
        return replace(nothing, sentence=words % {"day": local_date(launched)})
    sentence = _("The campaign has not been launched. %(would)s") % {"would": would.sentence}
    return replace(nothing, stage=would.stage, sentence=sentence)


def _now(person: Person, wish: Wish, now: datetime, said: policy.Message | None = None) -> Answer:
    """What the policy would say at this moment; `said` where more is known of the message than its kind."""
    said = said or message.planned(
        channel=wish.channel, purpose=wish.purpose, topic=wish.topic, remunerated=wish.remunerated, now=now
    )
    (gathered,) = facts.gather_message([person.pk], said, now)
    verdict = policy.decide(gathered)
    if verdict.allowed:
        stage, sentence = "would_go", _("If it were due now, it would go: every check passes.")
    elif verdict.only_waits:
        until = local_datetime(verdict.try_again_at) if verdict.try_again_at else ""
        stage = "would_wait"
        sentence = _("If it were due now, it would wait until %(until)s: %(reason)s") % {
            "until": until,
            "reason": verdict.reason,
        }
    else:
        stage = "would_not"
        sentence = _("If it were due now, the check “%(gate)s” would stop it: %(reason)s") % {
            "gate": plain_words.gate(verdict.gate),
            "reason": verdict.reason,
        }
    return Answer(person.pk, stage, sentence, False, wish, checks=checks.of_verdict(verdict), checks_at=now)


def _wish(campaign: Campaign) -> Wish:
    return Wish(campaign.channel, campaign.purpose, campaign.topic, bool(campaign.remunerated))


def _person(person_id: int) -> Person:
    """The record that is kept, where two became one."""
    person = Person.objects.filter(pk=person_id).first()
    while person is not None and person.merged_into_id is not None:
        person = Person.objects.filter(pk=person.merged_into_id).first()
    if person is None:
        raise NoSuchTrip(f"person {person_id}")
    return person


def _criteria(person: Person, definition: dict[str, object], at: datetime) -> list[Why]:
    try:
        return evidence.why(person, definition, at)
    except language.Misformed as broken:
        return [Why(_("The definition can't be read: %(why)s") % {"why": broken}, False, "", 0)]


def _missing(criteria: list[Why]) -> Why | None:
    """The first part of the definition that does not hold; None when the whole does."""
    if not criteria or criteria[0].holds:
        return None
    return next((one for one in criteria if one.depth == 1 and not one.holds), criteria[0])
