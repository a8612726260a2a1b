"""The pages of a running campaign: variants, pause, what was not sent, objectives and open visits."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from rapport.campaigns import actions, objectives
from rapport.campaigns.models import Campaign
from rapport.kit import clock
from rapport.people.models import Person
from rapport.trust.models import AuditEntry, User
from tests.campaigns import clinic

World = Callable[..., list[Person]]


@pytest.fixture
def desk(client: Client, ana: User, now: datetime) -> Iterator[Client]:
    client.force_login(ana)
    with clock.travel(now):
        yield client


def test_variants_are_added_changed_and_taken_out(desk: Client, ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now)
    path = f"/campaigns/{campaign.slug}/variants/"
    row = {"version": ["", ""], "sender_name": ["", "Dr Ito"], "channel": ["", ""], "later_hours": ["0", "2"]}
    desk.post(path, {"more": "1"})
    assert [one.percent for one in campaign.variants.order_by("label")] == [50, 50]
    desk.post(path, {**row, "percent": ["70", "30"]})
    told = [(one.label, one.percent, one.sender_name, one.later_minutes) for one in campaign.variants.order_by("label")]
    assert told == [("A", 70, "", 0), ("B", 30, "Dr Ito", 120)]
    wrong = desk.post(path, {**row, "percent": ["x", "30"]}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "is no number" in wrong.content.decode()
    desk.post(path, {**row, "percent": ["70", "30"], "less": "1"})
    assert not campaign.variants.exists()


def test_pausing_resuming_and_the_file_of_what_was_not_sent(
    desk: Client, world: World, ana: User, now: datetime
) -> None:
    world(5)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, holdout_percent=Decimal(0)), now=now)
    path = f"/campaigns/{campaign.slug}/"
    desk.post(path + "pause/")
    assert Campaign.objects.get(pk=campaign.pk).state == "paused"
    assert "the campaign is paused" in desk.get(path + "not-sent/").content.decode()
    table = desk.get(path + "not-sent/download/")
    assert table.content.decode("utf-8-sig").count("the campaign is paused") == 5
    assert AuditEntry.objects.get(verb="campaigns.export").details == {"not_sent": 5}
    desk.post(path + "resume/")
    assert Campaign.objects.get(pk=campaign.pk).state == "launched"


def test_exclusions_are_kept_from_the_first_step(desk: Client, ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now)
    other = clinic.segment(now)
    form = {"step": "who", "name": "Knee", "segment": campaign.segment_id, "not_in": [other.pk], "not_after_days": "30"}
    desk.post(f"/campaigns/{campaign.slug}/save/", form)
    assert [(one.kind, one.segment_id) for one in campaign.lines.all()] == [("not_in", other.pk)]


def test_an_objective_counts_the_people_its_campaigns_brought(
    desk: Client, world: World, ana: User, now: datetime
) -> None:
    world(4)
    form = {
        "name": "More knees", "metric": "visits", "target": "3", "from_on": "2026-03-01", "until_on": "2026-06-30",
        "service_line": clinic.line().pk,
    }  # fmt: skip
    assert desk.post("/campaigns/objectives/", {**form, "until_on": "2026-01-01"}).status_code == 422
    desk.post("/campaigns/objectives/", form)
    plan = {"objective": objectives.Objective.objects.get(), "holdout_percent": Decimal(0)}
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, **plan), now=now)
    came = campaign.assignments.order_by("id")[0].person
    clinic.visit(came, now + timedelta(days=2), line_id=clinic.line().pk)
    found = objectives.standing(plan["objective"], now + timedelta(days=3))
    assert (found.reached, found.campaigns) == (1, [campaign])
    assert "More knees" in desk.get("/campaigns/objectives/").content.decode()


def test_open_visits_are_kept_by_line_and_only_by_who_may_plan(
    desk: Client, hire: Callable[..., User], ana: User, now: datetime
) -> None:
    line = clinic.line()
    monday = date(2026, 3, 9)
    desk.post("/campaigns/open-visits/", {"line": line.slug, f"slots-{monday}": "12"})
    assert 'value="12"' in desk.get(f"/campaigns/open-visits/?line={line.slug}").content.decode()
    desk.force_login(hire("Al Yst", "analyst"))
    assert desk.post("/campaigns/open-visits/", {"line": line.slug, f"slots-{monday}": "1"}).status_code == 403
    assert desk.post("/campaigns/objectives/", {}).status_code == 403
