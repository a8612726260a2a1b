"""Whom the campaign's own channel can't reach gets the same message another way, if one is named and worded."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from rapport.campaigns import actions, plan
from rapport.campaigns.forms import What
from rapport.campaigns.models import Assignment, Campaign
from rapport.consent import ledger
from rapport.content.models import Piece
from rapport.messaging import send, switching
from rapport.messaging.models import Intent
from rapport.people.models import Person
from rapport.trust.actors import SYSTEM
from rapport.trust.models import User
from tests.campaigns import clinic
from tests.messaging import paper_stage, stage

World = Callable[..., list[Person]]


def worded_by_letter_too(campaign: Campaign, now: datetime) -> None:
    assert campaign.version is not None
    Piece.objects.filter(pk=campaign.version.piece_id).update(family="knee")
    paper_stage.wording(now, slug="knee-letter", topic="health_services", family="knee")


def test_who_said_no_to_mail_gets_a_letter_and_nobody_gets_both(
    world: World, ana: User, now: datetime, settings: Any
) -> None:
    people = world(4)
    ledger.withdraw(by=SYSTEM, person_id=people[0].pk, channel="email", topic="health_services", via="desk", now=now)
    campaign = clinic.campaign(ana, now, holdout_percent=Decimal(0), others=["print"])
    worded_by_letter_too(campaign, now)
    campaign = actions.launch(by=ana, campaign=campaign, now=now)
    assert Assignment.objects.filter(campaign=campaign, arm="contact").count() == 4
    with stage.mailbox(settings):
        for _ in range(3):
            send.send_due(owner="t", now=now, limit=100)
            switching.turn(now=now)
    ways = dict(Intent.objects.filter(cause_id=campaign.pk).values_list("person_id", "channel"))
    assert ways == {people[0].pk: "print"} | {one.pk: "email" for one in people[1:]}
    assert set(Intent.objects.filter(cause_id=campaign.pk).values_list("state", flat=True)) == {"sent"}


def test_without_another_way_who_said_no_is_not_permitted(world: World, ana: User, now: datetime) -> None:
    people = world(3)
    ledger.withdraw(by=SYSTEM, person_id=people[0].pk, channel="email", topic="health_services", via="desk", now=now)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, holdout_percent=Decimal(0)), now=now)
    assert Assignment.objects.get(campaign=campaign, person=people[0]).arm == "not_permitted"


def test_a_way_without_words_is_said_before_the_launch(world: World, ana: User, now: datetime) -> None:
    world(1)
    campaign = clinic.campaign(ana, now, others=["print"])
    said = [one.text for one in plan.remarks(campaign, now=now) if "passed over" in one.text]
    assert len(said) == 1
    worded_by_letter_too(campaign, now)
    campaign = Campaign.objects.select_related("version__piece", "segment").get(pk=campaign.pk)
    assert not [one for one in plan.remarks(campaign, now=now) if "passed over" in one.text]


def test_the_channel_follows_the_wording_that_was_chosen(world: World, ana: User, now: datetime) -> None:
    world(1)
    campaign = clinic.campaign(ana, now)
    letter = paper_stage.wording(now, slug="letter", topic="health_services")
    form = What({"purpose": "P2", "remunerated": "false", "version": letter.pk, "then_by": "email"})
    assert form.is_valid(), form.errors
    campaign = actions.save(by=ana, campaign=campaign, planned=form.planned(), now=now)
    assert (campaign.channel, campaign.others) == ("print", ["email"])
    assert What.of(campaign).initial["then_by"] == "email"
