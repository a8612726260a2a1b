"""Ready segments, lists from sheets, lists of segments, and who came and went, as Ana, an analyst and others see them."""

import csv
import io
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rapport.kit import clock as time
from rapport.segments import ready, starting, sync, uploads
from rapport.segments.builder import draft as drafts
from rapport.segments.language import Sex, parse
from rapport.segments.membership import lists, sheet
from rapport.segments.models import ListMaking, Segment
from rapport.trust.models import AuditEntry, Role
from tests import people_cast
from tests.segments.conftest import happen
from tests.segments.staying import OPENED, inside, reckon

pytestmark = pytest.mark.usefixtures("warehouse")
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def today(now):
    with time.travel(now):
        yield


@pytest.fixture
def as_ana(client, ana):
    client.force_login(ana)
    return client


@pytest.fixture
def as_analyst(client, hire):
    client.force_login(hire("Ann Alyst", Role.ANALYST))
    return client


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def send(client, *, form=None, name="Spring fair", purpose="P2", **more):
    said = {"form": str(form or uuid.uuid4()), "name": name, "purpose": purpose, **more}
    return client.post(reverse("segments:from_sheet"), said)


def csv_file(raw: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", raw, "text/csv")


# Ready segments


def test_the_page_shows_every_ready_segment_and_counts_them_when_it_asks(as_ana, now):
    people_cast.pat(), people_cast.quinn()
    sync.refresh(now=now)
    first = as_ana.get(reverse("segments:ready"))
    taken = {one.slug for one in ready.all_ready() if f"?ready={one.slug}" in first.content.decode()}
    assert taken == {one.slug for one in ready.all_ready()} - {"near-us"}  # no location says where it is
    assert "Being counted" in text(first)
    counted = as_ana.get(reverse("segments:ready") + "?counted=1", **HTMX)
    assert "<html" not in counted.content.decode()
    assert "Being counted" not in text(counted)
    assert "2 people now" in text(counted)  # nobody has a coverage on record
    assert "Not counted. No location of ours says where it is yet." in text(counted)


def test_a_ready_segment_that_its_purpose_may_not_use_is_not_counted(as_ana, now, monkeypatch):
    people_cast.pat()
    sync.refresh(now=now)
    delicate = ready.Ready(
        "delicate", "conditions", "Delicate", "Delicado", "About.", "Sobre.", "P2",
        {"is": "has_code", "codes": [{"system": "icd10cm", "code": "F10.20"}], "kind": "condition"},
    )  # fmt: skip
    monkeypatch.setattr(ready, "all_ready", lambda: (delicate,))
    (shelf,) = [one for one in starting.shelves(now=now, counted=True) if one.of]
    assert shelf.of[0].people is None
    assert "[" in shelf.of[0].why_not


def test_small_numbers_of_ready_segments_are_hidden_from_who_may_not_open_people(as_analyst, now):
    people_cast.pat()
    sync.refresh(now=now)
    counted = text(as_analyst.get(reverse("segments:ready") + "?counted=1"))
    assert "fewer than 11 people now" in counted
    assert not re.search(r"\b[01] people now", counted)


def test_taking_one_fills_the_builder(as_ana):
    page = as_ana.get(reverse("segments:new") + "?ready=mammogram-overdue")
    start = starting.ready_start("mammogram-overdue")
    import html

    written = html.unescape(re.search(r'name="definition" value="([^"]*)"', page.content.decode())[1])
    assert drafts.finish(drafts.read(written))[0] == start.node
    assert 'value="Mammogram overdue"' in page.content.decode()
    assert re.search(r'<option value="P1" selected', page.content.decode())
    assert starting.ready_start("near-us") is None
    assert starting.ready_start("nothing") is None
    assert "Everyone is in" in text(as_ana.get(reverse("segments:new") + "?ready=nothing"))


# Lists from sheets


def test_ana_makes_a_list_from_a_file_and_reads_what_became_of_each_line(as_ana):
    pat = people_cast.pat()
    raw = "email\npat.rivera@mail.example\nnobody@mail.example\npat.rivera@mail.example\n".encode("utf-16")
    sent = send(as_ana, file=csv_file(raw))
    listed = Segment.objects.get()
    assert sent.headers["Location"] == reverse("segments:sheet", args=[listed.slug])
    assert inside(listed) == {pat.pk}
    page = text(as_ana.get(sent.headers["Location"]))
    assert "of 3 lines" in page
    assert "Nobody we know answers to this." in page
    assert "Look for a typing mistake" in page
    assert "mail.example" not in page
    table = as_ana.get(reverse("segments:rejected", args=[listed.slug]))
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Line", "3", "4"]
    assert "mail.example" not in table.content.decode()
    assert AuditEntry.objects.get(verb="segment.import").details["rejected"] == 2


def test_sending_the_same_form_twice_makes_one_list(as_ana):
    people_cast.pat()
    form = uuid.uuid4()
    answers = {send(as_ana, form=form, text="pat.rivera@mail.example").headers["Location"] for _ in range(2)}
    assert len(answers) == 1
    assert Segment.objects.count() == ListMaking.objects.count() == 1
    again = lists.take_sheet(
        by=AuditEntry.objects.first().actor, text="x", name="Other", form=form, now=ListMaking.objects.get().segment.created_at
    )  # fmt: skip
    assert (again.segment, again.people) == (Segment.objects.get(), 1)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"name": " ", "text": "id\n1\n"}, "Give the list a name"),
        ({"name": "pat.rivera@mail.example", "text": "id\n1\n"}, "Leave out addresses and numbers of people"),
        ({"name": "Call 617 555 0100", "text": "id\n1\n"}, "Leave out addresses and numbers of people"),
        ({"name": "Number 00123457", "text": "id\n1\n"}, "Leave out addresses and numbers of people"),
        ({"name": "spring FAIR 25", "text": "id\n1\n"}, "There is a segment or a list of this name"),
        ({"text": " "}, "There is nothing in it"),
        ({"text": "colour,size\nred,9\n"}, "No column says who is meant"),
        ({"text": 'id\n"1\n' + "x" * 140_000}, "a cell has no end"),
        ({"text": "id\n1\n", "purpose": "P99"}, "Select a valid choice"),
        ({"file": b"PK\x03\x04 workbook"}, "Save the sheet as CSV"),
        ({"file": b"id\n\x00\x81\x00"}, "no text that can be read"),
        ({"file": b"id\n1\n", "text": "id\n2\n"}, "Send one of the two"),
        ({"text": "x" * 3_000_000}, "too much to paste"),
    ],
)
def test_what_can_not_be_taken_is_said_in_words_and_makes_no_list(as_ana, saved, said, word):
    saved(Sex(("F",)), name="Spring Fair 25")
    if "file" in said:
        said = said | {"file": csv_file(said["file"])}
    page = send(as_ana, **said)
    assert page.status_code == 422
    assert word in text(page)
    assert not Segment.objects.filter(kind="list").exists()


