"""The pages of results: the answer first, an honest "cannot be told", and the visits behind every number."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from rapport.attribution import conversions, queries, sentences
from rapport.campaigns.models import Campaign
from rapport.kit import clock
from rapport.people.models import Person
from rapport.trust.models import User
from tests.campaigns import clinic

pytestmark = pytest.mark.django_db
Ready = Callable[[int, int, int, int], Campaign]


@pytest.fixture
def ready(ana: User, now: datetime) -> Ready:
    """`ready(20, 9, 10, 1)`: 20 contacted of whom 9 came, 10 held out of whom 1 came; read 60 days later."""

    def make(contact: int, came: int, holdout: int, came_anyway: int) -> Campaign:
        campaign = clinic.campaign(ana, now, fixed_cost_cents=10_000)
        campaign.state, campaign.launched_at, campaign.send_at = Campaign.State.LAUNCHED, now, now
        campaign.save()
        reached, held = clinic.patients(contact, now, consenting=False), clinic.patients(holdout, now, consenting=False)
        clinic.assign(campaign, now, contact=reached, holdout=held)
        visitors: list[Person] = [*reached[:came], *held[:came_anyway]]
        for index, person in enumerate(visitors):
            clinic.visit(person, now + timedelta(days=3), paid=200 + index, cost=80, line_id=campaign.service_line_id)
        conversions.refresh(campaign, now + timedelta(days=60))
        return campaign

    return make


@pytest.fixture
def desk(client: Client, ana: User, now: datetime):
    client.force_login(ana)
    with clock.travel(now + timedelta(days=60)):
        yield client


def answer(campaign: Campaign, now: datetime) -> sentences.Answer:
    return sentences.answer(queries.result(campaign, now + timedelta(days=60)))


def test_a_clear_return_is_said_in_one_sentence(ready: Ready, desk: Client, now: datetime) -> None:
    campaign = ready(30, 27, 30, 2)
    said = answer(campaign, now)
    assert said.headline.startswith("Every $1 brought back $")
    assert said.tone == "good"
    words = desk.get(f"/results/{campaign.slug}/").content.decode()
    assert said.headline in words
    assert "provisional: 30 days left" in words
    assert "Opened (unreliable)" in words
    assert "Attributed, not causal" in words


def test_what_cannot_be_told_from_zero_says_so(ready: Ready, desk: Client, now: datetime) -> None:
    campaign = ready(12, 3, 6, 1)
    assert "cannot be told from zero yet" in answer(campaign, now).headline
    assert "be told from zero" in desk.get(f"/results/{campaign.slug}/").content.decode()


def test_a_campaign_nobody_came_from_still_has_a_page(ready: Ready, desk: Client, now: datetime) -> None:
    campaign = ready(5, 0, 2, 0)
    assert answer(campaign, now).headline == "Nobody has come yet."
    assert desk.get(f"/results/{campaign.slug}/").status_code == 200
    assert desk.get("/results/").status_code == 200


def test_visits_whose_money_is_unknown_do_not_break_the_page(ready: Ready, desk: Client, now: datetime) -> None:
    """All margins zero: no interval of money can be given."""
    campaign = ready(10, 4, 5, 1)
    conversions.Conversion.objects.update(margin_cents=0)
    assert "cannot yet be told" in answer(campaign, now).headline
    assert desk.get(f"/results/{campaign.slug}/").status_code == 200
    assert desk.get("/results/").status_code == 200


def test_without_a_control_group_nothing_causal_is_claimed(ready: Ready, now: datetime) -> None:
    assert "Nobody can tell" in answer(ready(5, 2, 0, 0), now).headline


def test_the_list_has_the_forest_of_all_returns(ready: Ready, desk: Client) -> None:
    ready(30, 27, 30, 2)
    words = desk.get("/results/").content.decode()
    assert "forest-plot" in words
    assert "Every $1 brought back" in words


def test_an_empty_list_teaches(desk: Client) -> None:
    assert "No result yet" in desk.get("/results/").content.decode()


def test_every_visit_behind_a_number_can_be_seen(ready: Ready, desk: Client) -> None:
    campaign = ready(10, 4, 5, 1)
    both = desk.get(f"/results/{campaign.slug}/visits/").content.decode()
    held = desk.get(f"/results/{campaign.slug}/visits/?arm=holdout&only=objective").content.decode()
    assert both.count("<tr data-href") == 5
    assert held.count("<tr data-href") == 1
    assert "Testa" in both


def test_names_are_only_for_those_who_read_people(ready: Ready, client: Client, hire: Callable[..., User]) -> None:
    campaign = ready(4, 2, 2, 1)
    client.force_login(hire("Li Aison", "liaison"))
    words = client.get(f"/results/{campaign.slug}/visits/").content.decode()
    assert "Testa" not in words
    assert "Person " in words


def test_a_strangers_slug_a_draft_and_zoe_find_nothing(
    desk: Client, client: Client, zoe: User, ana: User, now: datetime
) -> None:
    draft = clinic.campaign(ana, now)
    for path in ("/results/nothing/", f"/results/{draft.slug}/", "/results/nothing/visits/"):
        assert desk.get(path).status_code == 404
    client.force_login(zoe)
    assert client.get("/results/").status_code == 403
