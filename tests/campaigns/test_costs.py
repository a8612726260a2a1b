"""What a text costs follows from its segments and the price in the settings, until somebody types another."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from rapport.campaigns import costs, waves
from rapport.campaigns.control_form import Control
from rapport.campaigns.models import Campaign
from rapport.people.models import Person
from rapport.trust.models import User
from tests.campaigns import clinic
from tests.messaging import sms_stage

World = Callable[..., list[Person]]
LONG = "{{ clinic.name }}: {{ person.given }}, " + "we have news about your next visit for you to read. " * 4


def by_text(ana: User, now: datetime, words: str = sms_stage.WORDS, **more: Any) -> Campaign:
    campaign = clinic.campaign(ana, now, **more)
    Campaign.objects.filter(pk=campaign.pk).update(version=sms_stage.wording(now, words), channel="sms")
    return Campaign.objects.select_related("version__piece", "segment").get(pk=campaign.pk)


@pytest.mark.parametrize(("words", "parts"), [(sms_stage.WORDS, 1), (LONG, 2), (LONG.replace("news", "noticías"), 4)])
def test_a_text_costs_as_much_as_its_segments(
    world: World, ana: User, now: datetime, settings: Any, words: str, parts: int
) -> None:
    settings.SMS_SEGMENT_CENTS = Decimal("0.80")
    found = costs.of_message(by_text(ana, now, words, message_cost_cents=0))
    assert found.cents == Decimal("0.8") * parts
    assert found.estimate.startswith("estimated at 0.8 ct a segment (Settings), ")


def test_links_are_counted_as_long_as_they_will_be(ana: User, now: datetime, settings: Any) -> None:
    settings.PUBLIC_URL = "https://patients.riverbend-health.example"
    words = "{{ clinic.name }}: Choose a day and a time for your next visit with us: {{ links.book }}"
    assert costs.segments(sms_stage.wording(now, words)) == 2


def test_what_somebody_typed_counts_and_other_ways_cost_nothing_by_themselves(
    world: World, ana: User, now: datetime
) -> None:
    assert costs.of_message(by_text(ana, now, message_cost_cents=3)) == costs.Cost(Decimal(3))
    assert costs.of_message(clinic.campaign(ana, now, message_cost_cents=0)) == costs.Cost(Decimal(0))


def test_the_step_says_how_it_is_reckoned_and_the_budget_keeps_to_it(world: World, ana: User, now: datetime) -> None:
    campaign = by_text(ana, now, message_cost_cents=0, fixed_cost_cents=0, budget_cents=10)
    assert "0.8 ct a segment" in str(Control.of(campaign).fields["message_cost"].help_text)
    assert waves.affordable(campaign) == 12, "ten cents pay for twelve texts at 0.8"
    campaign.channel = "email"
    assert waves.affordable(campaign) == 2**31
