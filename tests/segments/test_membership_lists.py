"""Lists: a picture of a segment, or the people of a sheet, of which nothing else is kept."""

import json
from datetime import timedelta

import pytest

from rapport.people import merges
from rapport.people.models import Person
from rapport.segments import actions, queries
from rapport.segments.language import InSegment, Misformed, Sex, parse
from rapport.segments.membership import lists, sheet
from rapport.segments.models import Membership, Segment, SegmentCount
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.segments.conftest import happen
from tests.segments.staying import BY, OPENED, inside, reckon, stays

pytestmark = pytest.mark.usefixtures("warehouse")


def take(text: str, now, **more) -> lists.Taken:
    return lists.take_sheet(by=BY, text=text, name="Spring fair", now=now, **more)


def test_a_frozen_segment_keeps_its_people_while_the_live_one_moves_on(now, saved, follower):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    happen(pat, "message_opened", now)
    segment = saved(OPENED)
    reckon(now)
    follower.turn(now=now)
    frozen = lists.freeze(by=BY, segment=segment, name="Openers in March", now=now)
    happen(quinn, "message_opened", now)
    follower.turn(now=now)
    reckon(now + timedelta(days=40))
    assert stays(frozen) == [(pat.pk, True, "list", "", "")]
    assert inside(segment) == set()
    assert (frozen.kind, frozen.purpose, frozen.origin.version) == ("list", segment.purpose, 1)
    assert parse(frozen.definition) == InSegment((frozen.pk,))


def test_a_segment_that_was_never_counted_is_asked_when_it_is_frozen(now, saved):
    pat = people_cast.pat()
    happen(pat, "message_opened", now)
    reckon(now)
    frozen = lists.freeze(by=BY, segment=saved(OPENED), name="Openers", now=now)
    assert inside(frozen) == {pat.pk}


def test_a_list_can_be_asked_like_every_segment_and_has_a_size(now, saved):
    pat, _quinn = people_cast.pat(), people_cast.quinn()
    happen(pat, "message_opened", now)
    segment = saved(OPENED)
    reckon(now)
    frozen = lists.freeze(by=BY, segment=segment, name="Kept", now=now)
    reckon(now + timedelta(minutes=1))
    assert queries.person_ids(parse(frozen.definition), now, purpose="P2") == [pat.pk]
    assert SegmentCount.objects.filter(segment=frozen).latest("counted_at").people == 1


def test_the_dead_leave_a_list_and_a_merged_record_passes_its_place_on(now, saved, follower):
    pat, quinn, double = people_cast.pat(), people_cast.quinn(), people_cast.person()
    listed = take(f"id\n{quinn.pk}\n{double.pk}\n", now).segment
    follower.turn(now=now)
    Person.objects.filter(pk=quinn.pk).update(deceased_at=now)
    merges.merge(by=BY, kept=pat, gone=double, rule="test", now=now)
    follower.turn(now=now)
    assert inside(listed) == {pat.pk}
    assert (quinn.pk, False, "list", "", "deceased") in stays(listed)


def test_the_full_refresh_does_the_same_to_a_list_without_the_live_one(now):
    pat, quinn, double = people_cast.pat(), people_cast.quinn(), people_cast.person()
    listed = take(f"id\n{quinn.pk}\n{double.pk}\n", now).segment
    Person.objects.filter(pk=quinn.pk).update(deceased_at=now)
    merges.merge(by=BY, kept=pat, gone=double, rule="test", now=now)
    reckon(now)
    assert inside(listed) == {pat.pk}


def test_a_sheet_becomes_a_list_and_every_other_line_comes_back_with_its_reason(now):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    people_cast.person(emails=("shared@mail.example",))
    people_cast.person(emails=("shared@mail.example",))
    taken = take(
        "\ufeffE-mail;First name;Last name;Date of birth\r\n"
        "pat.rivera@mail.example;;;\r\n"
        ";Quinn;Okafor;11/30/1964\r\n"
        "nobody@mail.example;;;\r\n"
        "shared@mail.example;;;\r\n"
        ";Quinn;Okafor;some day\r\n"
        "\r\n"
        "PAT.RIVERA@mail.example;;;\r\n",
        now,
    )
    assert inside(taken.segment) == {pat.pk, quinn.pk}
    assert taken.people == 2
    assert [(one.line, one.problem) for one in taken.rejected] == [
        (4, "unknown"), (5, "several"), (6, "unreadable"), (8, "again"),
    ]  # fmt: skip
    assert all(one.reason.endswith(".") for one in taken.rejected)


def test_of_a_sheet_only_the_people_are_kept(now):
    people_cast.pat()
    taken = take("email\npat.rivera@mail.example\ncanary.person@mail.example\n", now)
    line = AuditEntry.objects.get(verb="segment.import")
    kept = json.dumps([line.details, taken.segment.definition, list(Membership.objects.values())], default=str)
    assert line.details == {"lines": 2, "people": 1, "rejected": 1, "purpose": "P2"}
    assert "mail.example" not in kept


def test_a_bare_column_of_addresses_needs_no_heading(now):
    pat = people_cast.pat()
    assert inside(take("pat.rivera@mail.example\n", now).segment) == {pat.pk}


@pytest.mark.parametrize("text", ["", "colour,shoe size\nred,9\n", "first name,last name\nPat,Rivera\n"])
def test_a_sheet_that_says_nobody_makes_no_list(text, now):
    with pytest.raises((sheet.UnreadableSheet, lists.NobodyKnown), match="heading" if text else "Nobody"):
        take(text, now)
    assert not Segment.objects.exists()


def test_a_list_too_long_is_refused(now, monkeypatch):
    monkeypatch.setattr(sheet, "MOST", 2)
    with pytest.raises(sheet.UnreadableSheet, match="Split"):
        take("id\n1\n2\n3\n", now)


def test_a_list_is_no_live_segment(now, saved):
    people_cast.pat()
    listed = take("id\n1\n", now, keep_empty=True).segment
    with pytest.raises(lists.AlreadyAList):
        lists.freeze(by=BY, segment=listed, name="Again", now=now)
    with pytest.raises((actions.NotALiveSegment, Misformed)):
        actions.save(by=BY, now=now, name="Women", node=Sex(("F",)), segment=listed)
    with pytest.raises(actions.Nameless):
        lists.take_sheet(by=BY, text="id\n1\n", name=" ", now=now)
    with pytest.raises(actions.Purposeless):
        take("id\n1\n", now, purpose="P99")
