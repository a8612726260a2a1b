"""The newsletter sign-up: what is typed counts only when the address itself has said yes."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from rapport import flow
from rapport.consent import queries as consents
from rapport.consent import suppressions
from rapport.consent.models import ConsentRecord, Suppression
from rapport.experience import optin
from rapport.experience.models import OptIn
from rapport.kit import clock as house_clock
from rapport.messaging import mailbox, send, tracking
from rapport.messaging.models import Intent, MailboxItem
from rapport.people import queries as people
from rapport.people.models import ContactPoint, Event, Person
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, SubjectKey
from tests.messaging import stage

pytestmark = pytest.mark.django_db
STRANGER = "lou.stranger@mail.example"


@pytest.fixture(autouse=True)
def today(now):
    with house_clock.travel(now):
        yield


def sign_up(client, address=STRANGER, **more):
    return client.post("/join/", {"email": address, **more}, headers={"user-agent": "Phone/1.0"})


def link_of(row):
    return f"/join/{tracking.token('confirm', row.pk)}"


def in_the_mailbox():
    return mailbox.opened(MailboxItem.objects.get()).decode().replace("=\r\n", "")


def newsletter_of(person, now):
    return consents.current([person.pk], now=now).get(person.pk, {}).get(("email", "newsletter"))


def test_the_page_shows_the_words_one_agrees_to(client):
    html = client.get("/join/").content.decode()
    assert "Please send me the newsletter of Riverbend Health by e-mail." in html
    assert "Envíenme el boletín de Riverbend Health" in client.get("/join/?lang=es").content.decode()


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(client, pat):
    answers = [sign_up(client, address) for address in ("pat.rivera@mail.example", STRANGER)]
    assert {(one.status_code, one.headers["Location"]) for one in answers} == {(302, "/join/?sent=1&lang=en")}
    pages = [client.get(one.headers["Location"]).content.decode() for one in answers]
    assert "Please look into your mail" in pages[0]
    assert all("pat.rivera" not in page for page in pages)


def test_nothing_counts_before_it_is_confirmed(client, pat, now):
    sign_up(client, "pat.rivera@mail.example")
    sign_up(client)
    assert newsletter_of(pat, now) is None
    assert not ConsentRecord.objects.exists()
    assert Person.objects.count() == 1, "nobody becomes a person by being typed in"
    assert OptIn.objects.filter(outcome="open").count() == 2


def test_a_known_persons_question_is_an_ordinary_message(client, pat):
    sign_up(client, "pat.rivera@mail.example")
    intent = Intent.objects.get()
    row = OptIn.objects.get()
    assert (intent.person_id, intent.cause, intent.cause_id) == (pat.pk, "optin", row.pk)
    assert (intent.purpose, intent.topic, row.letter) == ("P1", "care", "intent")


@pytest.mark.django_db(transaction=True)  # the mailbox writes in a thread of its own
def test_the_link_of_the_letter_confirms_by_a_press_and_not_by_being_opened(client, pat, now, settings):
    sign_up(client, "pat.rivera@mail.example")
    with stage.mailbox(settings):
        send.send_due(owner="t", now=now, limit=5)
    letter = in_the_mailbox()
    assert "/u/" not in letter, "who stops this question stops no other message"
    path = re.search(r"/join/[\w-]{35}", letter)[0]
    for _ in range(2):
        assert "Is this right?" in client.get(path).content.decode()
    client.head(path)
    assert newsletter_of(pat, now) is None, "scanners open every link"
    assert "Welcome!" in client.post(path, {"do": "confirm"}).content.decode()
    record = ConsentRecord.objects.get()
    assert (record.status, record.via, record.text_version) == ("granted", "join", "join-email-newsletter-en-1")
    assert record.evidence["asked"]["ip"] == "127.0.0.0"
    assert {"at", "ip", "user_agent"} <= set(record.evidence["confirmed"])
    assert client.post(path, {"do": "confirm"}).status_code == 200
    assert ConsentRecord.objects.count() == 1, "a second press is no second yes"


@pytest.mark.django_db(transaction=True)  # the mailbox writes in a thread of its own
def test_a_stranger_becomes_a_person_only_after_confirming_and_through_the_door(client, now, settings):
    sign_up(client, given="Lou", family="Stranger", language="en")
    with stage.mailbox(settings):
        assert optin.send_due(by=SYSTEM, now=now) == 1
        assert optin.send_due(by=SYSTEM, now=now) == 0, "one letter"
    letter = in_the_mailbox()
    assert "To: <lou.stranger@mail.example>" in letter
    assert "Hello Lou" in letter
    assert "/u/" not in letter
    path = re.search(r"/join/[\w-]{35}", letter)[0]
    assert not Person.objects.exists()
    client.post(path, {"do": "confirm"})
    assert not Person.objects.exists(), "the door takes it in"
    assert SubjectKey.objects.get(subject=OptIn.objects.get().key).wrapped is None, "what was typed opens no more"
    assert flow.take_in(now=now) == 1
    person = Person.objects.get()
    assert people.names(person_ids=[person.pk])[person.pk].given == "Lou"
    assert newsletter_of(person, now).status == "granted"
    assert ConsentRecord.objects.get().evidence["asked"]["user_agent"] == "Phone/1.0"
    assert Event.objects.filter(person=person, kind="consent").count() == 1
    assert client.post(path, {"do": "confirm"}).status_code == 200
    assert flow.take_in(now=now) == 0, "told once"


def test_an_address_that_a_family_shares_is_nobodys_before_it_is_confirmed(client, pat, quinn, now):
    shared = ContactPoint.objects.get(person=pat, kind="email")
    ContactPoint.objects.filter(person=quinn, kind="email").update(digest=shared.digest)
    sign_up(client, "pat.rivera@mail.example")
    assert OptIn.objects.get().person_id is None
    assert not Intent.objects.exists()


def test_after_a_week_the_link_has_ended(client, pat, now):
    sign_up(client, "pat.rivera@mail.example")
    path = link_of(OptIn.objects.get())
    with house_clock.travel(now + timedelta(days=7)):
        for answer in (client.get(path), client.post(path, {"do": "confirm"})):
            assert answer.status_code == 404
            assert "Sign up again" in answer.content.decode()
    assert not ConsentRecord.objects.exists()


def test_pressing_twice_writes_one_letter_a_day(client, pat, now):
    for _ in range(3):
        sign_up(client, "Pat.Rivera@mail.example ")
    assert (OptIn.objects.count(), Intent.objects.count()) == (1, 1)
    first = OptIn.objects.get()
    with house_clock.travel(now + timedelta(days=2)):
        sign_up(client, "pat.rivera@mail.example")
        assert client.post(link_of(first), {"do": "confirm"}).status_code == 404, "a newer one took its place"
    assert list(OptIn.objects.order_by("id").values_list("outcome", flat=True)) == ["replaced", "open"]


@pytest.mark.parametrize("said", [{"do": "decline"}, {"List-Unsubscribe": "One-Click"}, {}], ids=str)
def test_it_was_somebody_else(client, now, said):
    sign_up(client)
    path = link_of(OptIn.objects.get())
    assert "Thank you for telling us" in client.post(path, said).content.decode()
    assert client.post(path, {"do": "confirm"}).status_code == 404
    with house_clock.travel(now + timedelta(days=2)):
        sign_up(client)
    assert OptIn.objects.count() == 1, "who said so is not asked again"


def test_an_address_that_must_not_be_used_gets_no_letter_and_the_same_answer(client, now):
    suppressions.suppress_address(by=SYSTEM, kind="email", value=STRANGER, topic="all", reason="erased", now=now)
    assert sign_up(client).headers["Location"] == "/join/?sent=1&lang=en"
    assert not OptIn.objects.exists()


def test_an_address_listed_after_the_wish_gets_no_letter_either(client, now, settings):
    sign_up(client)
    suppressions.suppress_address(by=SYSTEM, kind="email", value=STRANGER, topic="all", reason="staff", now=now)
    with stage.mailbox(settings):
        optin.send_due(by=SYSTEM, now=now)
    assert OptIn.objects.get().letter == "refused"
    assert not MailboxItem.objects.exists()


def test_who_once_unsubscribed_may_come_back(client, pat, now):
    stage.says_no(pat, now - timedelta(days=1), "newsletter")
    suppressions.suppress_person(
        by=SYSTEM, person_id=pat.pk, kind="email", topic="newsletter", reason="unsubscribed", now=now
    )
    sign_up(client, "pat.rivera@mail.example")
    client.post(link_of(OptIn.objects.get()), {"do": "confirm"})
    assert newsletter_of(pat, now).status == "granted"
    assert not Suppression.objects.filter(lifted_at=None).exists()


def test_a_machine_that_fills_every_field_gets_the_same_answer_and_nothing_happens(client):
    assert sign_up(client, website="https://spam.example").headers["Location"] == "/join/?sent=1&lang=en"
    assert not OptIn.objects.exists()


@pytest.mark.parametrize("typed", ["", "pat", "pat@", "a b@c.example", "x" * 300 + "@mail.example"], ids=range(5))
def test_what_is_no_address_is_said_at_the_field_and_kept(client, typed):
    answer = sign_up(client, typed, given="Lou")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "look at the address again" in html
    assert 'value="Lou"' in html


def test_what_was_typed_is_sealed_and_forgotten_after_a_month(client, now):
    sign_up(client, given="Lou", family="Stranger")
    row = OptIn.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT o::text FROM experience_optin o")
        stored = cursor.fetchone()[0]
    assert "stranger" not in stored.lower()
    assert optin.forget_old(by=SYSTEM, now=now + timedelta(days=29)) == 0
    assert optin.forget_old(by=SYSTEM, now=now + timedelta(days=31)) == 1
    assert not OptIn.objects.exists()
    assert SubjectKey.objects.get(subject=row.key).wrapped is None
    assert AuditEntry.objects.filter(verb="optin.forget").exists()


@pytest.mark.parametrize("token", ["x", "a" * 35])
def test_a_strangers_token_gets_the_friendly_page(client, token):
    for answer in (client.get(f"/join/{token}"), client.post(f"/join/{token}", {"do": "confirm"})):
        assert answer.status_code == 404
        assert "does not work any more" in answer.content.decode()
