"""The verbs of a campaign: draft, save, vary, narrow, launch, schedule, pause, resume, stop, clone. `due` does what comes by itself."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.campaigns import draw, occasions, plan, purpose, rhythm, waves
from rapport.campaigns.models import AudienceLine, Campaign, Variant
from rapport.campaigns.remark import Remark
from rapport.kit import ids
from rapport.messaging import intents, message
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

By = User | System
PLANNED = (
    "name", "kind", "rule", "occasion", "season_from", "season_until", "objective", "purpose", "remunerated", "topic", "brief",
    "channel", "others", "service_line", "segment", "version", "holdout_percent", "test_percent", "decide_by", "decide_after_hours",
    "send_at", "timing", "spread_hours", "is_paced", "response_percent", "budget_cents", "window_days", "fixed_cost_cents",
    "message_cost_cents",
)  # fmt: skip
DAILY = "FREQ=DAILY"
A_MOMENT = timedelta(microseconds=1)


class NotADraft(ValueError):
    """Only a draft can be changed or launched."""


class Incomplete(ValueError):
    """Something that every campaign must say is missing; `remarks` says what."""

    def __init__(self, remarks: list[Remark]) -> None:
        super().__init__(" ".join(remark.text for remark in remarks))
        self.remarks = remarks


class NotScheduled(ValueError):
    """Only a scheduled campaign can be taken back to the drafts."""


class NotRunning(ValueError):
    """Only a launched campaign can be paused or stopped, and only a paused one resumed."""


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
    campaign = _draft_of(campaign)
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
def vary(*, by: By, campaign: Campaign, variants: Sequence[Mapping[str, Any]], now: datetime) -> list[Variant]:
    """These variants and no others, labelled A, B, C in this order; none for a campaign that says one thing. Raises `NotADraft`."""
    campaign = _draft_of(campaign)
    wanted = [Variant(campaign=campaign, label=chr(ord("A") + at), **told) for at, told in enumerate(variants)]
    if _as_said(campaign.variants.order_by("label")) == _as_said(wanted):
        return wanted
    campaign.variants.all().delete()
    Variant.objects.bulk_create(wanted)
    _changed(by, campaign, "campaigns.vary", {"variants": [f"{one.label} {one.percent} %" for one in wanted]}, now)
    return wanted


@transaction.atomic
def narrow(*, by: By, campaign: Campaign, lines: Sequence[Mapping[str, Any]], now: datetime) -> list[AudienceLine]:
    """Whom it means beside its segment: these lines and no others. Raises `NotADraft`."""
    campaign = _draft_of(campaign)
    wanted = [AudienceLine(campaign=campaign, **told) for told in lines]
    if _as_said(campaign.lines.order_by("id")) == _as_said(wanted):
        return wanted
    campaign.lines.all().delete()
    AudienceLine.objects.bulk_create(wanted)
    _changed(by, campaign, "campaigns.narrow", {"lines": [_said(one) for one in wanted]}, now)
    return wanted


@transaction.atomic
def launch(*, by: By, campaign: Campaign, now: datetime) -> Campaign:
    """Freeze the audience, draw the lots, and invite those who may go at once. Twice is once.

    1. The state moves from draft to launched in one guarded update: of two launches one goes on, the other finds it done.
    2. What goes out once is frozen and drawn now (`draw`); what repeats gets its first date, and is drawn on each.
    3. The first wave is invited (`waves`); who waits for a winner, for open visits or for money follows by itself.

    Raises `Incomplete` with what is missing, `NotADraft` when it was stopped before.
    """
    mine = Campaign.objects.filter(pk=campaign.pk, state__in=[Campaign.State.DRAFT, Campaign.State.SCHEDULED]).update(
        state=Campaign.State.LAUNCHED, launched_at=now
    )
    campaign = Campaign.objects.select_related("segment", "version__piece", "service_line").get(pk=campaign.pk)
    if not mine:
        if campaign.state == Campaign.State.LAUNCHED:
            return campaign
        raise NotADraft(_("Only a draft can be launched."))
    lacking = plan.missing(campaign, now=now)
    if lacking:
        raise Incomplete(lacking)
    counts: dict[str, Any] = {}
    if campaign.is_repeated:
        campaign.next_at = next_date(campaign, now - A_MOMENT)
        campaign.save(update_fields=["next_at"])
        counts["first"] = campaign.next_at.isoformat() if campaign.next_at else None
    else:
        campaign.send_at = max(campaign.send_at or now, now)
        campaign.save(update_fields=["send_at"])
        run, drawn = draw.run(campaign, occurrence="1", due_at=campaign.send_at, now=now)
        counts = {**drawn.counts(), "invited": waves.go_on(run, now)}
    details = {**counts, **_class(campaign, now)}
    audit.record(by=by, verb="campaigns.launch", now=now, thing=_thing(campaign), details=details, trace=campaign.trace)
    return campaign


def dates(campaign: Campaign, after: datetime) -> Iterator[datetime]:
    """When something that repeats is due, strictly after that instant; every day for days of each person's own."""
    assert campaign.send_at is not None
    rule = DAILY if campaign.kind == Campaign.Kind.DATED else campaign.rule
    return rhythm.occurrences(rule, start=campaign.send_at, zone=occasions.clinic_zone(), after=after)


