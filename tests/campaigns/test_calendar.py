"""The calendar: what went out and what is planned, day by day, and whether an objective has anything before it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from rapport.campaigns import actions, calendar, calendar_views, due, objectives, occasions
from rapport.campaigns.models import Campaign, Objective
from rapport.kit import clock
from rapport.people.models import Person
from rapport.trust.actors import SYSTEM
from rapport.trust.models import User
from tests.campaigns import clinic

World = Callable[..., list[Person]]
WEEKLY = {"kind": "repeats", "rule": "FREQ=WEEKLY"}


@pytest.fixture
def desk(client: Client, ana: User, now: datetime) -> Iterator[Client]:
    client.force_login(ana)
    with clock.travel(now):
        yield client


def shown(campaign: Campaign, opens: datetime, days: int, now: datetime) -> list[tuple[str, str]]:
    campaign.refresh_from_db()
    found = calendar.entries([campaign], opens, opens + timedelta(days=days), now)
    return [(one.what, f"{occasions.day_of(one.at):%m-%d}") for one in found]


def aim(ana: User, now: datetime, name: str = "More knees", **changes: object) -> Objective:
    told = {
        "name": name, "metric": "visits", "target": 30, "from_on": date(2026, 3, 1), "until_on": date(2026, 6, 30),
        "service_line": clinic.line(),
    }  # fmt: skip
    return objectives.put(by=ana, told=told | changes, now=now)


def test_what_repeats_stands_where_it_went_and_where_it_will_go_each_date_once(
    world: World, ana: User, now: datetime
) -> None:
    world(3)
    campaign = clinic.campaign(ana, now, send_at=now, **WEEKLY)
    assert shown(campaign, now, 22, now) == [("draft", day) for day in ("03-04", "03-11", "03-18", "03-25")]
    campaign = actions.launch(by=ana, campaign=campaign, now=now)
    assert shown(campaign, now, 8, now) == [("planned", "03-04"), ("planned", "03-11")]
    due.launch_due(by=SYSTEM, now=now)
    assert shown(campaign, now, 15, now) == [("went", "03-04"), ("planned", "03-11"), ("planned", "03-18")]
    (went,) = calendar.entries([campaign], now, now + timedelta(days=1), now)
    assert went.people == 3, "a run knows how many it went to"
    actions.pause(by=ana, campaign=campaign, now=now)
    assert shown(campaign, now, 8, now) == [("went", "03-04"), ("paused", "03-11")]
    actions.stop(by=ana, campaign=campaign, now=now)
    assert shown(campaign, now, 30, now) == [("went", "03-04")]


def test_planned_dates_are_those_at_which_it_will_really_run(world: World, ana: User, now: datetime) -> None:
    world(1)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, send_at=now, **WEEKLY), now=now)
    told = [one.at for one in calendar.entries([campaign], now, now + timedelta(days=28), now)]
    ran = []
    for at in told:
        due.launch_due(by=SYSTEM, now=at)
        ran += list(campaign.runs.filter(due_at=at).values_list("due_at", flat=True))
    assert ran == told
    assert {f"{one.astimezone(occasions.clinic_zone()):%H:%M}" for one in told} == {"10:00"}, "also over the change"


def test_a_launch_that_waits_for_its_moment_is_planned_and_then_went_out(
    world: World, ana: User, now: datetime
) -> None:
    world(4)
    later = now + timedelta(days=2)
    plan = {"send_at": later, "holdout_percent": Decimal(25)}
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, **plan), now=now)
    (one,) = calendar.entries([campaign], now, now + timedelta(days=5), now)
    assert (one.what, one.people) == ("planned", 3)
    assert shown(campaign, now, 5, later) == [("went", "03-06")]
    actions.stop(by=ana, campaign=campaign, now=now)
    assert shown(campaign, now, 5, later) == [("stopped", "03-06")]


def test_birthdays_stand_on_the_first_of_each_month_and_last_over_it(world: World, ana: User, now: datetime) -> None:
    world(1)
    plan = {"kind": "dated", "occasion": "birthday", "send_at": now, "holdout_percent": Decimal(0)}
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, **plan), now=now)
    assert shown(campaign, now, 60, now) == [("planned", "03-04"), ("planned", "04-01"), ("planned", "05-01")]
    Person.objects.update(birth_month=date(1970, 3, 1))
    world(0)
    due.launch_due(by=SYSTEM, now=now)
    assert shown(campaign, now, 40, now) == [("went", "03-04"), ("planned", "04-01")]
    (march,) = calendar.lasting([campaign], date(2026, 3, 1), date(2026, 3, 31), now)
    assert (march.what, march.first, march.last, march.people) == ("planned", date(2026, 3, 4), date(2026, 3, 31), 1)


def test_a_season_stands_on_its_first_day_and_lasts_until_its_last(ana: User, now: datetime) -> None:
    plan = {"kind": "dated", "occasion": "season", "season_from": "09-15", "season_until": "10-10", "send_at": now}
    campaign = clinic.campaign(ana, now, **plan)
    assert shown(campaign, now, 400, now) == [("draft", "09-15")]
    assert shown(campaign, occasions.begins(date(2026, 10, 1)), 31, now) == []
    assert calendar.lasting([campaign], date(2026, 8, 1), date(2026, 8, 31), now) == []
    (october,) = calendar.lasting([campaign], date(2026, 10, 1), date(2026, 10, 31), now)
    assert (october.first, october.last) == (date(2026, 10, 1), date(2026, 10, 10))


def test_days_of_single_people_last_over_the_month_and_fill_no_square(ana: User, now: datetime) -> None:
    plan = {"kind": "dated", "occasion": "last_visit", "send_at": now}
    campaign = clinic.campaign(ana, now, **plan)
    assert shown(campaign, now, 60, now) == []
    assert len(calendar.lasting([campaign], date(2026, 4, 1), date(2026, 4, 30), now)) == 1


def test_an_issue_that_was_not_there_is_told_on_its_day(world: World, ana: User, now: datetime) -> None:
    people = world(1)
    for one in people:
        clinic.agree_to_news(one, now)
    plan = {"kind": "newsletter", "rule": "FREQ=WEEKLY", "purpose": "P13", "send_at": now}
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, **plan), now=now)
    week = now + timedelta(days=6, hours=23)  # the clocks go forward between the two
    due.launch_due(by=SYSTEM, now=now)
    due.launch_due(by=SYSTEM, now=week + timedelta(hours=1))
    assert shown(campaign, now, 8, week + timedelta(hours=1)) == [("went", "03-04"), ("skipped", "03-11")]


def test_a_campaign_stands_on_its_local_day(ana: User, now: datetime) -> None:
    late = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)  # still the 14th in New York
    campaign = clinic.campaign(ana, now, send_at=late)
    first = date(2026, 3, 1)
    weeks = calendar.weeks(calendar.entries([campaign], *calendar.page_of(first), now), first, first)
    days = {day.on.day: day for week in weeks for day in week if day.is_in_month}
    assert len(days) == 31
    assert [one.campaign for one in days[14].entries] == [campaign]
    assert days[15].entries == []


def test_an_objective_without_a_date_before_it_is_a_gap_and_a_draft_fills_none(
    world: World, ana: User, now: datetime
) -> None:
    world(1)
    goal = aim(ana, now)
    assert objectives.outlook(goal, now).is_gap
    plan = {"objective": goal, "send_at": now + timedelta(days=1)}
    campaign = clinic.campaign(ana, now, **plan)
    drafted = objectives.outlook(goal, now)
    assert drafted.is_gap
    assert drafted.drafts == [campaign]
    actions.schedule(by=ana, campaign=campaign, now=now)
    planned = objectives.outlook(goal, now)
    assert not planned.is_gap
    assert [one.at for one in planned.to_come] == [plan["send_at"]]
    assert not objectives.outlook(goal, datetime(2026, 7, 2, tzinfo=UTC)).is_gap, "its time is over"


@pytest.mark.parametrize("at", [datetime(2026, 4, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)])
def test_what_is_planned_outside_an_objectives_time_fills_no_gap(ana: User, now: datetime, at: datetime) -> None:
    goal = aim(ana, now, from_on=date(2026, 3, 10), until_on=date(2026, 3, 31))
    campaign = clinic.campaign(ana, now, objective=goal, send_at=at)
    actions.schedule(by=ana, campaign=campaign, now=now)
    assert objectives.outlook(goal, now).is_gap


def test_the_page_tells_day_state_and_objective_and_can_be_narrowed(desk: Client, ana: User, now: datetime) -> None:
    goal = aim(ana, now)
    aim(ana, now, name="Fewer empty hours")
    actions.schedule(
        by=ana, campaign=clinic.campaign(ana, now, objective=goal, send_at=now + timedelta(days=1)), now=now
    )
    other = actions.draft(by=ana, name="Winter news", now=now, planned={"send_at": now + timedelta(days=3)})
    words = desk.get("/campaigns/calendar/?month=2026-03").content.decode()
    assert "March 2026" in words
    assert words.count("Knee seminar") >= 2, "in its square, and as the next date of its objective"
    assert "Nothing planned" in words, "the other objective has a gap"
    assert other.name in words
    assert "no objective" in words
    narrowed = desk.get(f"/campaigns/calendar/?month=2026-03&objective={goal.slug}").content.decode()
    assert "Knee seminar" in narrowed
    assert "Winter news" not in narrowed
    free = desk.get("/campaigns/calendar/?month=2026-03&objective=none").content.decode()
    assert "Winter news" in free
    assert 'class="month-entry month-planned"' not in free
    assert "Nothing goes out in this month" in desk.get("/campaigns/calendar/?month=2026-05").content.decode()


def test_the_objectives_page_tells_what_is_counted_and_leads_on_to_a_plan(
    desk: Client, ana: User, now: datetime
) -> None:
    goal = aim(ana, now)
    words = desk.get("/campaigns/objectives/").content.decode()
    assert "Nothing planned" in words
    assert "Who would have come anyway counts too" in words
    assert "Only visits in Orthopedics count" in words
    assert f"/campaigns/new/?objective={goal.slug}" in words
    assert "More knees" in desk.get(f"/campaigns/new/?objective={goal.slug}").content.decode()
    desk.post("/campaigns/new/", {"name": "Knee week", "objective": goal.slug})
    made = Campaign.objects.get(name="Knee week")
    assert (made.objective, made.service_line) == (goal, goal.service_line)


@pytest.mark.parametrize("asked", ["0001-01", "9999-12", "2026-13", "x", ""])
def test_a_month_that_cannot_be_meant_is_the_present_one(desk: Client, asked: str) -> None:
    assert "March 2026" in desk.get(f"/campaigns/calendar/?month={asked}").content.decode()


def test_a_month_some_years_away_is_shown_and_one_too_far_is_not() -> None:
    today = date(2026, 3, 4)
    assert calendar_views.month_of("2031-12", today) == date(2031, 12, 1)
    assert calendar_views.month_of("2032-01", today) == date(2026, 3, 1)


def test_who_sees_one_service_line_sees_no_objective_of_another(
    client: Client, hire: Callable[..., User], ana: User, now: datetime
) -> None:
    aim(ana, now)
    client.force_login(hire("Lin Ode", "marketer", service_line_id=clinic.line("cardiology").pk))
    with clock.travel(now):
        assert "More knees" not in client.get("/campaigns/calendar/").content.decode()
