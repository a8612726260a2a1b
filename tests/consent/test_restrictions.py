"""Holds, restrictions, one way only, not at all: each a row, each with its end."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.consent import restrictions
from rapport.consent.models import ConsentRecord

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def kinds(who, now=LATER):
    return [one.kind for one in restrictions.standing([who.pk], now=now)]


def test_a_hold_stands_until_it_is_released(cole, pat):
    restrictions.hold(by=cole, person_id=pat.pk, words="Suit 26-114", via="letter", now=NOW)
    assert kinds(pat) == ["legal_hold"]
    restrictions.release(by=cole, person_id=pat.pk, via="letter", now=LATER)
    assert kinds(pat) == []
    assert ConsentRecord.objects.count() == 2, "both stay as proof"


def test_somebody_who_wants_to_be_left_alone_may_change_their_mind(bea, pat):
    restrictions.leave_alone(by=bea, person_id=pat.pk, via="phone", now=NOW)
    assert kinds(pat) == ["do_not_contact"]
    restrictions.allow_again(by=bea, person_id=pat.pk, via="phone", now=LATER)
    assert kinds(pat) == []


def test_only_one_way_takes_the_place_of_the_way_before(bea, pat):
    restrictions.only_by(by=bea, person_id=pat.pk, channel="print", via="desk", now=NOW)
    restrictions.only_by(by=bea, person_id=pat.pk, channel="email", contact_point_id=7, via="desk", now=LATER)
    (way,) = restrictions.standing([pat.pk], now=LATER)
    assert (way.channel, way.contact_point_id) == ("email", 7)
    assert restrictions.any_way(by=bea, person_id=pat.pk, via="desk", now=LATER + timedelta(hours=1)) == 1
    assert kinds(pat, LATER + timedelta(hours=1)) == []


def test_saying_the_same_way_again_keeps_it(bea, pat):
    for at in (NOW, LATER):
        restrictions.only_by(by=bea, person_id=pat.pk, channel="print", via="desk", now=at)
    assert kinds(pat) == ["confidential"]


def test_a_way_must_be_named(bea, pat):
    with pytest.raises(restrictions.NoWay):
        restrictions.only_by(by=bea, person_id=pat.pk, via="desk", now=NOW)


def test_a_restriction_keeps_the_words_agreed_and_is_lifted_alone(cole, pat):
    words = "Nothing to the insurer about the visit of 2 March, paid in cash"
    agreed = restrictions.restrict(by=cole, person_id=pat.pk, words=words, via="letter", now=NOW)
    restrictions.restrict(by=cole, person_id=pat.pk, words="No surveys", topic="survey", via="letter", now=NOW)
    assert agreed.evidence == {"words": words}
    restrictions.lift(by=cole, record=agreed, via="letter", now=LATER)
    (left,) = restrictions.standing([pat.pk], now=LATER)
    assert left.topic == "survey"


def test_a_restriction_without_words_is_refused(cole, pat):
    with pytest.raises(restrictions.NoWords):
        restrictions.restrict(by=cole, person_id=pat.pk, words=" ", via="letter", now=NOW)


def test_what_begins_later_does_not_hold_yet(cole, pat):
    restrictions.hold(by=cole, person_id=pat.pk, words="x", via="letter", now=LATER)
    assert kinds(pat, NOW) == []
