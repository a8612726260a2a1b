"""What other rooms ask about stays."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from rapport.segments.language import All
from rapport.segments.membership import full, queries
from tests import people_cast
from tests.segments.conftest import happen
from tests.segments.staying import OPENED, reckon

pytestmark = pytest.mark.usefixtures("warehouse")


def test_a_person_page_says_where_she_is_since_when_and_why(now, saved, follower):
    pat = people_cast.pat()
    everybody, openers = saved(All(()), "Everybody"), saved(OPENED)
    reckon(now)
    follower.turn(now=now)
    later = now + timedelta(hours=1)
    happen(pat, "message_opened", later)
    follower.turn(now=later)
    assert [(one.segment, one.entered_at, str(one.why), one.kind) for one in queries.stays(pat.pk)] == [
        (openers, later, "event", "message_opened"),
        (everybody, now, "first_count", ""),
    ]
    full.refresh_due(now=now + timedelta(days=40))
    assert [one.segment for one in queries.stays(pat.pk)] == [everybody]
    past = queries.stays(pat.pk, also_past=True)[0]
    assert (past.segment, past.left_at, past.left_why) == (openers, now + timedelta(days=40), "time")


def test_members_are_read_page_by_page(now, saved):
    people = sorted(people_cast.person().pk for _ in range(5))
    segment = saved(All(()))
    reckon(now)
    first = queries.members(segment, limit=3)
    assert first + queries.members(segment.pk, after=first[-1], limit=3) == people
    assert queries.size(segment) == 5
    assert queries.among([people[0], 10**9], segment) == {people[0]}


def test_journeys_hear_of_everybody_once(now, saved, follower):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    segment = saved(OPENED)
    reckon(now)
    follower.turn(now=now)
    happen(pat, "message_opened", now)
    follower.turn(now=now)
    first = queries.entered_since(segment, now)
    assert [one.person_id for one in first] == [pat.pk]
    happen(quinn, "message_opened", now)
    follower.turn(now=now)
    assert [one.person_id for one in queries.entered_since(segment, now, after=first[-1].membership_id)] == [quinn.pk]
    assert queries.entered_since(segment, now + timedelta(seconds=1)) == []
    assert queries.is_member(pat.pk, segment)
    assert not queries.is_member(10**9, segment)


def test_the_flow_counts_who_came_and_went_on_each_day_of_the_clinic(now, saved):
    happen(people_cast.pat(), "message_opened", now - timedelta(days=30))
    segment = saved(OPENED)
    reckon(now)
    happen(people_cast.quinn(), "message_opened", now)
    full.refresh_due(now=now + timedelta(days=1))
    later = now + timedelta(days=2)
    reckon(later)
    flow = queries.flow_of(segment, 4, now=later)
    assert [(one.entered, one.left) for one in flow] == [(0, 0), (1, 0), (1, 1), (0, 0)]
    assert [one.day.isoformat() for one in flow] == ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]


def test_stays_are_seen_by_whoever_sees_the_person(now, saved):
    people_cast.pat()
    segment = saved(All(()))
    reckon(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('rapport.scope', 'some', true)")
        assert queries.members(segment) == []
    assert queries.size(segment) == 1
