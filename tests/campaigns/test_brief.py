"""What a campaign says of itself beyond purpose and payer, and what comes of it."""

from datetime import date, datetime

import pytest

from rapport.campaigns import actions, audience, brief_form, forms, plan
from rapport.campaigns.models import Campaign
from rapport.messaging.message import UnknownField
from rapport.messaging.models import Intent
from rapport.segments.language import All, Sex, TraitIs
from rapport.trust.models import User
from tests.campaigns import clinic

pytestmark = pytest.mark.django_db


def texts(campaign: Campaign, now: datetime) -> str:
    return " ".join(one.text for one in plan.missing(campaign, now=now))


def test_answers_are_kept_and_what_was_not_asked_stands(ana: User, now: datetime) -> None:
    campaign = actions.draft(by=ana, name="Refills", now=now, planned={"brief": {"drug": "197361"}})
    actions.save(by=ana, campaign=campaign, planned={"brief": {"promotional": False}}, now=now)
    campaign.refresh_from_db()
    assert campaign.brief == {"drug": "197361", "promotional": False}
    actions.save(by=ana, campaign=campaign, planned={"brief": {"drug": ""}}, now=now)
    campaign.refresh_from_db()
    assert campaign.brief == {"promotional": False}


def test_what_the_policy_has_no_ear_for_is_refused_when_it_is_said(ana: User, now: datetime) -> None:
    with pytest.raises(UnknownField, match="favourite_colour"):
        actions.draft(by=ana, name="Odd", now=now, planned={"brief": {"favourite_colour": "teal"}})
    with pytest.raises(UnknownField, match="promotional"):
        actions.draft(by=ana, name="Odd", now=now, planned={"brief": {"promotional": "perhaps"}})


def test_a_refill_reminder_names_its_drug_and_attests_what_is_paid(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now, purpose="P4", remunerated=True)
    assert "Name the drug" in texts(campaign, now)
    assert "may only cover its cost" in texts(campaign, now)
    campaign = actions.save(
        by=ana, campaign=campaign, planned={"brief": {"drug": "197361", "covers_cost_only": True}}, now=now
    )
    assert "drug" not in texts(campaign, now)
    assert "cost" not in texts(campaign, now)


def test_only_what_matters_is_asked(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now)
    assert brief_form.relevant(campaign) == {"promotional", "programme"}
    assert "drug" not in forms.What.of(campaign).fields
    campaign.purpose, campaign.remunerated = "P4", True
    assert brief_form.relevant(campaign) == {"promotional", "programme", "drug", "covers_cost_only"}
    campaign.purpose = "P2"
    assert {"says_paid", "has_toll_free"} <= set(forms.What.of(campaign).fields)


def test_the_form_turns_answers_into_the_brief(ana: User, now: datetime) -> None:
    form = forms.What({"purpose": "P1", "remunerated": "false", "promotional": "no", "programme": "mammogram"})
    form.full_clean()
    assert form.planned()["brief"] == {"promotional": False, "programme": "mammogram"}


def test_an_invitation_to_survey_may_not_be_limited_to_the_content(ana: User, now: datetime) -> None:
    happy = clinic.segment(now, All((Sex(("F",)), TraitIs("survey.nps", at_least=9))))
    campaign = clinic.campaign(ana, now, purpose="P11", topic="survey", segment=happy)
    assert "16 CFR 465" in texts(campaign, now)


def test_the_brief_reaches_the_policy_in_the_forecast_and_at_the_send(ana: User, now: datetime, world) -> None:
    world(3)
    campaign = clinic.campaign(ana, now, brief={"programme": "mammogram"})
    assert audience.message_of(campaign, now).programme == "mammogram"
    actions.launch(by=ana, campaign=campaign, now=now)
    intents = Intent.objects.select_related("brief")
    assert intents
    assert {one.brief.said["programme"] for one in intents} == {"mammogram"}
    assert len({one.brief_id for one in intents}) == 1, "one row for all"


def test_a_programme_in_the_form_is_one_of_the_rules() -> None:
    names = {name for name, _ in brief_form.fields(date(2026, 3, 4))["programme"].choices}
    assert {"mammogram", "colon"} <= names
