"""Long sheets are read by the worker: watched, stopped, taken up again after a kill; and single people go on a list and off it."""

import os
import signal
import subprocess
import sys
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from rapport import flow
from rapport.kit import clock as time
from rapport.people.models import Person
from rapport.segments.membership import lists, reading
from rapport.segments.models import ListMaking, Membership, Segment, SheetReading
from rapport.trust.actors import System
from rapport.trust.models import AuditEntry, Grant, Role, SubjectKey
from tests import people_cast
from tests.home import desk_stage
from tests.segments.staying import BY, inside, stays
from tests.segments.test_list_pages import as_ana, send, text  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("warehouse")
CANARY = "canary.person@mail.example"


@pytest.fixture(autouse=True)
def small_parts(now, monkeypatch):
    monkeypatch.setattr(reading, "AT_ONCE", 3)
    monkeypatch.setattr(reading, "PART", 2)
    with time.travel(now):
        yield


@pytest.fixture
def known(db):
    return [people_cast.pat(), people_cast.quinn(), people_cast.person()]


def lines(known) -> str:
    """Six lines: three people, one of them twice, a stranger, a cell that can't be read."""
    ids = [str(one.pk) for one in known]
    return "id,email\n" + "\n".join([f"{ids[0]},", f",{CANARY}", f"{ids[1]},", f"{ids[0]},", "x,", f"{ids[2]},"])


def put_in_line(by, known, now, **more) -> SheetReading:
    said = {"name": "Fair", "purpose": "P2", "form": uuid.uuid4()} | more
    return reading.begin(by=by, text=lines(known), now=now, **said)


def read_all(now) -> list[int]:
    found = []
    while (many := reading.turn(now=now)) and len(found) < 9:
        found.append(many)
    return found


