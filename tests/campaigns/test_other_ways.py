"""Whom the campaign's own channel can't reach gets the same message another way, if one is named and worded."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from rapport.campaigns import actions, plan, ways, ways_form
from rapport.campaigns.forms import What
from rapport.campaigns.models import Assignment, Campaign
from rapport.consent import ledger
from rapport.content.models import Piece, Version
from rapport.messaging import send, switching
from rapport.messaging.models import Intent, Receipt
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
    worded_by_letter_too(campaign, now)
    letter = Version.objects.get(piece__slug="knee-letter")
    form = What({"purpose": "P2", "remunerated": "false", "version": letter.pk, "then_by": "email"})
    assert form.is_valid(), form.errors
    campaign = actions.save(by=ana, campaign=campaign, planned=form.planned(), now=now)
    assert (campaign.channel, campaign.others) == ("print", ["email"])
    assert What.of(campaign).initial["then_by"] == "email"


@pytest.fixture
def four_ways(world: World, ana: User, now: datetime) -> Campaign:
    """A campaign by e-mail whose words are there for a letter, a call and the inbox too."""
    world(2)
    campaign = clinic.campaign(ana, now)
    worded_by_letter_too(campaign, now)
    for channel in ("call", "portal"):
        paper_stage.wording(now, channel=channel, slug=f"knee-{channel}", topic="health_services", family="knee")
    return Campaign.objects.select_related("version__piece", "segment").get(pk=campaign.pk)


def typed(campaign: Campaign, *chosen: str, **more: Any) -> What:
    names = dict(zip(ways_form.NAMES, chosen, strict=False))
    return What({"purpose": "P2", "remunerated": "false", "version": campaign.version_id, **names, **more})


def test_up_to_three_ways_are_kept_in_their_order(four_ways: Campaign, ana: User, now: datetime) -> None:
    form = typed(four_ways, "portal", "call", "print")
    assert form.is_valid(), form.errors
    campaign = actions.save(by=ana, campaign=four_ways, planned=form.planned(), now=now)
    assert campaign.others == ["portal", "call", "print"]
    shown = What.of(Campaign.objects.select_related("version__piece").get(pk=campaign.pk))
    assert [shown.initial[name] for name in ways_form.NAMES] == ["portal", "call", "print"]
    gap = typed(four_ways, "call", "", "print")
    assert gap.is_valid()
    assert gap.planned()["others"] == ["call"], "after “nothing more” comes nothing more"


def test_only_ways_with_words_are_offered_and_each_once(four_ways: Campaign, ana: User, now: datetime) -> None:
    form = What.of(four_ways)
    offered = [[key for key, _label in form.fields[name].choices] for name in ways_form.NAMES]  # type: ignore[attr-defined]
    assert offered == [["", "portal", "call", "print"]] * 3
    twice = typed(four_ways, "call", "call")
    assert not twice.is_valid()
    assert "then_by_2" in twice.errors
    assert "others" not in twice.planned(), "what stood stays"
    unworded = typed(four_ways, "sms", "call")
    assert unworded.is_valid(), unworded.errors
    assert unworded.planned()["others"] == ["call"], "there are no words for a text"


def test_a_wording_without_a_family_offers_no_other_way(world: World, ana: User, now: datetime) -> None:
    world(1)
    form = What.of(clinic.campaign(ana, now))
    assert not set(ways_form.NAMES) & set(form.fields)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (["email"], ""),
        (["email", "sms", "call"], "By e-mail; if it can’t go or comes back, by text; if it can’t go or comes back, by a call."),
        (
            ["portal", "call", "print"],
            "Into the inbox; if it can’t go or is not opened within 3 days, by a call; if nobody can be reached, by letter.",
        ),
        (["print", "email"], "By letter; if it can’t go, by e-mail."),
    ],
)  # fmt: skip
def test_the_plan_says_in_which_order_it_goes(chosen: list[str], sentence: str) -> None:
    assert ways.sentence(Campaign(channel=chosen[0], others=chosen[1:])) == sentence


def test_the_pages_say_it_and_offer_the_ways_of_another_wording_anew(
    client: Client, four_ways: Campaign, ana: User, now: datetime
) -> None:
    client.force_login(ana)
    here = f"/campaigns/{four_ways.slug}/"
    html = client.get(here + "?step=what").content.decode()
    assert html.count('name="then_by') == 3
    said = {"step": "what", "purpose": "P2", "remunerated": "false", "version": four_ways.version_id, "then_by": "call"}
    same = client.post(here + "save/", {**said, "ways_of": four_ways.version_id}, headers={"HX-Request": "true"})
    assert "hx-swap-oob" not in same.content.decode(), "what one is typing in stays where it is"
    assert "By e-mail; if it can’t go or comes back, by a call." in same.content.decode()
    other = Version.objects.get(piece__slug="knee-call").pk
    anew = client.post(
        here + "save/", {**said, "version": other, "ways_of": four_ways.version_id}, headers={"HX-Request": "true"}
    ).content.decode()
    assert 'id="ways"' in anew
    assert "hx-swap-oob" in anew
    assert '<option value="email">' in anew
    assert '<option value="call"' not in anew
    four_ways.refresh_from_db()
    assert (four_ways.channel, four_ways.others) == ("call", [])


def test_a_message_tries_three_ways_one_after_the_other(
    four_ways: Campaign, ana: User, now: datetime, settings: Any
) -> None:
    """No mail by her own word, nobody opens the inbox, nobody takes the call: a letter."""
    (one, _other) = Person.objects.order_by("pk")
    ledger.withdraw(by=SYSTEM, person_id=one.pk, channel="email", topic="health_services", via="desk", now=now)
    for channel in ("portal", "call"):
        paper_stage.says_yes(one, channel, now, topic="health_services")
    campaign = actions.save(
        by=ana,
        campaign=four_ways,
        planned={"others": ["portal", "call", "print"], "holdout_percent": Decimal(0)},
        now=now,
    )
    campaign = actions.launch(by=ana, campaign=campaign, now=now)
    went = []
    with stage.mailbox(settings):
        for days in (0, 0, 4, 4, 12, 12):
            later = now + timedelta(days=days)
            send.send_due(owner="t", now=later, limit=100)
            switching.turn(now=later)
            went.append(Intent.objects.get(cause_id=campaign.pk, person=one).channel)
    assert list(dict.fromkeys(went)) == ["portal", "call", "print"], list(
        Receipt.objects.values_list("outcome", "reason")
    )
