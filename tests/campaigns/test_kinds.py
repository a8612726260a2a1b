"""Campaigns that come again: each run with its own audience and lots, and nobody twice where once is the promise."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rapport.campaigns import actions, due
from rapport.campaigns.models import Assignment, AudienceLine, Campaign, Run
from rapport.content import actions as content
from rapport.messaging.models import Intent
from rapport.people.models import Person
from rapport.segments import language, sync
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, User
from tests.campaigns import clinic

World = Callable[..., list[Person]]
NOBODY_HELD = Decimal(0)


def again(ana: User, now: datetime, **changes: object) -> Campaign:
    plan = {"kind": "repeats", "rule": "FREQ=WEEKLY", "send_at": now, "holdout_percent": NOBODY_HELD}
    return actions.launch(by=ana, campaign=clinic.campaign(ana, now, **{**plan, **changes}), now=now)


def said(campaign: Campaign) -> list[tuple[int, str]]:
    return list(Intent.objects.filter(cause_id=campaign.pk).order_by("id").values_list("person_id", "occurrence"))


def test_each_week_is_a_run_of_its_own_with_the_people_of_that_week(world: World, ana: User, now: datetime) -> None:
    world(4)
    campaign = again(ana, now, holdout_percent=Decimal(50))
    assert campaign.next_at == now
    assert due.launch_due(by=SYSTEM, now=now) == [campaign]
    assert due.launch_due(by=SYSTEM, now=now) == []
    world(2)
    later = now + timedelta(days=7, hours=1)
    sync.refresh(now=later)
    assert due.launch_due(by=SYSTEM, now=later) == [campaign]
    one, two = campaign.runs.order_by("due_at")
    assert [(run.permitted, run.held_out) for run in (one, two)] == [(4, 2), (6, 3)]
    assert one.salt != two.salt
    assert Intent.objects.filter(cause_id=campaign.pk).count() == 5
    assert {occurrence for _, occurrence in said(campaign)} == {one.occurrence, two.occurrence}
    assert AuditEntry.objects.filter(verb="campaigns.run").count() == 2


def test_a_worker_that_slept_makes_up_for_the_latest_run_alone(world: World, ana: User, now: datetime) -> None:
    world(1)
    campaign = again(ana, now)
    late = now + timedelta(days=22)
    due.launch_due(by=SYSTEM, now=late)
    assert [run.due_at for run in campaign.runs.all()] == [now + timedelta(days=21, hours=-1)], "ten in the morning"
    campaign.refresh_from_db()
    assert campaign.next_at is not None
    assert campaign.next_at > late


def test_a_rule_that_has_ended_is_not_due_again(world: World, ana: User, now: datetime) -> None:
    world(1)
    campaign = again(ana, now, rule="FREQ=DAILY;COUNT=1")
    due.launch_due(by=SYSTEM, now=now)
    campaign.refresh_from_db()
    assert campaign.next_at is None
    assert due.launch_due(by=SYSTEM, now=now + timedelta(days=5)) == []


def test_what_repeats_is_paused_with_the_reason_when_its_words_are_taken_back(
    world: World, ana: User, now: datetime
) -> None:
    world(1)
    campaign = again(ana, now)
    assert campaign.version is not None
    campaign.version.__class__.objects.filter(pk=campaign.version_id).update(state="retired")
    assert due.launch_due(by=SYSTEM, now=now) == []
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert AuditEntry.objects.filter(verb="campaigns.pause", reason__contains="not approved").exists()


def test_a_birthday_is_greeted_once_a_year_and_newcomers_of_the_month_too(
    world: World, ana: User, now: datetime
) -> None:
    march, june = world(2)
    Person.objects.filter(pk=march.pk).update(birth_month=date(1970, now.month, 1))
    Person.objects.filter(pk=june.pk).update(birth_month=date(1970, now.month % 12 + 1, 1))
    sync.refresh(now=now)
    campaign = again(ana, now, kind="dated", occasion="birthday", rule="")
    due.launch_due(by=SYSTEM, now=now)
    assert said(campaign) == [(march.pk, str(now.year))]
    (new,) = world(1)
    Person.objects.filter(pk=new.pk).update(birth_month=date(1980, now.month, 1))
    tomorrow = now + timedelta(days=1)
    sync.refresh(now=tomorrow)
    due.launch_due(by=SYSTEM, now=tomorrow)
    assert said(campaign) == [(march.pk, str(now.year)), (new.pk, str(now.year))]
    due.launch_due(by=SYSTEM, now=now + timedelta(days=2))
    assert len(said(campaign)) == 2
    assert campaign.runs.count() == 3


def test_who_was_not_permitted_on_the_first_day_is_asked_about_again(world: World, ana: User, now: datetime) -> None:
    (late,) = world(1, consenting=False)
    campaign = again(ana, now, kind="dated", occasion="season", season_from="01-01", season_until="12-31", rule="")
    due.launch_due(by=SYSTEM, now=now)
    assert said(campaign) == []
    clinic.agree(late, now)
    tomorrow = now + timedelta(days=1)
    due.launch_due(by=SYSTEM, now=tomorrow)
    assert said(campaign) == [(late.pk, str(now.year))]
    assert Assignment.objects.get(campaign=campaign, person=late).arm == "contact"


def test_a_season_begins_on_its_day_and_belongs_to_the_year_in_which_it_began(
    world: World, ana: User, now: datetime
) -> None:
    (pat,) = world(1)
    winter = {"kind": "dated", "occasion": "season", "season_from": "11-01", "season_until": "02-28", "rule": ""}
    campaign = again(ana, now, **winter)
    due.launch_due(by=SYSTEM, now=now)
    assert campaign.runs.count() == 0, "March is out of season"
    for at in (datetime(2026, 11, 1, 15, tzinfo=UTC), datetime(2027, 1, 15, 15, tzinfo=UTC)):
        sync.refresh(now=at)
        due.launch_due(by=SYSTEM, now=at)
    assert said(campaign) == [(pat.pk, "2026")]


def test_the_control_group_of_single_days_is_exact_over_the_year(world: World, ana: User, now: datetime) -> None:
    world(0)
    campaign = again(
        ana, now, kind="dated", occasion="season", season_from="01-01", season_until="12-31", rule="",
        holdout_percent=Decimal(20),
    )  # fmt: skip
    for day in range(5):
        world(2)
        at = now + timedelta(days=day)
        sync.refresh(now=at)
        due.launch_due(by=SYSTEM, now=at)
    assert Assignment.objects.filter(campaign=campaign, arm="holdout").count() == 2
    assert Assignment.objects.filter(campaign=campaign, arm="contact").count() == 8


def test_a_newsletter_waits_for_a_new_issue(world: World, ana: User, now: datetime) -> None:
    (pat,) = world(1)
    piece = content.start(by=SYSTEM, name="News", topic="newsletter", language="en", now=now)
    words = {"subject": "News", "preheader": "", "mjml": clinic.MJML, "text": ""}
    first = content.publish(by=SYSTEM, piece=piece, now=now, **words)
    clinic.agree_to_news(pat, now)
    campaign = again(ana, now, kind="newsletter", purpose="P13", version=first, service_line=None, topic="newsletter")
    due.launch_due(by=SYSTEM, now=now)
    week = timedelta(days=7)
    due.launch_due(by=SYSTEM, now=now + week)
    second = content.publish(by=SYSTEM, piece=piece, now=now + week, **words)
    due.launch_due(by=SYSTEM, now=now + 2 * week)
    assert [(run.state, run.version_id) for run in campaign.runs.order_by("due_at")] == [
        ("running", first.pk),
        ("skipped", None),
        ("running", second.pk),
    ]
    versions = Intent.objects.filter(cause_id=campaign.pk).order_by("id").values_list("version_id", flat=True)
    assert list(versions) == [first.pk, second.pk]


def test_also_these_people_but_not_those_and_not_who_got_that_campaign_lately(
    world: World, ana: User, now: datetime
) -> None:
    women, men = world(2), world(2)
    Person.objects.filter(pk__in=[one.pk for one in women]).update(sex="F")
    Person.objects.filter(pk__in=[one.pk for one in men]).update(sex="M")
    spanish = women[0]
    Person.objects.filter(pk=spanish.pk).update(language="es")
    sync.refresh(now=now)
    her, his = (clinic.segment(now, language.Sex(one_of=(sex,))) for sex in "FM")
    speaks = clinic.segment(now, language.Speaks(one_of=("es",)))
    earlier = actions.launch(by=ana, campaign=clinic.campaign(ana, now, segment=his, holdout_percent=0), now=now)
    written, _ = Intent.objects.filter(cause_id=earlier.pk).order_by("id")
    Intent.objects.filter(pk=written.pk).update(state="sent", settled_at=now - timedelta(days=3))
    Intent.objects.filter(cause_id=earlier.pk).exclude(pk=written.pk).update(
        state="sent", settled_at=now - timedelta(days=30)
    )
    campaign = clinic.campaign(ana, now, segment=her, holdout_percent=NOBODY_HELD)
    actions.narrow(
        by=ana,
        campaign=campaign,
        now=now,
        lines=[
            {"kind": AudienceLine.Kind.ALSO, "segment": his},
            {"kind": AudienceLine.Kind.NOT_IN, "segment": speaks},
            {"kind": AudienceLine.Kind.NOT_AFTER, "earlier": earlier, "days": 14},
        ],
    )
    actions.launch(by=ana, campaign=campaign, now=now)
    got = {person for person, _ in said(campaign)}
    (far,) = {one.pk for one in men} - {written.person_id}
    assert got == {women[1].pk, far}
    frozen = Run.objects.get(campaign=campaign).definition
    assert frozen == Campaign.objects.get(pk=campaign.pk).definition != her.definition


def test_a_clone_has_the_lines_and_variants_and_everything_else_of_the_plan(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(
        ana, now, kind="repeats", rule="FREQ=WEEKLY", timing="spread", spread_hours=6, is_paced=True,
        response_percent=Decimal(20), budget_cents=90_000, test_percent=Decimal(30), decide_by="booked",
    )  # fmt: skip
    actions.vary(by=ana, campaign=campaign, now=now, variants=[{"percent": 50}, {"percent": 50, "later_minutes": 60}])
    actions.narrow(by=ana, campaign=campaign, now=now, lines=[{"kind": "not_in", "segment": clinic.segment(now)}])
    copy = actions.clone(by=ana, campaign=campaign, now=now)
    for field in set(actions.PLANNED) - {"name", "send_at"}:
        assert getattr(copy, field) == getattr(campaign, field), field
    assert [(one.label, one.percent, one.later_minutes) for one in copy.variants.order_by("label")] == [
        ("A", 50, 0),
        ("B", 50, 60),
    ]
    assert copy.lines.count() == campaign.lines.count() == 1


def test_the_variants_of_a_launched_campaign_can_not_be_changed(world: World, ana: User, now: datetime) -> None:
    world(1)
    campaign = again(ana, now)
    with pytest.raises(actions.NotADraft):
        actions.vary(by=ana, campaign=campaign, now=now, variants=[])
    with pytest.raises(actions.NotADraft):
        actions.narrow(by=ana, campaign=campaign, now=now, lines=[])
