"""Who is in a segment, since when and why."""

from datetime import UTC, timedelta

import pytest

from rapport.people import merges
from rapport.people.models import Person, Trait
from rapport.segments import actions, sync
from rapport.segments.language import All, Consented, None_, Sex, TraitIs
from rapport.segments.membership import full
from rapport.segments.membership.live import Follower
from rapport.segments.models import Membership, SegmentCount
from tests import people_cast
from tests.segments.conftest import happen, speak
from tests.segments.other_session import other_session
from tests.segments.staying import BY, OPENED, inside, reckon, stays

pytestmark = pytest.mark.usefixtures("warehouse")


def test_the_first_count_lets_everybody_in(now, saved):
    pat, _quinn = people_cast.pat(), people_cast.quinn()
    happen(pat, "message_opened", now - timedelta(days=2))
    segment = saved(OPENED)
    reckon(now)
    assert stays(segment) == [(pat.pk, True, "first_count", "", "")]
    assert Membership.objects.get().entered_at == now


def test_who_turns_out_to_be_a_mail_scanner_leaves_at_once_and_for_good(now, saved, column):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    for one in (pat, quinn):
        happen(one, "message_opened", now - timedelta(days=2), detail={"intent": one.pk})
    segment = saved(OPENED)
    reckon(now)
    assert inside(segment) == {pat.pk, quinn.pk}
    seen = {"intent": pat.pk, "machine": True, "around": 60}
    follower = Follower()
    follower.turn(now=now)
    happen(pat, "message_scanned", now - timedelta(days=2) + timedelta(seconds=40), detail=seen)
    follower.turn(now=now)
    assert inside(segment) == {quinn.pk}, "within the second, by the record"
    sync.refresh(now=now)
    assert column("SELECT count(*) FROM event WHERE kind = 'message_opened'") == [(1,)]
    sync.rebuild(now=now)
    assert column("SELECT count(*) FROM event WHERE kind = 'message_opened'") == [(1,)]
    full.refresh_due(now=now)
    assert inside(segment) == {quinn.pk}


def test_a_full_refresh_said_twice_changes_nothing(now, saved):
    happen(people_cast.pat(), "message_opened", now)
    segment = saved(OPENED)
    reckon(now)
    before = list(Membership.objects.values())
    full.refresh([one for one in full.plans(now=now) if one.segment_id == segment.pk], now=now)
    assert list(Membership.objects.values()) == before


def test_when_the_day_moves_a_window_people_leave_for_the_time(now, saved):
    pat = people_cast.pat()
    happen(pat, "message_opened", now - timedelta(days=30))
    segment = saved(OPENED)
    reckon(now)
    full.refresh_due(now=now + timedelta(hours=2))
    assert inside(segment) == {pat.pk}
    full.refresh_due(now=now + timedelta(days=1))
    assert stays(segment) == [(pat.pk, False, "first_count", "", "time")]


def test_a_new_definition_is_the_reason(now, saved):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    happen(pat, "message_opened", now)
    segment = saved(OPENED)
    reckon(now)
    actions.save(by=BY, now=now, name="Openers", node=None_((OPENED,)), segment=segment)
    full.refresh_due(now=now)
    assert stays(segment) == [
        (pat.pk, False, "first_count", "", "definition"),
        (quinn.pk, True, "definition", "", ""),
    ]
    assert Membership.objects.get(person=quinn).segment_version == 2


def test_an_event_is_noticed_without_the_warehouse(now, saved, follower):
    pat = people_cast.pat()
    segment = saved(OPENED)
    reckon(now)
    follower.turn(now=now)
    happen(pat, "message_opened", now)
    turn = follower.turn(now=now)
    assert (turn.people, turn.changed.entered) == (1, 1)
    assert stays(segment) == [(pat.pk, True, "event", "message_opened", "")]
    assert follower.turn(now=now).people == 0


def test_consents_traits_and_profiles_are_noticed_too(now, saved, follower):
    pat = people_cast.pat()
    by_word = saved(Consented("email", "health_services"), "Said yes")
    by_trait = saved(TraitIs("score.no_show", at_least=0.5), "Likely to miss")
    by_sex = saved(Sex(("M",)), "Men")
    reckon(now)
    follower.turn(now=now)
    speak(pat)
    follower.turn(now=now)
    Trait.objects.create(person=pat, name="score.no_show", number=0.7, source="test", at=now)
    follower.turn(now=now)
    Person.objects.filter(pk=pat.pk).update(sex="M")
    follower.turn(now=now)
    assert stays(by_word) == [(pat.pk, True, "event", "consent_now", "")]
    assert stays(by_trait) == [(pat.pk, True, "event", "score.no_show", "")]
    assert stays(by_sex) == [(pat.pk, True, "event", "profile", "")]
    speak(pat, "withdrawn", now)
    follower.turn(now=now)
    assert stays(by_word) == [(pat.pk, False, "event", "consent_now", "event")]