@pytest.mark.parametrize("name", ["Fair 2026-03-04", "ZIP 02139 02140, 50 to 74", "Feria de 11/30/2026"])
def test_days_and_places_may_stand_in_a_name(as_ana, name):
    assert send(as_ana, name=name, text="id\n1\n").status_code == 302


def test_western_letters_of_an_old_spreadsheet_are_read(as_ana):
    jose = people_cast.person(given="José", family="Núñez")
    raw = f"first name;last name;date of birth\nJosé;Núñez;{jose_born(jose)}\n".encode("cp1252")
    send(as_ana, file=csv_file(raw))
    assert inside(Segment.objects.get()) == {jose.pk}


def jose_born(person) -> str:
    from rapport.people import queries
    from tests.segments.staying import BY

    (card,) = queries.cards(by=BY, person_ids=[person.pk], now=time.now())
    return card.birth_date.isoformat()


def test_a_file_too_long_is_read_past_and_never_held(as_ana, monkeypatch):
    held = []
    monkeypatch.setattr(uploads, "LONGEST", 1_000)
    monkeypatch.setattr(uploads, "ROOM", 1_000)
    monkeypatch.setattr(uploads.SheetUpload, "receive_data_chunk", lambda self, data, start: held.append(len(data)))
    page = send(as_ana, file=csv_file(b"id\n" + b"1\n" * 50_000))
    assert page.status_code == 422
    assert "larger than 20 MB" in text(page)
    assert held == []
    assert sheet.LONGEST == 20_000_000


def test_a_form_of_another_site_makes_no_list(ana):
    from django.test import Client

    people_cast.pat()
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(ana)
    assert send(stranger, text="pat.rivera@mail.example").status_code == 403
    assert not Segment.objects.exists()


def test_who_may_not_open_people_can_not_ask_for_them_by_name(as_analyst):
    people_cast.pat()
    assert "Your role does not open people" in text(as_analyst.get(reverse("segments:from_sheet")))
    assert send(as_analyst, text="pat.rivera@mail.example").status_code == 403
    assert not Segment.objects.exists()


