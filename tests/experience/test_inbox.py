"""A patient's inbox: nothing of it shows before the birth date was right."""

from datetime import date, timedelta

import pytest
from django.db import connection

from rapport import flow
from rapport.attribution.queries import FUNNEL
from rapport.content import actions as content
from rapport.content import parts, telling
from rapport.content.models import Piece
from rapport.experience import inbox
from rapport.experience.models import InboxLock
from rapport.integrations.models import Landing, Reply
from rapport.integrations.sms import replies
from rapport.kit import clock
from rapport.messaging import send, switching, tracking
from rapport.messaging.models import Intent, PortalMessage, Receipt
from rapport.people.models import Event, Person
from rapport.trust import sealing
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.messaging import paper_stage, stage

BORN = date(1970, 5, 17)


@pytest.fixture
def told(now):
    """Rosa, with one message in her inbox, and her link."""
    rosa = people_cast.person(given="Rosa", birth_date=BORN)
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    (intent,) = paper_stage.placed([rosa], version, now)
    assert intent.state == "sent"
    return rosa, intent, f"/inbox/{tracking.token('preferences', intent.pk)}"


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, None), (4, None), (5, 15), (6, 30), (8, 120), (11, 960), (12, 1440), (99, 1440)]
)
def test_wrong_dates_shut_it_for_longer_and_longer(failures, minutes):
    assert inbox.shut_for(failures) == (timedelta(minutes=minutes) if minutes else None)


@pytest.mark.django_db
def test_the_words_lie_sealed_and_nothing_shows_without_the_birth_date(client, told):
    _rosa, _intent, link = told
    kept = PortalMessage.objects.get()
    assert b"visit" not in bytes(kept.body)
    html = client.get(link).content.decode()
    assert "Is it you?" in html
    assert "Rosa" not in html
    assert "visit" not in html
    assert "visit" not in client.get(f"{link}/{kept.pk}").content.decode()
    assert client.get("/inbox/" + "x" * 35).status_code == 404


@pytest.mark.django_db
def test_the_birth_date_opens_it_and_reading_is_heard_once(client, told, now):
    rosa, _intent, link = told
    with clock.travel(now):
        assert client.post(link, {"do": "open", "born": BORN.isoformat()}).status_code == 302
        kept = PortalMessage.objects.get()
        assert "Your visit" in client.get(link).content.decode()
        html = client.get(f"{link}/{kept.pk}").content.decode()
        client.get(f"{link}/{kept.pk}")
    assert "Dear Rosa" in html
    kept.refresh_from_db()
    assert kept.opened_at == now
    assert Landing.objects.filter(form="tracking").count() == 1
    assert AuditEntry.objects.filter(verb="inbox.read", person_id=rosa.pk).count() == 2


@pytest.mark.django_db
def test_the_cookie_of_one_link_opens_no_other(client, told, now):
    _rosa, _intent, link = told
    other = people_cast.person(given="Omar", birth_date=BORN)
    version = Piece.objects.get(slug="visit-portal")
    (theirs,) = stage.due([other], Intent.objects.get().version, now, cause_id=2, channel=version.channel, purpose="P1")
    client.post(link, {"do": "open", "born": BORN.isoformat()})
    cookie = client.cookies["inbox"]
    assert cookie["httponly"]
    assert cookie["path"] == link
    client.cookies["inbox"]["path"] = "/"
    assert "Is it you?" in client.get(f"/inbox/{tracking.token('preferences', theirs.pk)}").content.decode()


@pytest.mark.django_db
def test_five_wrong_dates_shut_it_also_for_the_right_one(client, told, now):
    rosa, _intent, link = told
    with clock.travel(now):
        for day in range(1, 5):
            assert client.post(link, {"do": "open", "born": f"1980-01-0{day}"}).status_code == 422
        assert client.post(link, {"do": "open", "born": "no date"}).status_code == 429
        assert client.post(link, {"do": "open", "born": BORN.isoformat()}).status_code == 429
        assert client.get(link).status_code == 429
    with clock.travel(now + timedelta(minutes=16)):
        assert client.post(link, {"do": "open", "born": BORN.isoformat()}).status_code == 302
    assert InboxLock.objects.get(person=rosa).failures == 0
    assert AuditEntry.objects.filter(verb="inbox.refuse", person_id=rosa.pk).count() == 5


@pytest.mark.django_db
def test_an_answer_waits_on_the_list_of_replies_and_its_words_stay_sealed(client, bea, told, now):
    rosa, _intent, link = told
    kept = PortalMessage.objects.get()
    client.post(link, {"do": "open", "born": BORN.isoformat()})
    assert client.post(f"{link}/{kept.pk}", {"do": "answer", "words": " "}).status_code == 422
    done = client.post(f"{link}/{kept.pk}", {"do": "answer", "words": "Please stop writing to me, my knee hurts"})
    assert done.status_code == 302
    reply = Reply.objects.select_related("landing").get()
    assert (reply.person_id, reply.state, reply.needs_review) == (rosa.pk, "open", True)
    assert b"knee" not in bytes(reply.landing.raw)
    assert replies.opened(by=bea, reply=reply, now=now) == "Please stop writing to me, my knee hurts"
    kept.refresh_from_db()
    assert kept.answered_at is not None
    client.force_login(bea)
    assert "Written in the inbox" in client.get(f"/outbox/replies/{reply.pk}/").content.decode()