def test_an_older_warehouse_does_not_undo_what_the_record_knows_better(now, saved, follower):
    pat = people_cast.pat()
    segment = saved(OPENED)
    reckon(now)
    happen(pat, "message_opened", now)
    follower.turn(now=now)
    full.refresh(full.plans(now=now), now=now)  # the warehouse has not heard of it yet
    assert inside(segment) == {pat.pk}
    reckon(now + timedelta(minutes=1))
    assert stays(segment) == [(pat.pk, True, "event", "message_opened", "")]


def test_a_new_definition_hears_of_what_the_warehouse_does_not_know_yet(now, saved):
    pat = people_cast.pat()
    people_cast.quinn()
    sync.refresh(now=now)
    happen(pat, "message_opened", now)
    segment = saved(OPENED)
    full.refresh_due(now=now)
    assert stays(segment) == [(pat.pk, True, "first_count", "", "")]


def test_who_dies_leaves(now, saved, follower):
    pat = people_cast.pat()
    segment = saved(All(()))
    reckon(now)
    Person.objects.filter(pk=pat.pk).update(deceased_at=now)
    follower.turn(now=now)
    assert stays(segment) == [(pat.pk, False, "first_count", "", "deceased")]


def test_a_stay_moves_to_the_record_that_is_left_of_a_merge(now, saved, follower):
    pat, double = people_cast.pat(), people_cast.person()
    happen(double, "message_opened", now)
    segment = saved(OPENED)
    reckon(now)
    follower.turn(now=now)
    later = now + timedelta(hours=1)
    made = merges.merge(by=BY, kept=pat, gone=double, rule="test", now=later)
    follower.turn(now=later)
    assert stays(segment) == [(pat.pk, True, "first_count", "", "")]
    merges.unmerge(by=BY, merge=made, now=later)
    follower.turn(now=later)
    assert inside(segment) == {double.pk}


def test_when_both_were_in_the_stay_of_the_record_that_is_gone_ends(now, saved):
    pat, double = people_cast.pat(), people_cast.person()
    segment = saved(All(()))
    reckon(now)
    merges.merge(by=BY, kept=pat, gone=double, rule="test", now=now)
    reckon(now + timedelta(minutes=1))
    assert stays(segment) == [(pat.pk, True, "first_count", "", ""), (double.pk, False, "first_count", "", "merged")]


def test_a_long_transaction_of_somebody_else_does_not_hold_it_up(now, saved, follower):
    pat = people_cast.pat()
    segment = saved(OPENED)
    reckon(now)
    with other_session() as late:
        late.execute("SELECT pg_current_xact_id()")
        happen(pat, "message_opened", now)
        assert follower.turn(now=now).changed.entered == 1
        assert follower.turn(now=now).people == 0
        late.execute("UPDATE people_person SET deceased_at = now() WHERE id = %s", [pat.pk])
        late.commit()
    follower.turn(now=now)
    assert inside(segment) == set()


def test_more_people_than_fit_into_a_turn_are_left_to_the_full_refresh(now, saved):
    segment = saved(OPENED)
    reckon(now)
    follower = Follower(at_most=2)
    follower.turn(now=now)
    people = [people_cast.person() for _ in range(3)]
    for one in people:
        happen(one, "message_opened", now)
    assert follower.turn(now=now).skipped
    assert inside(segment) == set()
    reckon(now)
    assert inside(segment) == {one.pk for one in people}


def test_sizes_tell_who_entered_and_left(now, saved):
    pat = people_cast.pat()
    happen(pat, "message_opened", now - timedelta(days=30))
    segment = saved(OPENED)
    reckon(now)
    quinn = people_cast.quinn()
    later = now + timedelta(days=1)
    happen(quinn, "message_opened", later)
    reckon(later)
    lines = SegmentCount.objects.filter(segment=segment).order_by("counted_at")
    assert [(one.people, one.entered, one.left) for one in lines] == [(1, 1, 0), (1, 1, 1)]


def test_the_stays_are_in_the_warehouse(now, saved, column):
    pat = people_cast.pat()
    segment = saved(All(()))
    reckon(now)
    sync.refresh(now=now + timedelta(minutes=1))
    assert column("SELECT pseudonym, segment_id, entered_at, left_at FROM member") == [
        (pat.pseudonym, segment.pk, now.astimezone(UTC).replace(tzinfo=None), None)
    ]
    Membership.objects.all().delete()
    sync.refresh(now=now + timedelta(minutes=2))
    assert column("SELECT count(*) FROM member") == [(0,)]