def test_a_long_sheet_is_read_by_the_worker_while_its_page_tells_how_far(as_ana, known, now):  # noqa: F811
    form = uuid.uuid4()
    sent = {send(as_ana, form=form, text=lines(known)).headers["Location"] for _ in range(2)}
    row = SheetReading.objects.get()
    assert sent == {reverse("segments:reading", args=[row.pk])}
    assert CANARY.encode() not in bytes(row.text)
    page = as_ana.get(*sent)
    assert "every 2s" in page.content.decode()  # which says that it is no human: background.js
    assert "0 of 6" in text(page)
    assert "is being read" in text(as_ana.get(reverse("segments:index")))
    assert flow.tick(owner="t:1", by=System("worker"), now=now).sheets == 2
    fragment = as_ana.get(*sent, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment
    assert "2 of 6" in fragment
    assert read_all(now) == [2, 2]
    done = text(as_ana.get(*sent))
    assert "The list is made" in done
    listed = Segment.objects.get()
    assert inside(listed) == {one.pk for one in known}
    assert lists.taken(listed).rejected == tuple(
        lists.Rejected(*one) for one in ((3, "unknown"), (5, "again"), (6, "unreadable"))
    )
    row.refresh_from_db()
    assert (row.state, row.text, row.found, row.people) == ("done", None, None, 3)
    assert SubjectKey.objects.get(subject=row.key).wrapped is None
    assert (
        AuditEntry.objects.get(verb="segment.import").actor.email
        == AuditEntry.objects.get(verb="segment.sheet").actor.email
    )
    again = send(as_ana, form=form, text=lines(known))
    assert again.headers["Location"] == reverse("segments:sheet", args=[listed.slug])


def test_a_sheet_is_stopped_by_whoever_sent_it_and_by_nobody_else(as_ana, client, ana, cole, known, now):  # noqa: F811
    row = put_in_line(ana, known, now)
    reading.turn(now=now)
    client.force_login(cole)
    assert client.get(reverse("segments:reading", args=[row.pk])).status_code in {403, 404}
    client.force_login(ana)
    assert "Stopped: there is no list" in text(
        client.post(reverse("segments:stop_reading", args=[row.pk]), follow=True)
    )
    assert read_all(now) == []
    row.refresh_from_db()
    assert (row.text, row.found, Segment.objects.count()) == (None, None, 0)
    with pytest.raises(reading.Ended):
        reading.cancel(by=ana, row=row, now=now)


def test_whoever_lost_the_right_meanwhile_gets_no_answer_and_a_broken_sheet_holds_nobody_up(
    ana, hire, known, now, monkeypatch
):
    other = hire("Ann Other", Role.MARKETER)
    lost, broken, good = (put_in_line(by, known, now, name=f"Fair {n}") for n, by in enumerate((ana, other, other)))
    ana.grants.all().delete()
    monkeypatch.setattr(
        reading, "_text", lambda row, key, real=reading._text: 1 / 0 if row.pk == broken.pk else real(row, key)
    )
    read_all(now)
    found = {one.pk: one for one in SheetReading.objects.all()}
    assert (found[lost.pk].state, found[lost.pk].problem) == ("refused", reading.LOST_RIGHTS)
    assert (found[broken.pk].state, found[broken.pk].problem) == ("refused", reading.BROKEN)
    ended = AuditEntry.objects.filter(verb="segment.sheet_refuse").values_list("thing", flat=True)
    assert sorted(ended) == [f"sheet:{lost.pk}", f"sheet:{broken.pk}"]
    assert (found[good.pk].state, Segment.objects.count()) == ("done", 1)


def test_a_sheet_that_always_meets_an_error_of_the_database_holds_up_no_other_and_is_ended(
    ana, known, now, monkeypatch
):
    """As a statement that takes too long does: the database goes on answering."""
    stuck, good = (put_in_line(ana, known, now, name=name) for name in ("Stuck", "Good"))
    match = lists.match_into

    def match_or_fail(people, part):
        if SheetReading.objects.get(pk=stuck.pk).state == "waiting" and turn_of == [stuck.pk]:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")
        return match(people, part)

    part = reading._part
    turn_of = []
    monkeypatch.setattr(reading, "_part", lambda row, at: (turn_of.__setitem__(slice(None), [row.pk]), part(row, at)))
    monkeypatch.setattr(lists, "match_into", match_or_fail)
    reading.turn(now=now)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.read, stuck.stumbles, stuck.rejected) == ("waiting", 0, 1, [])
    for _ in range(3):
        reading.turn(now=now)
    assert SheetReading.objects.get(pk=good.pk).state == "done"
    for _ in range(reading.PATIENCE):
        reading.turn(now=now)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.problem, stuck.text) == ("refused", reading.BROKEN, None)
    assert AuditEntry.objects.filter(verb="segment.sheet_refuse", thing=f"sheet:{stuck.pk}").exists()
    assert Segment.objects.get().name == "Good"


def test_where_nobody_is_known_no_list_is_made_unless_an_empty_one_is_wanted(as_ana, known):  # noqa: F811
    sent = send(as_ana, text=f"email\n{CANARY}\n")
    assert "Nobody on this sheet is known to us" in text(as_ana.get(sent.headers["Location"]))
    assert not Segment.objects.exists()
    row = SheetReading.objects.get()
    kept = as_ana.post(reverse("segments:keep_empty", args=[row.pk]))
    listed = Segment.objects.get()
    assert kept.headers["Location"] == reverse("segments:people", args=[listed.slug])
    assert (ListMaking.objects.get().people, inside(listed)) == (0, set())
    assert as_ana.post(reverse("segments:keep_empty", args=[row.pk])).headers["Location"] == sent.headers["Location"]