def next_date(campaign: Campaign, after: datetime) -> datetime | None:
    """The next of these, or None when the rule has ended."""
    return next(dates(campaign, after), None)


@transaction.atomic
def schedule(*, by: By, campaign: Campaign, now: datetime) -> Campaign:
    """Launch it by itself at its time: the audience is asked and drawn then, not now. Raises `Incomplete`, `NotADraft`."""
    campaign = (
        Campaign.objects.select_for_update(of=("self",)).select_related("segment", "version__piece").get(pk=campaign.pk)
    )
    if campaign.state != Campaign.State.DRAFT:
        raise NotADraft(_("Only a draft can be scheduled."))
    lacking = plan.missing(campaign, now=now)
    if campaign.send_at is None or campaign.send_at <= now:
        lacking.append(Remark("when", _("Choose a time that is still to come.")))
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
        raise NotScheduled(_("This campaign is not waiting for its time."))
    campaign = Campaign.objects.get(pk=campaign.pk)
    audit.record(
        by=by, verb="campaigns.unschedule", now=now, thing=_thing(campaign), reason=reason, trace=campaign.trace
    )
    return campaign


@transaction.atomic
def pause(*, by: By, campaign: Campaign, now: datetime, reason: str = "") -> Campaign:
    """Nothing more goes out until it is resumed; what a worker holds this second still may. Raises `NotRunning`; twice is once."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state == Campaign.State.PAUSED:
        return campaign
    if campaign.state != Campaign.State.LAUNCHED:
        raise NotRunning(_("Only a launched campaign can be paused."))
    campaign.state = Campaign.State.PAUSED
    campaign.save(update_fields=["state"])
    held = intents.hold(cause="campaign", cause_id=campaign.pk)
    _changed(by, campaign, "campaigns.pause", {"held": held}, now, reason)
    return campaign


@transaction.atomic
def resume(*, by: By, campaign: Campaign, now: datetime) -> Campaign:
    """On again. What came due meanwhile goes out now; dates of something that repeats which passed are left out. Raises `NotRunning`."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state == Campaign.State.LAUNCHED:
        return campaign
    if campaign.state != Campaign.State.PAUSED:
        raise NotRunning(_("Only a paused campaign can be resumed."))
    campaign.state = Campaign.State.LAUNCHED
    if campaign.is_repeated:
        campaign.next_at = next_date(campaign, now - A_MOMENT)
    campaign.save(update_fields=["state", "next_at"])
    released = intents.release(cause="campaign", cause_id=campaign.pk)
    campaign.runs.exclude(waits_for="").update(look_at=now)
    _changed(by, campaign, "campaigns.resume", {"released": released}, now)
    return campaign


@transaction.atomic
def stop(*, by: By, campaign: Campaign, now: datetime, reason: str = "") -> Campaign:
    """Whatever has not left yet never will. What was sent, was sent. Raises `NotRunning`; twice is once."""
    mine = Campaign.objects.filter(pk=campaign.pk, state__in=[Campaign.State.LAUNCHED, Campaign.State.PAUSED]).update(
        state=Campaign.State.STOPPED, stopped_at=now, next_at=None
    )
    campaign = Campaign.objects.get(pk=campaign.pk)
    if not mine:
        if campaign.state == Campaign.State.STOPPED:
            return campaign
        raise NotRunning(_("This campaign has not been launched."))
    withheld = intents.stop(cause="campaign", cause_id=campaign.pk, now=now)
    campaign.runs.update(look_at=None)
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
    """A new draft with the same plan, its lines and its variants, without a time and with a salt of its own."""
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
    _copy_rows(campaign, copy)
    audit.record(
        by=by, verb="campaigns.clone", now=now, thing=_thing(copy), details={"of": campaign.slug}, trace=copy.trace
    )
    return copy


def _copy_rows(campaign: Campaign, copy: Campaign) -> None:
    lines, variants = list(campaign.lines.order_by("id")), list(campaign.variants.order_by("id"))
    for line in lines:
        line.pk, line.campaign = None, copy
    for variant in variants:
        variant.pk, variant.campaign = None, copy
    AudienceLine.objects.bulk_create(lines)
    Variant.objects.bulk_create(variants)


def _draft_of(campaign: Campaign) -> Campaign:
    """The row, held; only while it is a draft. Raises `NotADraft`."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state != Campaign.State.DRAFT:
        raise NotADraft(_("This campaign has been launched; clone it to change the plan."))
    return campaign


def _changed(by: By, campaign: Campaign, verb: str, details: dict[str, Any], now: datetime, reason: str = "") -> None:
    audit.record(
        by=by, verb=verb, now=now, thing=_thing(campaign), details=details, reason=reason, trace=campaign.trace
    )


def _as_said(rows: Iterable[Variant | AudienceLine]) -> list[list[Any]]:
    """What rows say, without their numbers: to see whether anything is new."""
    return [
        [getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key] for row in rows
    ]


def _said(line: AudienceLine) -> str:
    return f"{line.kind} {line.segment_id or line.earlier_id}" + (f" in {line.days} days" if line.days else "")


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
    taken = {"new", "calendar", "objectives", "open-visits"} | set(
        Campaign.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    )
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _thing(campaign: Campaign) -> str:
    return f"campaign:{campaign.slug}"


def _user(by: By) -> User | None:
    return by if isinstance(by, User) else None
