"""Launching, stopping and cloning: once, exactly, and never against anybody's will."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rapport.campaigns import actions, audience, due, forecast, queries, randomise
from rapport.campaigns.models import Assignment, AudienceLine, Campaign, Lesson
from rapport.consent import ledger
from rapport.messaging.models import Intent, Receipt
from rapport.people.models import ContactPoint, Event, Person
from rapport.segments import language, sync
from rapport.segments.days import AsOf
from rapport.segments.membership import lists
from rapport.segments.membership.near import near
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, User
from tests.campaigns import clinic

World = Callable[..., list[Person]]


def arms(campaign: Campaign) -> Counter[str]:
    return Counter(Assignment.objects.filter(campaign=campaign).values_list("arm", flat=True))


def test_a_launch_freezes_the_audience_and_declares_one_intent_for_each_contacted_person(
    world: World, ana: User, now: datetime
) -> None:
    world(20)
    send_at = now + timedelta(hours=2)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, send_at=send_at), now=now)
    assert campaign.state == Campaign.State.LAUNCHED
    assert arms(campaign) == {"contact": 18, "holdout": 2}
    intents = list(Intent.objects.filter(cause="campaign", cause_id=campaign.pk))
    contacted = set(Assignment.objects.filter(campaign=campaign, arm="contact").values_list("person_id", flat=True))
    assert {intent.person_id for intent in intents} == contacted
    assert {intent.due_at for intent in intents} == {send_at}
    assert {intent.purpose for intent in intents} == {"P2"}
    assert len({intent.trace for intent in intents}) == 18
    assert campaign.definition == campaign.segment.definition


def test_who_was_taken_off_a_list_or_put_on_one_that_is_left_out_is_not_meant_before_the_warehouse_knows(
    world: World, ana: User, now: datetime
) -> None:
    people = world(6)
    sheet = "id\n" + "\n".join(str(one.pk) for one in people)
    fair = lists.take_sheet(by=ana, text=sheet, name="Fair", now=now).segment
    not_them = lists.take_sheet(by=ana, text=f"id\n{people[1].pk}", name="Not them", now=now).segment
    campaign = clinic.campaign(ana, now, segment=fair)
    AudienceLine.objects.create(campaign=campaign, kind="not_in", segment=not_them)
    sync.refresh(now=now)
    assert audience.planned(campaign, now) == [one.pk for one in people if one != people[1]]
    lists.take_off(by=ana, segment=fair, person_id=people[0].pk, now=now)
    lists.put_on(by=ana, segment=not_them, person_id=people[2].pk, now=now)
    left = [one.pk for one in people[3:]]
    assert audience.planned(campaign, now) == left
    AudienceLine.objects.create(campaign=campaign, kind="also", segment=clinic.segment(now))  # everybody
    assert audience.planned(campaign, now) == sorted([people[0].pk, *left]), "who is meant by another line too stays"


def test_who_was_held_out_has_it_on_the_timeline_so_that_a_segment_can_ask_for_it(
    world: World, ana: User, now: datetime
) -> None:
    world(20)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now), now=now)
    held = set(Assignment.objects.filter(campaign=campaign, arm="holdout").values_list("person_id", flat=True))
    told = Event.objects.filter(kind="held_out", campaign_id=campaign.pk)
    assert {one.person_id for one in told} == held
    assert len(held) == len(told) == 2
    left_out = language.Happened("held_out", campaigns=(campaign.pk,))
    assert {pk for pk in held if _holds(left_out, pk, now)} == held


def _holds(node: language.Node, person_id: int, now: datetime) -> bool:
    found = near([person_id], now=now)
    (pseudonym,) = found.profiles
    return found.holding(node, [pseudonym], AsOf.at(now)) == {pseudonym}


def test_changing_the_segment_later_does_not_change_the_frozen_definition(
    world: World, ana: User, now: datetime
) -> None:
    world(3)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now), now=now)
    frozen = campaign.definition
    campaign.segment.definition = language.to_dict(language.Sex(one_of=("M",)))
    campaign.segment.save()
    assert Campaign.objects.get(pk=campaign.pk).definition == frozen


def test_launching_twice_is_launching_once(world: World, ana: User, now: datetime) -> None:
    world(10)
    campaign = clinic.campaign(ana, now)
    actions.launch(by=ana, campaign=campaign, now=now)
    again = actions.launch(by=ana, campaign=campaign, now=now + timedelta(hours=1))
    assert again.launched_at == now
    assert sum(arms(campaign).values()) == 10
    assert Intent.objects.filter(cause_id=campaign.pk).count() == 9
    assert AuditEntry.objects.filter(verb="campaigns.launch").count() == 1


def test_who_withdrew_is_not_permitted_and_the_reason_is_kept(world: World, ana: User, now: datetime) -> None:
    people = world(4)
    quinn = people[0]
    ledger.withdraw(
        by=SYSTEM,
        person_id=quinn.pk,
        channel="email",
        topic="health_services",
        via="desk",
        now=now,
        text_version="v1",
        evidence={},
    )
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now), now=now)
    row = Assignment.objects.get(campaign=campaign, person=quinn)
    assert row.arm == "not_permitted"
    assert row.gate == "consent"
    assert row.reason
    assert not Intent.objects.filter(person=quinn).exists()


def test_quiet_hours_put_off_and_do_not_refuse(world: World, ana: User, now: datetime) -> None:
    world(5)
    night = now.replace(hour=7)  # two in the morning in Massachusetts
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, night, holdout_percent=Decimal(0)), now=night)
    assert arms(campaign) == {"contact": 5}


def test_when_nobody_is_permitted_nobody_is_drawn(world: World, ana: User, now: datetime) -> None:
    world(6, consenting=False)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now), now=now)
    assert arms(campaign) == {"not_permitted": 6}
    assert not Intent.objects.exists()


def test_an_empty_segment_launches_to_nobody(world: World, ana: User, now: datetime) -> None:
    world(2)
    nobody = clinic.segment(now, language.Any_(of=()))
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, segment=nobody), now=now)
    assert arms(campaign) == {}
    assert queries.progress(campaign).audience == 0


def test_a_plan_without_purpose_or_payer_is_not_launched_and_stays_a_draft(
    world: World, ana: User, now: datetime
) -> None:
    world(2)
    campaign = clinic.campaign(ana, now, purpose="", remunerated=None)
    with pytest.raises(actions.Incomplete) as refused:
        actions.launch(by=ana, campaign=campaign, now=now)
    assert len(refused.value.remarks) == 2
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DRAFT
    assert not Assignment.objects.exists()


def test_billing_may_not_choose_people_by_diagnosis(world: World, ana: User, now: datetime) -> None:
    world(1)
    knees = language.HasCode(codes=(language.CodeIs(system="icd10cm", code="M17", prefix=True),))
    campaign = clinic.campaign(ana, now, purpose="P12", segment=clinic.segment(now, knees))
    with pytest.raises(actions.Incomplete, match="diagnosis"):
        actions.launch(by=ana, campaign=campaign, now=now)


def test_stopping_midway_keeps_what_was_sent_and_withholds_the_rest(world: World, ana: User, now: datetime) -> None:
    world(10)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now), now=now)
    gone = Intent.objects.filter(cause_id=campaign.pk).order_by("id").first()
    assert gone is not None
    Intent.objects.filter(pk=gone.pk).update(state="sent", settled_at=now)
    stopped = actions.stop(by=ana, campaign=campaign, now=now, reason="wrong price")
    assert stopped.state == Campaign.State.STOPPED
    assert Counter(Intent.objects.values_list("state", flat=True)) == {"sent": 1, "stopped": 8}
    assert Receipt.objects.filter(outcome="stopped").count() == 8
    assert AuditEntry.objects.get(verb="campaigns.stop").details == {"not_sent": 8}
    found = queries.progress(stopped)
    assert (found.states["sent"], found.states["stopped"], found.settled) == (1, 8, 9)
    assert actions.stop(by=ana, campaign=campaign, now=now).state == Campaign.State.STOPPED


def test_a_stopped_campaign_is_never_launched_again(world: World, ana: User, now: datetime) -> None:
    world(1)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now), now=now)
    actions.stop(by=ana, campaign=campaign, now=now)
    with pytest.raises(actions.NotADraft):
        actions.launch(by=ana, campaign=campaign, now=now)


def test_the_forecast_is_the_launch_before_it_happens(world: World, ana: User, now: datetime) -> None:
    people = world(20)
    clinic.visit(people[0], now - timedelta(days=10), line_id=clinic.line().pk)
    ledger.withdraw(
        by=SYSTEM,
        person_id=people[1].pk,
        channel="email",
        topic="health_services",
        via="desk",
        now=now,
        text_version="v1",
        evidence={},
    )
    ContactPoint.objects.filter(person=people[2], kind="phone").update(no_texts_at=now)
    campaign = clinic.campaign(ana, now)
    found = forecast.forecast(campaign, now)
    assert (found.in_segment, found.permitted, found.contact, found.holdout) == (20, 19, 17, 2)
    assert [(row.gate, row.people) for row in found.held_back] == [("consent", 1)]
    assert found.base_visitors == 1
    assert found.cost_cents == round(50_000 + Decimal("1.5") * 17)
    assert found.has_address == {"email": 20, "phone": 20, "texts": 19}
    assert found.expected is None
    launched = actions.launch(by=ana, campaign=campaign, now=now)
    assert arms(launched) == {"contact": found.contact, "holdout": found.holdout, "not_permitted": 1}


def test_the_forecast_learns_from_a_campaign_of_the_same_kind_only(world: World, ana: User, now: datetime) -> None:
    world(3)
    like, unlike = clinic.campaign(ana, now), clinic.campaign(ana, now, purpose="P1")
    for one in (like, unlike):
        Lesson.objects.create(campaign=one, lift=0.05, low=0.01, high=0.09, base_rate=0.1, learnt_at=now)
    found = forecast.forecast(clinic.campaign(ana, now), now).expected
    assert found is not None
    assert found.campaigns == 1


def test_the_drawn_groups_can_be_drawn_again(world: World, ana: User, now: datetime) -> None:
    world(30)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, holdout_percent=Decimal(30)), now=now)
    rows = dict(Assignment.objects.filter(campaign=campaign).values_list("person_id", "arm"))
    held = randomise.held_out(rows, campaign.holdout_percent, campaign.salt)
    assert held == {person for person, arm in rows.items() if arm == "holdout"}
    assert len(held) == 9


def test_a_scheduled_campaign_launches_by_itself_at_its_time_with_the_people_of_that_time(
    world: World, ana: User, now: datetime
) -> None:
    world(4)
    send_at = now + timedelta(hours=3)
    campaign = actions.schedule(
        by=ana, campaign=clinic.campaign(ana, now, send_at=send_at, holdout_percent=Decimal(0)), now=now
    )
    assert due.launch_due(by=SYSTEM, now=now) == []
    world(2)
    assert due.launch_due(by=SYSTEM, now=send_at) == [campaign]
    assert arms(campaign) == {"contact": 6}
    assert due.launch_due(by=SYSTEM, now=send_at) == []


def test_what_is_scheduled_can_be_taken_back_and_what_lacks_something_goes_back(
    world: World, ana: User, now: datetime
) -> None:
    world(1)
    send_at = now + timedelta(hours=3)
    with pytest.raises(actions.Incomplete, match="still to come"):
        actions.schedule(by=ana, campaign=clinic.campaign(ana, now), now=now)
    campaign = actions.schedule(by=ana, campaign=clinic.campaign(ana, now, send_at=send_at), now=now)
    assert actions.unschedule(by=ana, campaign=campaign, now=now).state == Campaign.State.DRAFT
    with pytest.raises(actions.NotScheduled):
        actions.unschedule(by=ana, campaign=campaign, now=now)
    actions.schedule(by=ana, campaign=campaign, now=now)
    campaign.version.__class__.objects.filter(pk=campaign.version_id).update(state="retired")
    assert due.launch_due(by=SYSTEM, now=send_at) == []
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DRAFT
    assert AuditEntry.objects.filter(verb="campaigns.unschedule", reason__contains="not approved").exists()
