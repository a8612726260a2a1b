"""The pages of campaigns: what each shows, who may open it, and what they do when something is wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from rapport.campaigns import actions
from rapport.campaigns.models import Campaign
from rapport.kit import clock
from rapport.people.models import Person
from rapport.trust.models import User
from tests.campaigns import clinic

World = Callable[..., list[Person]]


@pytest.fixture
def desk(client: Client, ana: User, now: datetime):
    """Ana's browser, at the still hour of the tests."""
    client.force_login(ana)
    with clock.travel(now):
        yield client


def test_the_list_shows_a_campaign(desk: Client, ana: User, now: datetime) -> None:
    clinic.campaign(ana, now, send_at=now + timedelta(days=1))
    assert "Knee seminar" in desk.get("/campaigns/").content.decode()


def test_an_empty_list_teaches(desk: Client) -> None:
    assert "No campaign yet" in desk.get("/campaigns/").content.decode()


def test_a_new_campaign_begins_the_path(desk: Client) -> None:
    answer = desk.post("/campaigns/new/", {"name": "Knee seminar"})
    assert answer.headers["Location"] == "/campaigns/knee-seminar/?step=who"
    assert desk.post("/campaigns/new/", {"name": ""}).status_code == 200


@pytest.mark.parametrize("step", ["who", "what", "when", "control", "check"])
def test_every_step_of_a_draft_opens(desk: Client, ana: User, now: datetime, step: str) -> None:
    clinic.campaign(ana, now)
    answer = desk.get(f"/campaigns/knee-seminar/?step={step}")
    assert answer.status_code == 200
    assert 'aria-current="step"' in answer.content.decode()


def test_typing_is_kept_by_itself_and_the_class_is_shown(desk: Client, ana: User, now: datetime) -> None:
    campaign = actions.draft(by=ana, name="Knee seminar", now=now)
    form = {"step": "what", "purpose": "P2", "remunerated": "true", "service_line": "", "version": ""}
    answer = desk.post("/campaigns/knee-seminar/save/", form, headers={"HX-Request": "true"})
    words = answer.content.decode()
    assert "Saved at 10:00" in words.replace("\u202f", " ")
    assert "164.508(a)(3)(ii)" in words
    assert "<html" not in words
    campaign.refresh_from_db()
    assert (campaign.purpose, campaign.remunerated) == ("P2", True)


def test_what_cannot_be_read_is_told_at_the_field_and_kept(desk: Client, ana: User, now: datetime) -> None:
    clinic.campaign(ana, now)
    form = {"step": "control", "holdout_percent": "95", "fixed_cost": "12", "message_cost": "0.01"}
    answer = desk.post("/campaigns/knee-seminar/save/", form)
    assert answer.status_code == 422
    assert 'value="95"' in answer.content.decode()
    assert (
        "Not saved" in desk.post("/campaigns/knee-seminar/save/", form, headers={"HX-Request": "true"}).content.decode()
    )


def test_money_is_typed_in_dollars_and_time_in_the_clinics_zone(desk: Client, ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now)
    form = {"step": "control", "holdout_percent": "20", "fixed_cost": "500.50", "message_cost": "0.015"}
    assert desk.post("/campaigns/knee-seminar/save/", form).headers["Location"].endswith("?step=check")
    desk.post("/campaigns/knee-seminar/save/", {"step": "when", "send_at": "2026-03-05T09:30", "window_days": "60"})
    campaign.refresh_from_db()
    assert (campaign.fixed_cost_cents, campaign.message_cost_cents) == (50_050, Decimal("1.5"))
    assert campaign.send_at is not None
    assert campaign.send_at.isoformat() == "2026-03-05T14:30:00+00:00"


def test_the_check_says_how_many_and_why_not(desk: Client, world: World, ana: User, now: datetime) -> None:
    world(9)
    world(2, consenting=False)
    clinic.campaign(ana, now)
    words = desk.get("/campaigns/knee-seminar/check/").content.decode()
    assert "No earlier campaign to learn from" in words
    assert "Launch this campaign?" in words
    assert "gate=consent" in words
    assert "20%" in desk.get("/campaigns/knee-seminar/check/?part=control").content.decode()
    behind = desk.get("/campaigns/knee-seminar/people/?arm=not_permitted&gate=consent").content.decode()
    assert "page 1 of 1" in behind
    assert behind.count("Testa") >= 2


def test_the_check_without_a_segment_asks_for_one(desk: Client, ana: User, now: datetime) -> None:
    actions.draft(by=ana, name="Knee seminar", now=now)
    assert "Nothing to count yet" in desk.get("/campaigns/knee-seminar/check/").content.decode()