def test_who_may_not_open_people_sees_no_line_and_no_small_number_of_a_sheet(client, as_analyst, ana, now):
    people_cast.pat()
    lines = "email\npat.rivera@mail.example\n" + "".join(f"nobody{n}@mail.example\n" for n in range(20))
    slug = lists.take_sheet(by=ana, text=lines, name="Fair", now=now).segment.slug
    page = text(as_analyst.get(reverse("segments:sheet", args=[slug])))
    assert page.count("not shown") >= 2
    assert not re.search(r"\b20\b", page)
    assert "typing mistake" not in page
    assert as_analyst.get(reverse("segments:rejected", args=[slug])).status_code == 403


def test_the_front_desk_sees_no_lists(client, bea, ana, now):
    slug = lists.take_sheet(by=ana, text="id\n1\n", name="Fair", now=now, keep_empty=True).segment.slug
    client.force_login(bea)
    for route in ("sheet", "rejected", "keep", "moves"):
        assert client.get(reverse(f"segments:{route}", args=[slug])).status_code == 403
    assert client.get(reverse("segments:from_sheet")).status_code == 403
    assert client.get(reverse("segments:ready")).status_code == 403


# Lists of segments


def test_a_segment_is_kept_as_a_list_after_a_look(as_ana, saved, now):
    pat = people_cast.pat()
    happen(pat, "message_opened", now)
    segment = saved(OPENED)
    reckon(now)
    look = as_ana.get(reverse("segments:keep", args=[segment.slug]))
    assert "People in it now 1" in text(look)
    assert 'value="Openers, Mar 4, 2026"' in look.content.decode()
    form = {"form": str(uuid.uuid4()), "name": "Openers in March", "note": "for the fair"}
    answers = {as_ana.post(reverse("segments:keep", args=[segment.slug]), form).headers["Location"] for _ in range(2)}
    assert answers == {"/segments/openers-in-march/"}
    kept = Segment.objects.get(kind="list")
    assert inside(kept) == {pat.pk}
    assert (kept.note, kept.origin.segment) == ("for the fair", segment)
    assert AuditEntry.objects.filter(verb="segment.freeze").count() == 1
    assert "Kept from" in text(as_ana.get(reverse("segments:moves", args=[kept.slug])))
    assert as_ana.get(reverse("segments:keep", args=[kept.slug])).status_code == 302


def test_before_anybody_can_be_counted_no_list_is_made(as_ana, saved):
    segment = saved(OPENED)
    page = as_ana.get(reverse("segments:keep", args=[segment.slug]))
    assert "Nobody can be counted yet" in text(page)
    sent = as_ana.post(reverse("segments:keep", args=[segment.slug]), {"form": str(uuid.uuid4()), "name": "Kept"})
    assert sent.status_code == 422
    assert not Segment.objects.filter(kind="list").exists()


def test_an_analyst_keeps_a_segment_without_seeing_a_small_number(as_analyst, saved, now):
    pat = people_cast.pat()
    happen(pat, "message_opened", now)
    segment = saved(OPENED)
    reckon(now)
    assert "fewer than 11" in text(as_analyst.get(reverse("segments:keep", args=[segment.slug])))


# Who came and went, and the list of segments


def test_who_came_and_went_is_told_by_day_to_who_may_open_people(client, ana, hire, saved, now):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    for person in (pat, quinn):
        happen(person, "message_opened", now - timedelta(days=29))
    segment = saved(OPENED)
    reckon(now)
    later = now + timedelta(days=3)
    reckon(later)
    with time.travel(later):
        client.force_login(ana)
        mine = client.get(reverse("segments:moves", args=[segment.slug]))
        client.force_login(hire("Ann Alyst", Role.ANALYST))
        hers = client.get(reverse("segments:moves", args=[segment.slug]), **HTMX)
    assert re.search(r"Entered.*2.*Left.*2", text(mine))
    assert "Entered and left, day by day" in text(mine)
    assert "Fewer than 11 people entered or left" in text(hers)
    assert "<circle" not in hers.content.decode()


def test_the_list_of_segments_says_what_is_a_list_how_big_and_from_which_version(as_ana, now):
    assert "Start from a ready segment" in text(as_ana.get(reverse("segments:index")))
    people_cast.pat()
    sync.refresh(now=now)
    send(as_ana, text="pat.rivera@mail.example")
    page = text(as_ana.get(reverse("segments:index")))
    assert re.search(r"Spring fair List", page)
    assert re.search(r"events · version \d+", page)
    assert parse(Segment.objects.get().definition)
    assert "People put on it from a sheet. 1" in page
