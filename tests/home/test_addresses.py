"""An address that mail came back from is used again when somebody at the desk says how they know."""

from datetime import timedelta

import pytest

from rapport.consent import suppressions, undeliverable
from rapport.consent.models import Suppression
from rapport.people import reach
from rapport.people.models import ContactPoint
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests.home.test_pages import NOW, as_, text, today  # noqa: F401 - the clock of these pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(pat):
    """Pat's address, that mail came back from."""
    one = ContactPoint.objects.get(person=pat, kind="email")
    undeliverable.give_up(by=SYSTEM, failed={bytes(one.digest): NOW - timedelta(days=2)}, evidence={}, now=NOW)
    return one


def say(user, who, point, **said):
    return as_(user).post(
        f"/people/{who.pk}/addresses/{point.pk}/works/", {"way": "phone", "words": "Read it out"} | said
    )


def test_the_page_says_when_it_came_back_and_where_to_say_that_it_works(bea, pat, point):
    page = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert reach.CAME_BACK in page
    assert f"/people/{pat.pk}/addresses/{point.pk}/works/" in page
    form = text(as_(bea).get(f"/people/{pat.pk}/addresses/{point.pk}/works/"))
    assert "How do you know?" in form


def test_who_says_how_they_know_brings_it_back(bea, pat, point):
    assert say(bea, pat, point).headers["Location"] == f"/people/{pat.pk}/"
    point.refresh_from_db()
    assert (point.is_valid, point.bounced_at) == (True, None)
    assert not Suppression.objects.filter(lifted_at=None).exists()
    line = AuditEntry.objects.get(verb="consent.verify_address")
    assert (line.actor, line.reason) == (bea, "front_desk_phone: Read it out")
    assert "/works/" not in text(as_(bea).get(f"/people/{pat.pk}/"))


@pytest.mark.parametrize(
    ("says", "title"), [("no such number", "It works again"), ("no text messages", "It takes texts")]
)
def test_a_number_that_the_carrier_calls_dead_shows_and_is_brought_back(bea, pat, says, title):
    number = ContactPoint.objects.get(person=pat, kind="phone")
    failed = {bytes(number.digest): NOW - timedelta(days=2)}
    if title == "It takes texts":
        undeliverable.give_up_texts(by=SYSTEM, failed=failed, evidence={}, now=NOW)
    else:
        undeliverable.give_up(by=SYSTEM, failed=failed, evidence={}, now=NOW, kind="phone")
    page = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert (says in page, title in page, f"/addresses/{number.pk}/works/" in page) == (True, True, True)
    assert says in text(as_(bea).get(f"/people/{pat.pk}/addresses/{number.pk}/works/"))
    assert say(bea, pat, number).status_code == 302
    number.refresh_from_db()
    assert (number.is_valid, number.bounced_at, number.no_texts_at) == (True, None, None)
    assert not Suppression.objects.filter(lifted_at=None).exists()


@pytest.mark.parametrize(("kind", "says"), [("phone", "no such number"), ("email", "mail to it came back")])
def test_whoever_gets_an_address_that_came_back_from_another_sees_it_and_says_that_it_works(bea, pat, kind, says):
    """Messages to it are held back all the same: the list knows the address."""
    number = ContactPoint.objects.get(person=pat, kind=kind)
    undeliverable.give_up(by=SYSTEM, failed={bytes(number.digest): NOW}, evidence={}, now=NOW, kind=kind)
    ContactPoint.objects.filter(pk=number.pk).update(
        is_valid=True, invalid_reason="", bounced_at=None
    )  # as if it were new
    assert undeliverable.came_back(pat.pk) == {number.pk: NOW}
    page = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert (says in page, f"/addresses/{number.pk}/works/" in page) == (True, True)
    assert say(bea, pat, number).status_code == 302
    assert not Suppression.objects.filter(lifted_at=None).exists()
    assert AuditEntry.objects.get(verb="consent.verify_address").person_ids == [pat.pk]
    assert "/works/" not in text(as_(bea).get(f"/people/{pat.pk}/"))


def test_what_she_stopped_herself_stays_stopped(bea, pat, point):
    suppressions.put(kind="email", digests=[bytes(point.digest)], topic="newsletter", reason="unsubscribed", now=NOW)
    say(bea, pat, point)
    assert list(Suppression.objects.filter(lifted_at=None).values_list("topic", flat=True)) == ["newsletter"]


def test_without_a_reason_nothing_happens(bea, pat, point):
    assert say(bea, pat, point, words=" ").status_code == 422
    point.refresh_from_db()
    assert not point.is_valid


def test_an_address_that_never_came_back_or_is_somebody_elses_is_not_found(bea, pat, quinn, point):
    assert say(bea, quinn, point).status_code == 404
    other = ContactPoint.objects.filter(person=quinn, kind="email").first()
    assert other is not None
    assert say(bea, quinn, other).status_code == 404


def test_ana_does_not_decide_it(ana, pat, point):
    assert say(ana, pat, point).status_code == 403