@pytest.mark.django_db
def test_what_was_written_reaches_the_timeline_without_its_words(client, told, now):
    rosa, _intent, link = told
    kept = PortalMessage.objects.get()
    client.post(link, {"do": "open", "born": BORN.isoformat()})
    client.post(f"{link}/{kept.pk}", {"do": "answer", "words": "my knee hurts"})
    flow.take_in(now=clock.now())
    event = Event.objects.get(person=rosa, kind="message_received")
    assert event.code == "portal"
    assert "knee" not in str(event.detail)


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"birth_date": None}, {"birth_date": date(2015, 1, 1)}, {"emails": (), "phones": ()}])
def test_who_could_not_prove_it_or_is_a_child_or_out_of_reach_has_no_inbox(now, more):
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    (intent,) = paper_stage.placed([people_cast.person(**more)], version, now)
    assert intent.state == "suppressed"
    assert not PortalMessage.objects.exists()


@pytest.mark.django_db
def test_unopened_for_some_days_it_goes_on_by_letter_and_leaves_the_inbox(client, now):
    rosa = people_cast.person(given="Rosa", birth_date=BORN)
    version = paper_stage.wording(now, channel="portal", slug="visit-portal", family="visit")
    paper_stage.wording(now, family="visit")
    (intent,) = stage.due([rosa], version, now, channel="portal", purpose="P1", others=("print",))
    send.send_due(owner="t", now=now, limit=10)
    assert switching.turn(now=now + timedelta(days=2)).on == 0
    later = now + timedelta(days=4)
    assert switching.turn(now=later).on == 1
    send.send_due(owner="t", now=later, limit=10)
    intent.refresh_from_db()
    assert (intent.channel, intent.state) == ("print", "sent")
    assert inbox.listed(by=SYSTEM, person_id=rosa.pk, now=later) == []
    assert list(Receipt.objects.order_by("id").values_list("outcome", flat=True)) == ["sent", "deferred", "sent"]


@pytest.mark.django_db
def test_after_an_erasure_nothing_opens_any_more(told, now):
    rosa, _intent, _link = told
    sealing.destroy(Person.objects.get(pk=rosa.pk).key, now=now)
    assert inbox.listed(by=SYSTEM, person_id=rosa.pk, now=now) == []


@pytest.mark.django_db
def test_a_link_in_the_inbox_is_counted_as_one_in_an_e_mail_and_leads_where_it_led(client, now):
    """Only where the approved words went; the page of choices is not counted, as in e-mails; the same link twice is one person."""
    said = parts.Message(
        subject="Before your visit",
        body="Read https://riverbend.example/a?b=1&c=2.\n\nOr ask us.",
        links=(parts.Link("Choose a time", "links.book"), parts.Link("Our choices", "links.preferences")),
    )
    piece = content.start(by=SYSTEM, name="Before", topic="care", language="en", now=now, channel="portal")
    version = telling.hand_in(by=SYSTEM, piece=piece, said=said, now=now)
    assert "https://riverbend.example/a?b=1&c=2." in version.text, "what is approved names the target"
    rosa = people_cast.person(given="Rosa", birth_date=BORN)
    (intent,) = paper_stage.placed([rosa], version, now)
    link, later = f"/inbox/{tracking.token('preferences', intent.pk)}", now + timedelta(minutes=5)
    with clock.travel(later):
        client.post(link, {"do": "open", "born": BORN.isoformat()})
        html = client.get(f"{link}/{PortalMessage.objects.get().pk}").content.decode()
        first, book = (f"/c/{tracking.token('click', intent.pk, number, version.pk)}" for number in (0, 1))
        assert f'{first}" rel="noopener">https://riverbend.example/a?b=1&amp;c=2</a>.' in html, "not a strange address"
        assert f'{book}" rel="noopener">Choose a time</a>' in html
        assert f"/p/{tracking.token('preferences', intent.pk, None, version.pk)}" in html
        assert client.get(first).headers["Location"] == "https://riverbend.example/a?b=1&c=2"
        client.get(first)
    later += timedelta(minutes=1)
    with clock.travel(later):
        assert "/book/" in client.get(book).headers["Location"]
        client.head(first)
        assert client.get(f"/c/{tracking.token('click', intent.pk, 2, version.pk)}").status_code == 404
    flow.take_in(now=later)
    clicked = Event.objects.filter(person=rosa, kind="message_clicked", detail__intent=intent.pk)
    assert {one.campaign_id for one in clicked} == {intent.cause_id}
    with connection.cursor() as cursor:
        cursor.execute(FUNNEL, {"campaign": intent.cause_id, "opens": now, "now": later})
        assert cursor.fetchone() == (1, 1, 1, 1, 1, 0), "one person clicked, however often"
