"""Two at once, killed in the middle, around midnight: nobody is in twice, nobody is forgotten."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, connections

from rapport.segments import actions, sync
from rapport.segments.language import All, InSegment, LivesWith, None_, Sex, windows
from rapport.segments.membership import full, lists, live, stays
from rapport.segments.membership.live import Follower
from rapport.segments.membership.plans import plans
from rapport.segments.models import Membership, Reckoning, SeenMark, Segment
from tests import people_cast
from tests.segments.conftest import happen
from tests.segments.other_session import other_session
from tests.segments.staying import BY, OPENED, inside, reckon
from tests.segments.staying import stays as written

pytestmark = pytest.mark.usefixtures("warehouse")


def at_once(*acts) -> list[BaseException]:
    """Run these in threads of their own, at the same time."""
    gate, wrong = threading.Barrier(len(acts)), []

    def run(act) -> None:
        try:
            gate.wait()
            act()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return wrong


def test_two_full_refreshes_at_once_let_everybody_in_once(now, saved):
    people = [people_cast.person() for _ in range(20)]
    segment = saved(All(()))
    sync.refresh(now=now)
    some = plans(now=now)
    assert not at_once(*[lambda: full.refresh(some, now=now)] * 3)
    assert Membership.objects.count() == len(people)
    assert inside(segment) == {one.pk for one in people}


def test_full_and_live_refresh_at_once_lose_nobody(now, saved):
    people = [people_cast.person() for _ in range(12)]
    segment = saved(OPENED)
    reckon(now)
    followers = [Follower(), Follower()]
    followers[0].turn(now=now)
    stop = threading.Event()

    def follow(follower) -> None:
        while not stop.is_set():
            follower.turn(now=now)
        follower.turn(now=now)

    def live_on() -> None:
        for number, one in enumerate(people):
            happen(one, "message_opened", now)
            if number % 4 == 0:
                reckon(now + timedelta(seconds=number))
        stop.set()

    assert not at_once(lambda: follow(followers[0]), lambda: follow(followers[1]), live_on)
    followers[0].turn(now=now)
    assert inside(segment) == {one.pk for one in people}
    assert Membership.objects.filter(segment=segment).count() == len(people)


def test_a_segment_that_somebody_holds_is_asked_in_the_next_turn(now, saved, follower):
    pat = people_cast.pat()
    held, free = saved(OPENED), saved(OPENED, "The same")
    reckon(now)
    follower.turn(now=now)
    with other_session() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [stays._LOCK, held.pk])
        happen(pat, "message_opened", now)
        follower.turn(now=now)
        assert (inside(held), inside(free)) == (set(), {pat.pk})
        other.rollback()
    follower.turn(now=now)
    assert inside(held) == {pat.pk}


@pytest.mark.parametrize("where", ["stays.apply", "Reckoning.objects.update_or_create"])
def test_a_full_refresh_that_dies_in_the_middle_has_done_nothing(where, now, saved, monkeypatch):
    people_cast.pat()
    segment = saved(All(()))
    sync.refresh(now=now)

    class Killed(BaseException):
        """As a signal would end it."""

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patched:
        if where == "stays.apply":
            patched.setattr(live, "ask_again", die)
        else:
            patched.setattr(type(Reckoning.objects), "update_or_create", die)
        with pytest.raises(Killed):
            full.refresh_due(now=now)
    assert (inside(segment), Reckoning.objects.count()) == (set(), 0)
    full.refresh_due(now=now)
    assert len(inside(segment)) == 1


def test_a_turn_that_dies_in_the_middle_is_taken_again(now, saved, follower, monkeypatch):
    pat = people_cast.pat()
    segment = saved(OPENED)
    reckon(now)
    follower.turn(now=now)
    happen(pat, "message_opened", now)
    before = SeenMark.objects.get().snapshot
    with monkeypatch.context() as patched:
        patched.setattr(stays, "_ENTER", "SELECT 1 / 0")
        with pytest.raises(Exception, match="division"):
            follower.turn(now=now)
    assert SeenMark.objects.get().snapshot == before
    Follower().turn(now=now)  # another process
    assert inside(segment) == {pat.pk}


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_the_day_changes_at_midnight_of_the_clinic_also_when_the_clocks_change(day, now):
    """New York: 8 March has 23 hours, 1 November 25."""
    noon = datetime(day.year, day.month, day.day, 16, 0, tzinfo=UTC)
    pat = people_cast.pat()
    happen(pat, "message_opened", noon)
    today = actions.save(
        by=BY, now=noon, name="Today", node=type(OPENED)("message_opened", within=windows.Last(0, "day"))
    )
    reckon(noon)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=4 if day.month == 3 else 5)
    full.refresh_due(now=midnight - timedelta(microseconds=1))
    assert inside(today) == {pat.pk}
    full.refresh_due(now=midnight)
    assert written(today) == [(pat.pk, False, "first_count", "", "time")]


def test_who_lives_with_somebody_is_asked_again_with_her(now, saved, follower):
    from rapport.people.models import Household, Relationship

    pat, quinn, zoe = people_cast.pat(), people_cast.quinn(), people_cast.person()
    house = Household.objects.create(created_at=now)
    for one in (pat, quinn):
        Relationship.objects.create(person=one, household=house, kind="member")
    segment = saved(LivesWith((OPENED,)))
    reckon(now)
    follower.turn(now=now)
    happen(pat, "message_opened", now)
    follower.turn(now=now)
    assert inside(segment) == {quinn.pk}
    Relationship.objects.create(person=zoe, household=house, kind="member")
    follower.turn(now=now)
    assert inside(segment) == {quinn.pk, zoe.pk}


def test_a_segment_that_names_a_list_follows_the_list(now, saved, follower):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    base = saved(Sex(("F",)), "Women")
    reckon(now)
    listed = lists.freeze(by=BY, segment=base, name="Women in March", now=now)
    both = saved(None_((InSegment((listed.pk,)),)), "Not on the list")
    reckon(now)
    follower.turn(now=now)
    assert (inside(listed), inside(both)) == ({pat.pk, quinn.pk}, set())
    Membership.objects.filter(segment=listed, person=pat).update(left_at=now, left_why="list")
    follower.turn(now=now)
    assert inside(both) == {pat.pk}
    assert Segment.objects.get(pk=listed.pk).origin.segment == base
    assert connection.vendor == "postgresql"
