"""From what the best hour is reckoned, told where it is chosen and while the campaign runs."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client

from rapport.campaigns import actions, best_hour
from rapport.kit import clock
from rapport.people.models import Person
from rapport.trust.models import User
from tests.campaigns import clinic

World = Callable[..., list[Person]]


@pytest.fixture
def desk(client: Client, ana: User, now: datetime) -> Iterator[Client]:
    client.force_login(ana)
    with clock.travel(now):
        yield client


def noons(person: Person, ana: User, now: datetime, *, count: int = 8) -> None:
    """So many clicks at noon of the clinic, one a day."""
    other = clinic.campaign(ana, now)
    for day in range(1, count + 1):
        clinic.heard(person, other, "message_clicked", now.replace(hour=17, minute=10) - timedelta(days=day))


def test_the_explanation_adds_up_and_agrees_with_the_choice(world: World, ana: User, now: datetime) -> None:
    noon, *others = world(4)
    noons(noon, ana, now)
    people = [noon.pk, *(one.pk for one in others)]
    told = best_hour.explain(people, now)
    assert (told.people, told.of_all, told.known, told.answers, told.usual) == (4, 4, 1, 8, 12)
    assert sum(told.hours.values()) == 4
    chosen = best_hour.of(people, now)
    assert {hour: count for hour, count in told.hours.items() if count} == {12: 4}
    assert {one.hour for one in chosen.values()} == {12}


def test_where_nobody_answered_the_first_hour_is_taken(world: World, now: datetime) -> None:
    (new,) = world(1)
    told = best_hour.explain([new.pk], now)
    assert (told.is_known, told.known, told.usual, told.hours[9]) == (False, 0, 9, 1)
    assert best_hour.explain([], now).people == 0


def test_of_very_many_people_an_even_sample_is_looked_at(
    world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_hour, "MOST", 2)
    told = best_hour.explain([one.pk for one in world(5)], now)
    assert (told.people, told.of_all) == (2, 5)


def test_where_it_is_chosen_the_page_says_from_what(desk: Client, world: World, ana: User, now: datetime) -> None:
    noon, _new = world(2)
    noons(noon, ana, now)
    clinic.campaign(ana, now, timing="best_hour")
    campaign = actions.draft(by=ana, name="Knees", now=now, planned=clinic.planned(now, timing="best_hour"))
    path = f"/campaigns/{campaign.slug}/best-hour/"
    assert path in desk.get(f"/campaigns/{campaign.slug}/?step=when").content.decode()
    words = desk.get(path).content.decode().replace("\u202f", " ")
    assert "Of 1 of 2 people something of their own is known" in words
    assert "The others get it at 12:00 PM: from 8 answers of everybody" in words
    assert "between 9:00 AM and 8:00 PM" in words
    empty = actions.draft(by=ana, name="Empty", now=now)
    assert "Choose the people" in desk.get(f"/campaigns/{empty.slug}/best-hour/").content.decode()


def test_while_it_runs_the_page_speaks_of_those_who_were_drawn(
    desk: Client, world: World, ana: User, now: datetime
) -> None:
    world(5)
    plan = clinic.campaign(ana, now, timing="best_hour", holdout_percent=40)
    campaign = actions.launch(by=ana, campaign=plan, now=now)
    assert f"/campaigns/{campaign.slug}/best-hour/" in desk.get(f"/campaigns/{campaign.slug}/").content.decode()
    words = desk.get(f"/campaigns/{campaign.slug}/best-hour/").content.decode().replace("\u202f", " ")
    assert "Of 0 of 3 people" in words
    assert "the others get it at 9:00 AM, the first hour" in words


def test_who_sees_one_service_line_is_told_the_same(
    client: Client, hire: Callable[..., User], world: World, ana: User, now: datetime
) -> None:
    noon, _new = world(2)
    noons(noon, ana, now)
    campaign = clinic.campaign(ana, now, timing="best_hour")
    client.force_login(hire("Lou Line", "marketer", service_line_id=clinic.line().pk))
    with clock.travel(now):
        assert "from 8 answers" in client.get(f"/campaigns/{campaign.slug}/best-hour/").content.decode()