def test_one_person_goes_on_a_list_and_off_it_and_both_are_on_record(as_ana, ana, known, now):  # noqa: F811
    pat, quinn, _ = known
    listed = lists.take_sheet(by=ana, text=f"id\n{quinn.pk}\n", name="Fair", now=now).segment
    put, people = reverse("segments:put_on", args=[listed.slug]), reverse("segments:people", args=[listed.slug])
    assert "Put on the list." in text(as_ana.post(put, {"who": "pat.rivera@mail.example"}, follow=True))
    assert "was on the list already" in text(as_ana.post(put, {"who": "pat.rivera@mail.example"}, follow=True))
    assert inside(listed) == {pat.pk, quinn.pk}
    assert f"/people/{pat.pk}/off/" in as_ana.get(people).content.decode()
    missed = as_ana.post(put, {"who": CANARY})
    assert missed.status_code == 422
    assert "Nobody we know answers to this." in text(missed)
    asked = AuditEntry.objects.get(
        verb="segment.ask_for"
    )  # to ask whether we know somebody is on record, as every search is
    assert (asked.actor, asked.thing, CANARY in str(asked.details)) == (ana, f"segment:{listed.slug}", False)
    off = reverse("segments:take_off", args=[listed.slug, pat.pk])
    for words in ("Taken off the list.", "not on the list any more"):
        assert words in text(as_ana.post(off, follow=True))
    assert (pat.pk, False, "list", "", "list") in stays(listed)
    assert [one.verb for one in AuditEntry.objects.filter(verb__in=["segment.put_on", "segment.take_off"]).order_by("id")] == [
        "segment.put_on", "segment.take_off",
    ]  # fmt: skip


def test_nobody_is_put_on_a_live_segment_and_no_dead_on_a_list(ana, known, now, saved):
    from rapport.segments.language import Sex

    with pytest.raises(lists.NotAList):
        lists.put_on(by=BY, segment=saved(Sex(("F",))), person_id=known[0].pk, now=now)
    listed = lists.take_sheet(by=ana, text="id\n1\n", name="Fair", now=now, keep_empty=True).segment
    Person.objects.filter(pk=known[0].pk).update(deceased_at=now)
    with pytest.raises(Person.DoesNotExist):
        lists.put_on(by=BY, segment=listed, person_id=known[0].pk, now=now)


def test_people_are_named_only_as_far_as_one_may_open_them(client, hire, known, now):
    """Making segments everywhere does not widen the sight of who opens people at one place."""
    place = desk_stage.lowell()
    Person.objects.filter(pk=known[1].pk).update(home_location=place)
    ann = hire("Ann Alyst", Role.ANALYST)
    Grant.objects.create(user=ann, role=Role.FRONT_DESK, location_id=place.pk, granted_at=now)
    client.force_login(ann)
    listed = lists.take_sheet(by=BY, text=f"id\n{known[2].pk}\n", name="Fair", now=now).segment
    put = reverse("segments:put_on", args=[listed.slug])
    for who in ("pat.rivera@mail.example", CANARY):
        missed = client.post(put, {"who": who})
        assert missed.status_code == 422
        assert "Nobody we know answers to this." in text(missed)
        assert "Testa" not in text(missed)
    assert client.post(reverse("segments:take_off", args=[listed.slug, known[2].pk])).status_code == 302
    assert inside(listed) == {known[2].pk}
    taken = send(client, name="Sheet", text=f"id\n{known[0].pk}\n{known[1].pk}\n")
    assert inside(Segment.objects.get(name="Sheet")) == {known[1].pk}
    assert taken.status_code == 302


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_after_a_kill_in_the_middle_the_sheet_is_read_to_its_end_and_nobody_is_on_the_list_twice(ana, known, now):
    row = put_in_line(ana, known, now)
    command = [sys.executable, "-c", KILLED]
    environment = {**os.environ, "TEST_DATABASE": connection.settings_dict["NAME"]}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline().strip() == "in the second part"
        running.send_signal(signal.SIGKILL)
    row.refresh_from_db()
    assert (row.state, row.read, len(row.rejected)) == ("waiting", 2, 1)
    with connection.cursor() as cursor:  # the killed one's lock goes with its connection
        cursor.execute("SELECT id FROM segments_sheetreading FOR UPDATE")
    assert read_all(now) == [2, 2]
    listed = Segment.objects.get()
    assert inside(listed) == {one.pk for one in known}
    assert Membership.objects.filter(segment=listed).count() == 3
    assert [line for line, _ in ListMaking.objects.get().rejected] == [3, 5, 6]


KILLED = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()
from rapport.kit import clock
from rapport.segments.membership import lists, reading
reading.PART = 2
reading.turn(now=clock.now())
match = lists.match_into
def slowly(people, lines):
    found = match(people, lines)
    print("in the second part", flush=True)
    time.sleep(60)
    return found
lists.match_into = slowly
reading.turn(now=clock.now())
"""
