"""Scripts, inbox texts and words to the phone: kept, handed in, frozen, and written in editors of their own."""

from datetime import date

import msgspec
import pytest
from django.db import DatabaseError, transaction

from rapport.content import actions, lint, parts, preview_people, telling
from rapport.content.models import Piece, Version
from rapport.content.reviewing import actions as reviewing
from rapport.messaging import compose
from rapport.messaging.models import Call, PortalMessage
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.content.test_parts import MESSAGE, PUSH, SCRIPT
from tests.messaging import paper_stage, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def begin(now, ana):
    def start(channel, topic="care", by=ana, language="en"):
        return actions.start(
            by=by, name="Visit", topic=topic, language=language, now=now, channel=channel, slug=f"visit-{channel}"
        )

    return start


@pytest.mark.parametrize(("channel", "said"), [("call", SCRIPT), ("portal", MESSAGE), ("push", PUSH)])
def test_words_are_kept_and_handed_in_and_approved_as_text(begin, ana, hire, dr_ito, now, channel, said):
    piece = begin(channel)
    draft = telling.keep(by=ana, piece=piece, said=said, now=now)
    assert (draft.state, parts.read(draft.parts), draft.mjml) == ("draft", said, "")
    made = telling.hand_in(by=ana, piece=piece, said=said, now=now)
    assert (made.pk, made.state) == (draft.pk, "review")
    assert telling.hand_in(by=ana, piece=piece, said=said, now=now).state == "review", "twice is once"
    for kind, by, credential in (("clinical", dr_ito, "MD"), ("marketing", hire("Mia Ortiz", "marketer"), "")):
        made = reviewing.approve(
            by=by, version=made, kind=kind, digest_seen=made.digest, credential=credential, now=now
        )
    assert made.state == "published"
    assert lint.blocking(made, now) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=made.pk).update(parts={})


def test_a_change_takes_words_off_the_desk(begin, ana, now):
    piece = begin("call")
    made = telling.hand_in(by=ana, piece=piece, said=SCRIPT, now=now)
    telling.keep(by=ana, piece=piece, said=msgspec.structs.replace(SCRIPT, close="Bye, {{ clinic.phone }}."), now=now)
    made.refresh_from_db()
    assert (made.state, made.digest) == ("draft", "")


def test_what_is_wrong_is_not_handed_in(begin, ana, now):
    piece = begin("push")
    with pytest.raises(actions.NotPublishable):
        telling.hand_in(by=ana, piece=piece, said=parts.Push(title="Your insulin", line="x"), now=now)
    assert not Version.objects.filter(piece=piece).exists()


def test_what_is_not_care_says_where_one_chooses(begin, ana, now):
    assert "links.preferences" in telling.keep(by=ana, piece=begin("portal", "newsletter"), said=MESSAGE, now=now).text
    assert "links.preferences" not in telling.keep(by=ana, piece=begin("call", "newsletter"), said=SCRIPT, now=now).text


def test_a_call_script_and_an_inbox_text_reach_people_as_they_were_written(begin, now):
    (person,) = stage.people(1, now)
    paper_stage.says_yes(person, "call", now)
    call = telling.hand_in(by=SYSTEM, piece=begin("call", by=SYSTEM), said=SCRIPT, now=now)
    inbox = telling.hand_in(by=SYSTEM, piece=begin("portal", by=SYSTEM), said=MESSAGE, now=now)
    paper_stage.placed([person], call, now)
    paper_stage.placed([person], inbox, now, cause_id=2)
    assert (Call.objects.count(), PortalMessage.objects.count()) == (1, 1)
    heard = compose.as_read(person_id=person.pk, version=call, now=now).text
    assert heard.split("\n\n")[1:3] == ["• It is time for a yearly visit.", "• It takes half an hour."]
    assert "{{" not in heard