def test_launching_and_stopping_from_the_page(desk: Client, world: World, ana: User, now: datetime) -> None:
    world(10)
    campaign = clinic.campaign(ana, now)
    assert desk.post("/campaigns/knee-seminar/launch/").status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.LAUNCHED
    live = desk.get("/campaigns/knee-seminar/").content.decode()
    assert "of 9 to be contacted" in live
    part = desk.get("/campaigns/knee-seminar/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="progress"' in part
    assert "<html" not in part
    desk.post("/campaigns/knee-seminar/stop/", {"reason": "wrong price"})
    assert "What was not sent stays here: 9" in desk.get("/campaigns/knee-seminar/").content.decode()
    assert desk.get("/campaigns/knee-seminar/people/?state=stopped").status_code == 200


def test_a_launch_that_lacks_something_says_what(desk: Client, ana: User, now: datetime) -> None:
    actions.draft(by=ana, name="Knee seminar", now=now)
    answer = desk.post("/campaigns/knee-seminar/launch/", follow=True)
    assert "Choose the segment" in answer.content.decode()


def test_a_clone_opens_as_a_draft(desk: Client, ana: User, now: datetime) -> None:
    clinic.campaign(ana, now)
    assert desk.post("/campaigns/knee-seminar/clone/").headers["Location"].startswith("/campaigns/knee-seminar-copy/")


def test_a_strangers_slug_is_not_found(desk: Client) -> None:
    for path in ("/campaigns/nothing/", "/campaigns/nothing/check/", "/campaigns/nothing/people/"):
        assert desk.get(path).status_code == 404
    for verb in ("save", "launch", "stop", "clone"):
        assert desk.post(f"/campaigns/nothing/{verb}/").status_code == 404


def test_a_campaign_of_another_service_line_is_not_found(
    client: Client, hire: Callable[..., User], ana: User, now: datetime
) -> None:
    campaign = clinic.campaign(ana, now)
    client.force_login(hire("Lin Ode", "marketer", service_line_id=clinic.line("cardiology").pk))
    assert client.get(f"/campaigns/{campaign.slug}/").status_code == 404
    assert "Knee seminar" not in client.get("/campaigns/").content.decode()


def test_zoe_sees_nothing_and_an_analyst_launches_nothing(
    client: Client, hire: Callable[..., User], zoe: User, ana: User, now: datetime
) -> None:
    campaign = clinic.campaign(ana, now)
    client.force_login(zoe)
    assert client.get(f"/campaigns/{campaign.slug}/").status_code == 403
    client.force_login(hire("Al Yst", "analyst"))
    assert client.get(f"/campaigns/{campaign.slug}/").status_code == 200
    assert client.post(f"/campaigns/{campaign.slug}/launch/").status_code == 403
    assert client.post(f"/campaigns/{campaign.slug}/save/", {"step": "who", "name": "x"}).status_code == 403


def test_names_behind_a_number_are_only_for_those_who_read_people(
    client: Client, hire: Callable[..., User], world: World, ana: User, now: datetime
) -> None:
    world(3)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, holdout_percent=Decimal(0)), now=now)
    client.force_login(hire("Al Yst", "analyst"))
    words = client.get(f"/campaigns/{campaign.slug}/people/").content.decode()
    assert "Testa" not in words
    assert "Person " in words


def test_a_step_may_be_left_half_done_but_going_on_asks_for_the_rest(desk: Client, ana: User, now: datetime) -> None:
    campaign = actions.draft(by=ana, name="Knee seminar", now=now)
    form = {"step": "what", "purpose": "P2", "service_line": "", "version": ""}
    desk.post("/campaigns/knee-seminar/save/", form, headers={"HX-Request": "true"})
    campaign.refresh_from_db()
    assert campaign.purpose == "P2"
    answer = desk.post("/campaigns/knee-seminar/save/", form)
    assert answer.status_code == 422
    assert answer.content.decode().count("This field is required") == 2


def test_scheduling_and_taking_it_back_from_the_page(desk: Client, ana: User, now: datetime) -> None:
    clinic.campaign(ana, now, send_at=now + timedelta(days=1))
    desk.post("/campaigns/knee-seminar/schedule/")
    assert "Goes out by itself" in desk.get("/campaigns/knee-seminar/?step=check").content.decode()
    desk.post("/campaigns/knee-seminar/schedule/")
    assert "Goes out by itself" not in desk.get("/campaigns/knee-seminar/?step=check").content.decode()
