"""The verbs of a campaign: draft, save, launch, stop, clone."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from rapport.campaigns import audience, plan, purpose, randomise, timeline
from rapport.campaigns.models import Assignment, Campaign
from rapport.kit import ids
from rapport.messaging import intents, message
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

By = User | System
PLANNED = (
    "name", "purpose", "remunerated", "topic", "brief", "channel", "service_line", "segment", "version", "holdout_percent", "send_at",
    "window_days", "fixed_cost_cents", "message_cost_cents",
)  # fmt: skip


class NotADraft(ValueError):
    """Only a draft can be changed or launched."""


class Incomplete(ValueError):
    """Something that every campaign must say is missing; `remarks` says what."""

    def __init__(self, remarks: list[plan.Remark]) -> None:
        super().__init__(" ".join(remark.text for remark in remarks))
        self.remarks = remarks


class NotScheduled(ValueError):
    """Only a scheduled campaign can be taken back to the drafts."""


class NotRunning(ValueError):
    """Only a launched campaign can be stopped."""


@transaction.atomic
def draft(*, by: By, name: str, now: datetime, planned: Mapping[str, Any] | None = None) -> Campaign:
    """A new draft with its own salt, drawn before anybody knows its audience."""
    campaign = Campaign(
        name=name,
        slug=_free_slug(name),
        salt=secrets.token_hex(16),
        created_by=_user(by),
        created_at=now,
        trace=ids.trace(),
    )
    _put(campaign, planned or {}, now)
    campaign.save()
    audit.record(by=by, verb="campaigns.draft", now=now, thing=_thing(campaign), trace=campaign.trace)
    return campaign


@transaction.atomic
def save(*, by: By, campaign: Campaign, planned: Mapping[str, Any], now: datetime) -> Campaign:
    """Change the plan of a draft. The HIPAA class and its clause are kept in the audit line (H-01). Raises `NotADraft`."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state != Campaign.State.DRAFT:
        raise NotADraft("This campaign has been launched; clone it to change the plan.")
    changed = _put(campaign, planned, now)
    if not changed:
        return campaign
    campaign.save()
    audit.record(
        by=by,
        verb="campaigns.save",
        now=now,
        thing=_thing(campaign),
        details={"changed": changed, **_class(campaign, now)},
        trace=campaign.trace,
    )
    return campaign


@transaction.atomic
def launch(*, by: By, campaign: Campaign, now: datetime) -> Campaign:
    """Freeze the audience, randomise it, and declare one intent for each person of the contact arm. Twice is once.

    1. The state moves from draft to launched in one guarded update: of two launches one goes on, the other finds it done.
    2. The definition of the segment is frozen on the campaign, and the segment is asked.
    3. The policy gives a verdict on each person; "not yet" counts as permitted.
    4. The permitted are ranked by salted hash; exactly round(n * percent / 100) are held out.
    5. Assignments by COPY; intents for the contact arm, due at `send_at` (now when that is empty or past).

    Raises `Incomplete` with what is missing, `NotADraft` when it was stopped before.
    """
    mine = Campaign.objects.filter(pk=campaign.pk, state__in=[Campaign.State.DRAFT, Campaign.State.SCHEDULED]).update(
        state=Campaign.State.LAUNCHED, launched_at=now
    )
    campaign = Campaign.objects.select_related("segment", "version__piece", "service_line").get(pk=campaign.pk)
    if not mine:
        if campaign.state == Campaign.State.LAUNCHED:
            return campaign
        raise NotADraft("Only a draft can be launched.")
    lacking = plan.missing(campaign, now=now)
    if lacking:
        raise Incomplete(lacking)
    assert campaign.segment is not None
    campaign.definition = campaign.segment.definition
    campaign.send_at = max(campaign.send_at or now, now)
    found = audience.of(campaign, definition=campaign.definition, now=now)
    held = randomise.held_out(found.permitted, campaign.holdout_percent, campaign.salt)
    contact = [person for person in found.permitted if person not in held]
    campaign.save(update_fields=["definition", "send_at"])
    _assign(campaign, contact=contact, held=held, refused=found.refused, now=now)
    _declare(campaign, contact, now)
    timeline.held_out(campaign=campaign, person_ids=held, now=now)
    audit.record(
        by=by,
        verb="campaigns.launch",
        now=now,
        thing=_thing(campaign),
        details={
            "in_segment": found.people,
            "contact": len(contact),
            "holdout": len(held),
            "not_permitted": len(found.refused),
            **_class(campaign, now),
        },
        trace=campaign.trace,
    )
    return campaign


@transaction.atomic
def schedule(*, by: By, campaign: Campaign, now: datetime) -> Campaign:
    """Launch it by itself at its time: the audience is asked and drawn then, not now. Raises `Incomplete`, `NotADraft`."""
    campaign = (
        Campaign.objects.select_for_update(of=("self",)).select_related("segment", "version__piece").get(pk=campaign.pk)
    )
    if campaign.state != Campaign.State.DRAFT:
        raise NotADraft("Only a draft can be scheduled.")
    lacking = plan.missing(campaign, now=now)
    if campaign.send_at is None or campaign.send_at <= now:
        lacking.append(plan.Remark("when", "Choose a time that is still to come."))
    if lacking:
        raise Incomplete(lacking)
    campaign.state = Campaign.State.SCHEDULED
    campaign.save(update_fields=["state"])
    audit.record(by=by, verb="campaigns.schedule", now=now, thing=_thing(campaign), trace=campaign.trace)
    return campaign


