"""The segments of one person: since when and why in words, and which are never named."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from rapport.home import segments
from rapport.kit import clock as time
from rapport.segments import actions
from rapport.segments.language import HasCode, Sex, nodes
from rapport.segments.models import Membership, Why
from rapport.trust.models import AuditEntry
from tests.segments.staying import BY, OPENED

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today():
    with time.travel(NOW):
        yield


@pytest.fixture
def stay(pat):
    """`stay(name, node)`: Pat is in a segment of this definition."""

    def make(name, node, *, purpose="P2", why=Why.EVENT, kind="", **more):
        segment = actions.save(by=BY, now=NOW, name=name, node=node, purpose=purpose)
        at = more.pop("at", NOW - timedelta(days=3))
        return Membership.objects.create(
            segment=segment, person=pat, segment_version=1, entered_at=at, entered_why=why, entered_kind=kind, **more
        )

    return make


def drinks():
    return HasCode((nodes.CodeIs("icd10cm", "F10.20"),), kind="condition")


def part(client, user, person):
    client.force_login(user)
    page = client.get(reverse("home:person", args=[person.pk]) + "?part=segments")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_each_segment_stands_with_since_when_and_why(client, ana, pat, stay):
    stay("Openers", OPENED, kind="message_opened")
    stay("Women", Sex(("F",)), why=Why.FIRST_COUNT)
    stay("Gone", Sex(("F", "M")), left_at=NOW - timedelta(days=1), left_why=Why.TIME)
    page = part(client, ana, pat)
    assert "Written down: opened" in page
    assert "Counted for the first time" in page
    assert "Mar 1, 2026" in page
    assert re.search(r"Left lately Gone Mar 1, 2026 to Mar 3, 2026 · time passed", page)


@pytest.mark.parametrize("why", Why.values)
def test_every_reason_has_words_and_no_trait_is_named(why):
    assert segments._why(why, "")
    assert "hiv" not in segments._why(why, "score.hiv_risk")


def test_a_protected_segment_is_named_to_nobody_before_there_is_a_reason(client, ana, cole, pat, stay):
    stay("Drinks too much", drinks(), purpose="P1")
    page = part(client, ana, pat)
    assert "Drinks" not in page
    assert "In no segment that is shown here" in page
    assert "never named here, whether or not" in page
    assert "Open with a reason" not in page
    page = part(client, cole, pat)
    assert "Drinks" not in page
    assert "Open with a reason" in page
    address = reverse("home:protected_segments", args=[pat.pk])
    assert client.post(address, {"reason": "no"}).status_code == 422
    assert not AuditEntry.objects.filter(verb="person.uncover").exists()
    opened = client.post(address, {"reason": "Asked about her letter of March 2"})
    assert "Drinks too much" in opened.content.decode()
    line = AuditEntry.objects.get(verb="person.uncover")
    assert (line.person_id, line.reason, line.details) == (pat.pk, "Asked about her letter of March 2", {"entries": 1})


def test_the_front_desk_and_clinicians_see_no_segments_of_a_person(client, ana, bea, dr_ito, pat, stay):
    stay("Openers", OPENED)
    for user in (bea, dr_ito):
        assert "Openers" not in part(client, user, pat)
    assert client.post(reverse("home:protected_segments", args=[pat.pk]), {"reason": "long enough"}).status_code == 403
    client.force_login(ana)
    assert client.post(reverse("home:protected_segments", args=[pat.pk]), {"reason": "long enough"}).status_code == 403