@pytest.mark.parametrize("channel", ["call", "portal", "push", "sms"])
def test_every_editor_shows_a_real_person_masked_and_the_trail_says_who_looked(client, ana, begin, channel):
    begin(channel)
    client.force_login(ana)
    here, words = f"/content/piece/visit-{channel}/edit/", "Hello {{ person.given }}, come on {{ appointment.day }}."
    typed = {"opening": words, "body": words, "subject": "News", "title": "News", "line": words, "text": words}
    client.post(here, typed, headers={"HX-Request": "true"})
    rosa, kept = people_cast.person(given="Rosalind", birth_date=date(1970, 5, 17)), Version.objects.count()
    assert (
        f"person:{rosa.pk}" not in client.get(f"{here}?find=Rosalind").content.decode()
    )  # what is typed never stands in an address
    found = client.post(here, {"find": "Rosalind", "as": "pat"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in found
    assert f'hx-post="{here}" hx-trigger="input changed' in found
    assert Version.objects.count() == kept  # to look for somebody changes nothing
    assert f'value="person:{rosa.pk}"' in found
    assert "Rosalind" not in found.replace('value="Rosalind"', "")
    seen = client.get(f"{here}?as=person:{rosa.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "Hello R., come on " in seen
    assert "a real person, masked" in seen
    assert "Rosalind" not in seen
    assert AuditEntry.objects.filter(verb="person.read", actor=ana, person_id=rosa.pk).count() == 1


def test_who_may_not_search_for_people_sees_the_example_alone(ana, now):
    rosa = people_cast.person(given="Rosalind")
    seen = preview_people.looker(
        by=ana, asked=f"person:{rosa.pk}", find="Rosalind", may_search=False, language="es", now=now
    )
    assert (seen.person.key, seen.seen_by, seen.found) == ("luis", "luis", [])
    assert not AuditEntry.objects.filter(person_id=rosa.pk).exists()


def test_the_editor_of_a_script_keeps_every_change_and_shows_it(client, ana, begin):
    begin("call")
    client.force_login(ana)
    here = "/content/piece/visit-call/edit/"
    assert "Hello, this is Riverbend Health. Am I speaking with Pat?" in client.get(here).content.decode()
    typed = {
        "opening": "Hello, {{ clinic.name }} here.", "points": "One\nTwo", "ask-0": "Yes or no?", "answers-0": "Yes, No", "ask-1": "",
        "answers-1": "", "close": "Bye, {{ clinic.phone }}", "voicemail": "{{ clinic.name }}, {{ clinic.phone }}", "as": "luis",
    }  # fmt: skip
    looked = client.post(here, typed, headers={"HX-Request": "true"}).content.decode()
    assert "Hello, Riverbend Health here." in looked
    assert "Nothing to mend" in looked
    assert "<html" not in looked
    said = parts.read(Version.objects.get(piece__slug="visit-call").parts)
    assert (said.points, said.questions) == (("One", "Two"), (parts.Question("Yes or no?", ("Yes", "No")),))
    more = client.post(here, {**typed, "do": "more"})
    assert "rows=3" in more.headers["Location"]
    assert 'name="ask-2"' in client.get(more.headers["Location"]).content.decode()
    done = client.post(here, {**typed, "do": "hand_in"})
    assert done.headers["Location"].endswith("/reviewing/")
    assert "If a machine answers, only this" in client.get(done.headers["Location"]).content.decode()
    assert "If a machine answers, only this" in client.get("/content/piece/visit-call/").content.decode()


def test_an_inbox_text_takes_links_of_ours_and_of_others(client, ana, begin):
    begin("portal")
    client.force_login(ana)
    typed = {
        "subject": "A message", "body": "Hello\r\n\r\nCome", "words-0": "Book", "leads-0": "links.book", "address-0": "",
        "words-1": "Map", "leads-1": "other", "address-1": "https://a.example/map",
    }  # fmt: skip
    client.post("/content/piece/visit-portal/edit/", typed)
    said = parts.read(Version.objects.get(piece__slug="visit-portal").parts)
    assert said == parts.Message(
        subject="A message",
        body="Hello\n\nCome",
        links=(parts.Link("Book"), parts.Link("Map", "https://a.example/map")),
    )


def test_the_editor_of_a_push_shows_the_locked_screen_and_refuses_what_tells_of_health(client, ana, begin):
    begin("push")
    client.force_login(ana)
    here = "/content/piece/visit-push/edit/"
    typed = {"title": "Your insulin", "line": "Come", "words-0": "", "leads-0": "links.book", "address-0": ""}
    refused = client.post(here, {**typed, "do": "hand_in"})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "You have a new message." in html
    assert "12 / 50" in html
    assert "Insulin" in html or "insulin" in html
    assert Version.objects.get(piece__slug="visit-push").state == "draft", "what was typed is kept"


def test_an_older_letter_of_the_channel_keeps_working_and_opens_in_the_new_editor(client, ana, now):
    old = paper_stage.wording(now, channel="call", slug="visit-call")
    assert lint.blocking(old, now) == []
    client.force_login(ana)
    assert client.get("/content/piece/visit-call/").status_code == 200
    assert "it is time for a visit" in client.get("/content/piece/visit-call/edit/").content.decode()
    assert client.get("/content/piece/visit-call/design/").headers["Location"] == "/content/piece/visit-call/edit/"


def test_a_new_piece_says_how_it_reaches_people(client, ana, begin, now):
    telling.keep(by=ana, piece=begin("call"), said=SCRIPT, now=now)
    client.force_login(ana)
    told = {"name": "Another", "channel": "call", "topic": "care", "language": "en", "copy_of": "visit-call"}
    made = client.post("/content/new/", told)
    assert made.headers["Location"] == "/content/piece/another/edit/"
    assert parts.read(Version.objects.get(piece__slug="another").parts) == SCRIPT
    refused = client.post("/content/new/", {**told, "channel": "portal"})
    assert refused.status_code == 422
    assert client.post("/content/new/", {**told, "channel": "sms", "copy_of": ""}).status_code == 302
    assert Piece.objects.filter(channel="sms").count() == 1
