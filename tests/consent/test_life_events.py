"""Life events: what stands, what it stops, and for how long."""

import uuid
from datetime import timedelta

import pytest

from rapport.consent import life_events, rules
from rapport.consent.gates.words import life_event
from rapport.consent.models import LifeEvent
from rapport.consent.policy import Facts, LifeFact, Message


def happened(person, kind, at, **more):
    return LifeEvent.objects.create(person=person, kind=kind, at=at, source_key=uuid.uuid4(), recorded_at=at, **more)


@pytest.mark.django_db
def test_what_has_not_ended_stands_and_what_has_does_not(pat, quinn, now):
    happened(pat, "hospice", now - timedelta(days=900))
    happened(pat, "complaint", now - timedelta(days=5), ended_at=now - timedelta(days=1))
    happened(pat, "new_cancer", now - timedelta(days=3), ended_at=now + timedelta(days=1))
    standing = life_events.current([pat.pk, quinn.pk], now)
    assert list(standing) == [pat.pk]
    assert [one.kind for one in standing[pat.pk]] == ["hospice", "new_cancer"]


def stopped(now, kind, days):
    """The purposes that the gate stops so many days after the event."""
    happened = LifeFact(kind, now - timedelta(days=days))
    book = rules.in_force(now.date())
    asked = {name: Facts(person_id=1, at=now, message=message(name), life_events=(happened,)) for name in book.purposes}
    return {name for name, facts in asked.items() if not life_event(facts, book).passed}


def message(purpose):
    return Message(channel="email", purpose=purpose, topic="care")


def test_death_stops_everything_for_ever(now):
    assert stopped(now, "death", 4000) == {f"P{number}" for number in range(1, 14)}


def test_hospice_stops_marketing_for_ever_and_care_goes_on(now):
    stops = stopped(now, "hospice", 2000)
    assert {"P2", "P3", "P5", "P6", "P7", "P8", "P10", "P13"} == stops


@pytest.mark.parametrize(("kind", "inside", "outside"), [("pregnancy_loss", 364, 366), ("new_cancer", 59, 61)])
def test_loss_and_bad_news_are_respected_for_their_time(now, kind, inside, outside):
    assert "P2" in stopped(now, kind, inside)
    assert not stopped(now, kind, outside)


def test_an_open_complaint_stops_surveys_too_and_never_care(now):
    stops = stopped(now, "complaint", 40)
    assert "P11" in stops
    assert not stops & {"P1", "P4", "P12"}


def test_every_kind_of_life_event_has_a_rule(now):
    assert {one.event for one in life_events.life_rules(now.date())} == set(LifeEvent.Kind.values)


@pytest.mark.parametrize("kind", ["hospice", "pregnancy_loss", "new_cancer"])
def test_no_reason_tells_a_clerk_what_happened(now, kind):
    """Clerks and marketers read reasons, and the rule beside them."""
    happened = LifeFact(kind, now - timedelta(days=3))
    facts = Facts(person_id=1, at=now, message=message("P2"), life_events=(happened,))
    said = life_event(facts, rules.in_force(now.date()))
    assert not said.passed
    for telling in ("hospice", "palliative", "pregnan", "cancer", "loss", "baby"):
        assert telling not in f"{said.reason} {said.rule}".lower()