@transaction.atomic
def unschedule(*, by: By, campaign: Campaign, now: datetime, reason: str = "") -> Campaign:
    """Back to a draft, before anything was drawn. Raises `NotScheduled`."""
    mine = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SCHEDULED).update(state=Campaign.State.DRAFT)
    if not mine:
        raise NotScheduled("This campaign is not waiting for its time.")
    campaign = Campaign.objects.get(pk=campaign.pk)
    audit.record(
        by=by, verb="campaigns.unschedule", now=now, thing=_thing(campaign), reason=reason, trace=campaign.trace
    )
    return campaign


def launch_due(*, by: By, now: datetime) -> list[Campaign]:
    """Launch what is scheduled and due, each in its own transaction. One that lacks something goes back to its drafts."""
    launched = []
    for campaign in Campaign.objects.filter(state=Campaign.State.SCHEDULED, send_at__lte=now).order_by("send_at", "id"):
        try:
            launched.append(launch(by=by, campaign=campaign, now=now))
        except Incomplete as lacking:
            unschedule(by=by, campaign=campaign, now=now, reason=str(lacking)[:300])
    return launched


@transaction.atomic
def stop(*, by: By, campaign: Campaign, now: datetime, reason: str = "") -> Campaign:
    """Whatever has not left yet never will. What was sent, was sent. Raises `NotRunning`; twice is once."""
    mine = Campaign.objects.filter(pk=campaign.pk, state__in=[Campaign.State.LAUNCHED, Campaign.State.PAUSED]).update(
        state=Campaign.State.STOPPED, stopped_at=now
    )
    campaign = Campaign.objects.get(pk=campaign.pk)
    if not mine:
        if campaign.state == Campaign.State.STOPPED:
            return campaign
        raise NotRunning("This campaign has not been launched.")
    withheld = intents.stop(cause="campaign", cause_id=campaign.pk, now=now)
    audit.record(
        by=by,
        verb="campaigns.stop",
        now=now,
        thing=_thing(campaign),
        details={"not_sent": withheld},
        reason=reason,
        trace=campaign.trace,
    )
    return campaign


@transaction.atomic
def clone(*, by: By, campaign: Campaign, now: datetime) -> Campaign:
    """A new draft with the same plan, without a time and with a salt of its own."""
    planned = {field: getattr(campaign, field) for field in PLANNED if field not in {"name", "send_at"}}
    name = f"{campaign.name} (copy)"[:120]
    copy = Campaign(
        name=name,
        slug=_free_slug(name),
        salt=secrets.token_hex(16),
        created_by=_user(by),
        created_at=now,
        trace=ids.trace(),
    )
    _put(copy, planned, now)
    copy.save()
    audit.record(
        by=by, verb="campaigns.clone", now=now, thing=_thing(copy), details={"of": campaign.slug}, trace=copy.trace
    )
    return copy


def _assign(
    campaign: Campaign, *, contact: list[int], held: frozenset[int], refused: list[audience.Refusal], now: datetime
) -> None:
    """One row for each person of the frozen audience, by COPY: 100,000 people in about a second."""
    rows = [(person, Assignment.Arm.CONTACT.value, "", "") for person in contact]
    rows += [(person, Assignment.Arm.HOLDOUT.value, "", "") for person in sorted(held)]
    rows += [(no.person_id, Assignment.Arm.NOT_PERMITTED.value, no.gate[:30], no.reason[:300]) for no in refused]
    columns = "campaign_id, person_id, arm, gate, reason, assigned_at"
    with connection.cursor() as cursor, cursor.copy(f"COPY campaigns_assignment ({columns}) FROM STDIN") as out:
        for person, arm, gate, reason in rows:
            out.write_row((campaign.pk, person, arm, gate, reason, now))


def _declare(campaign: Campaign, contact: list[int], now: datetime) -> None:
    assert campaign.version_id is not None
    assert campaign.send_at is not None
    said = audience.said_of(campaign)
    told = message.brief(cause="campaign", cause_id=campaign.pk, said=said, now=now) if said else None
    rows = [
        intents.NewIntent(
            cause="campaign",
            cause_id=campaign.pk,
            person_id=person,
            channel=campaign.channel,
            purpose=campaign.purpose,
            topic=campaign.topic,
            remunerated=bool(campaign.remunerated),
            version_id=campaign.version_id,
            brief_id=told.pk if told else None,
            due_at=campaign.send_at,
            trace=ids.trace(),
        )
        for person in contact
    ]
    intents.declare(rows=rows, now=now)


def _put(campaign: Campaign, planned: Mapping[str, Any], now: datetime) -> list[str]:
    """Set the planned fields; the topic follows the purpose unless it was chosen. Returns the names of what changed."""
    changed = []
    for field, value in planned.items():
        if field not in PLANNED:
            raise ValueError(f"{field} is not part of the plan")
        if field == "brief":  # what was not asked stands as it did; an empty answer takes it back
            value = {name: told for name, told in {**campaign.brief, **value}.items() if told not in ("", None)}
            message.check(value)
        if getattr(campaign, field) != value:
            setattr(campaign, field, value)
            changed.append(field)
    if campaign.purpose and ("purpose" in changed or not campaign.topic) and "topic" not in planned:
        campaign.topic = purpose.classify(campaign.purpose, False, on=now.date()).topic
    return changed


def _class(campaign: Campaign, now: datetime) -> dict[str, object]:
    if not campaign.purpose or campaign.remunerated is None:
        return {}
    found = purpose.classify(campaign.purpose, campaign.remunerated, on=now.date())
    return {"purpose": found.purpose, "is_hipaa_marketing": found.is_marketing, "clause": found.clause}


def _free_slug(name: str) -> str:
    base = slugify(name)[:40] or "campaign"
    taken = {"new"} | set(Campaign.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _thing(campaign: Campaign) -> str:
    return f"campaign:{campaign.slug}"


def _user(by: By) -> User | None:
    return by if isinstance(by, User) else None
