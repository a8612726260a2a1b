"""The forecast by channel and reason: the same verdicts as the policy gives to each person, and people behind each number."""

import re
from datetime import timedelta

import pytest

from rapport.campaigns import audience, channels
from rapport.campaigns.forecast import NoSegment
from rapport.consent import ledger, policy
from rapport.kit import clock
from rapport.messaging import facts
from rapport.trust.actors import SYSTEM
from tests.campaigns import clinic


@pytest.fixture
def draft(world, ana, now):
    """Six who said yes to e-mail; two of them also to text messages, one of these with the later no."""
    people = world(6)
    for one in people[:2]:
        says(one, "granted", now - timedelta(days=9))
    says(people[1], "withdrawn", now - timedelta(days=1))
    return clinic.campaign(ana, now)


def says(person, status, at):
    verb = ledger.grant if status == "granted" else ledger.withdraw
    verb(
        by=SYSTEM,
        person_id=person.pk,
        channel="sms",
        topic="health_services",
        via="desk",
        now=at,
        tier="written",
        text_version="t-1",
    )


def test_the_campaigns_own_channel_comes_first_and_each_is_there_once(draft, now):
    found = channels.by_channel(draft, now=now)
    assert [one.channel for one in found] == ["email", "sms", "call", "print", "portal"]
    assert {one.people for one in found} == {6}
    assert (found[0].now + found[0].later, found[0].held) == (6, 0)


def test_every_number_is_what_the_policy_says_person_by_person(draft, now):
    people = audience.people_of(draft, draft.segment.definition, now)
    for one in channels.by_channel(draft, now=now):
        said = audience.message_of(draft, now, channel=one.channel)
        verdicts = [policy.decide(facts.gather_message([person], said, now)[0]) for person in people]
        assert one.now == sum(verdict.allowed for verdict in verdicts)
        assert one.later == sum(verdict.only_waits for verdict in verdicts)
        told = {gate.gate for gate in one.held_back}
        assert told == {verdict.gate for verdict in verdicts if not verdict.allowed and not verdict.only_waits}


def test_reasons_add_up_to_those_held_back(draft, now):
    for one in channels.by_channel(draft, now=now):
        assert sum(reason.people for reason in one.held_back) == one.held
        assert all(reason.reason for reason in one.held_back)


def test_without_a_segment_nothing_is_counted(ana, now, transactional_db):
    with pytest.raises(NoSegment):
        channels.by_channel(clinic.campaign(ana, now, segment=None), now=now)


def test_the_check_shows_the_own_channel_and_loads_the_others(draft, client, ana, now):
    client.force_login(ana)
    with clock.travel(now):
        page = client.get(f"/campaigns/{draft.slug}/check/").text
        assert f'hx-get="/campaigns/{draft.slug}/channels/"' in page
        assert "this campaign" in page
        rows = client.get(f"/campaigns/{draft.slug}/channels/").text
    assert "<html" not in rows
    assert rows.count("<tr") == 4
    assert "Text message" in rows


def test_each_number_opens_just_the_people_behind_it(draft, client, ana, now):
    client.force_login(ana)
    with clock.travel(now):
        rows = client.get(f"/campaigns/{draft.slug}/channels/").text
        links = re.findall(r'<a href="([^"]+arm=[^"]+)">([\d,]+)</a>', rows)
        assert links
        for href, number in links:
            people = client.get(href.replace("&amp;", "&"))
            assert people.status_code == 200
            assert f"{number} people" in people.text
