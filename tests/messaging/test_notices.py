"""Who gets a message in the inbox is told that there is one: by push, e-mail or text, and of nothing else."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from rapport import flow
from rapport.consent import ledger, vendors
from rapport.content import texting
from rapport.content.models import Piece
from rapport.messaging import compose, facts, inbox, intents, notices, pushing, send, switching, tracking, untelling
from rapport.messaging.models import Intent, MailboxItem, PortalMessage, Receipt
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.messaging import paper_stage, stage
from tests.messaging.test_push import Browser, service

BORN = date(1970, 5, 17)


@pytest.fixture
def rosa():
    return people_cast.person(given="Rosa", birth_date=BORN)


def lay(person, now, *, cause_id=1, topic="care", purpose="P1"):
    """A message into her inbox."""
    version = paper_stage.wording(now, channel="portal", slug=f"visit-{topic}", topic=topic)
    (one,) = stage.due([person], version, now, cause_id=cause_id, channel="portal", purpose=purpose)
    send.send_due(owner="t", now=now, limit=10)
    one.refresh_from_db()
    assert one.state == "sent", list(Receipt.objects.values_list("reason", flat=True))
    return one


def told():
    return Intent.objects.filter(cause="inbox").order_by("id")


def written(intent, now):
    to = facts.addressed([(intent.pk, facts.gather([intent], now)[0])])
    return compose.compose([intent], to, now).messages[intent.pk].rendered


@pytest.mark.django_db
def test_a_message_in_the_inbox_is_told_of_by_e_mail_once_and_says_nothing_of_it(rosa, now):
    about = lay(rosa, now)
    assert notices.turn(now=now) == 1
    assert notices.turn(now=now) == 0
    notice = told().get()
    assert (notice.channel, notice.others, notice.purpose, notice.topic) == ("email", ["sms"], "P1", "care")
    assert (notice.cause_id, notice.trace) == (about.pk, about.trace)
    said = written(notice, now)
    assert said.subject == "You have a new message"
    assert f"/inbox/{tracking.token('preferences', notice.pk, None, notice.version_id)}" in said.html
    for word in ("Rosa", "visit", "Your visit", "Dr"):
        assert word not in said.text
    assert PortalMessage.objects.get().told_at == now
    assert AuditEntry.objects.filter(verb="inbox.tell").count() == 1


@pytest.mark.django_db
def test_who_has_no_e_mail_address_is_told_by_text_if_she_allows_it(now):
    silent = people_cast.person(given="Rosa", birth_date=BORN, emails=(), language="es")
    paper_stage.says_yes(silent, "sms", now)
    lay(silent, now)
    notices.turn(now=now)
    send.send_due(owner="t", now=now, limit=10)
    assert switching.turn(now=now).on == 1
    notice = told().get()
    assert (notice.channel, notice.state, notice.version.piece.slug) == ("sms", "queued", "inbox-notice-sms-es")
    text = written(notice, now).text
    assert text.startswith("Riverbend Health: Tiene un mensaje nuevo.")
    assert "Responda ALTO" in text
    link = text[text.index("http") :].split()[0]
    assert texting.measure(text.replace(link, "https://rapport.riverbend.example/inbox/" + "a" * 35)).parts <= 2


@pytest.mark.django_db
def test_word_of_an_offer_needs_the_consent_that_an_offer_needs(rosa, now):
    paper_stage.says_yes(rosa, "portal", now, topic="health_services")
    lay(rosa, now, topic="health_services", purpose="P2")
    ledger.withdraw(by=SYSTEM, person_id=rosa.pk, channel="email", topic="health_services", via="desk", now=now)
    notices.turn(now=now)
    for _ in range(3):
        send.send_due(owner="t", now=now, limit=10)
        switching.turn(now=now)
    notice = told().get()
    assert (notice.state, notice.purpose, notice.topic) == ("suppressed", "P2", "health_services")
    gates = Receipt.objects.filter(intent_id=notice.pk, outcome="suppressed").values_list("gate", flat=True)
    assert set(gates) == {"consent"}


@pytest.mark.django_db
def test_one_unread_notice_a_day_and_another_when_she_has_read(rosa, now):
    lay(rosa, now)
    notices.turn(now=now)
    told().update(state="sent", settled_at=now)
    lay(rosa, now, cause_id=2)
    assert notices.turn(now=now + timedelta(hours=2)) == 0, "the first one tells of it"
    assert not PortalMessage.objects.filter(told_at=None).exists()
    inbox.mark(PortalMessage.objects.first().pk, opened=True, now=now + timedelta(hours=3))
    later = now + timedelta(hours=4)
    lay(rosa, later, cause_id=3)
    assert notices.turn(now=later) == 1, "she has read since"
    told().update(state="sent")
    lay(rosa, now + timedelta(hours=29), cause_id=4)
    assert notices.turn(now=now + timedelta(hours=29)) == 1, "the day is over"
    assert told().count() == 3


@pytest.mark.django_db
def test_a_notice_that_was_not_allowed_does_not_keep_another_from_telling(rosa, now):
    lay(rosa, now)
    notices.turn(now=now)
    told().update(due_at=now + timedelta(hours=9))
    lay(rosa, now, cause_id=2)
    assert notices.turn(now=now) == 0
    assert PortalMessage.objects.filter(told_at=None).count() == 1, "it waits for what becomes of the first"
    told().update(state="suppressed", others=[])
    assert notices.turn(now=now) == 1


@pytest.mark.django_db
def test_who_opens_the_inbox_first_is_not_told(rosa, now):
    lay(rosa, now)
    notices.turn(now=now)
    inbox.mark(PortalMessage.objects.get().pk, opened=True, now=now)
    assert (told().get().state, told().get().others) == ("stopped", [])
    lay(rosa, now, cause_id=2)
    PortalMessage.objects.filter(told_at=None).update(opened_at=now)
    assert notices.turn(now=now) == 0


@pytest.mark.django_db
def test_a_message_that_went_by_letter_is_not_told_of_and_what_lies_beside_it_is(rosa, now):
    """The clock: laid, its notice waits for the morning; nobody opens it for days, so it goes on paper before the notice went out."""
    about = lay(rosa, now)
    Intent.objects.filter(pk=about.pk).update(others=["print"])
    Piece.objects.filter(pk=about.version.piece_id).update(family="visit")
    paper_stage.wording(now, family="visit")
    notices.turn(now=now)
    told().update(due_at=now + timedelta(days=30))
    later = now + timedelta(days=15)
    beside = lay(rosa, now + timedelta(hours=1), cause_id=2)  # the waiting notice would tell of it too
    PortalMessage.objects.filter(intent=beside).update(told_at=now, placed_at=later)
    assert switching.turn(now=later).on == 1
    first = told().get()
    assert (first.state, first.others, first.settled_at) == ("stopped", [], later)
    assert Receipt.objects.get(intent_id=first.pk).reason == untelling.GONE
    assert notices.turn(now=later) == 1
    second = told().last()
    assert (second.cause_id, PortalMessage.objects.get(closed_at=None).intent_id) == (beside.pk, beside.pk)
    about.refresh_from_db()
    assert (about.channel, about.state) == ("print", "queued")


@pytest.mark.django_db
def test_a_message_that_was_taken_back_is_not_told_of_by_any_way(rosa, now):
    about = lay(rosa, now)
    notices.turn(now=now)
    told().update(state="failed", settled_at=now)  # by e-mail; a text would be next
    intents.stop(about.cause, about.cause_id, now=now)
    assert switching.turn(now=now).on == 0
    told().update(state="queued", channel="email")  # a sender held it meanwhile, and puts it off
    send.send_due(owner="t", now=now, limit=10)
    assert (told().get().state, told().get().others) == ("failed", [])
    assert Receipt.objects.get(intent_id=told().get().pk).reason == untelling.GONE


@pytest.mark.django_db
def test_what_the_push_channel_told_of_is_told_of(rosa, now, settings):
    with service(settings, lambda _path: (201, {})) as (base, came):
        pushing.subscribe(
            by=SYSTEM, person_id=rosa.pk, said=Browser(f"{base}/d").said(), language="en", words="yes", now=now
        )
        vendors.add(by=SYSTEM, terms=terms(now), now=now)
        version = paper_stage.wording(now, channel="push", slug="visit-push", family="visit")
        stage.due([rosa], version, now, channel="push", purpose="P1")
        send.send_due(owner="t", now=now, limit=10)
        assert len(came) == 1
        assert notices.turn(now=now) == 0
    assert PortalMessage.objects.get().told_at == now


@pytest.mark.django_db
def test_a_browser_that_listens_is_rung_and_nothing_more_is_laid_into_the_inbox(rosa, now, settings):
    vendors.add(by=SYSTEM, terms=terms(now), now=now)
    with service(settings, lambda _path: (201, {})) as (base, came):
        browser = Browser(f"{base}/d")
        pushing.subscribe(by=SYSTEM, person_id=rosa.pk, said=browser.said(), language="en", words="yes", now=now)
        lay(rosa, now)
        assert notices.turn(now=now) == 1
        send.send_due(owner="t", now=now, limit=10)
    ((_path, _headers, body),) = came
    assert browser.opened(body)["body"] == "You have a new message."
    assert (told().get().channel, told().get().state) == ("push", "sent")
    assert PortalMessage.objects.count() == 1


@pytest.mark.django_db
def test_a_browser_that_is_gone_leaves_the_word_to_an_e_mail(rosa, now, settings):
    vendors.add(by=SYSTEM, terms=terms(now), now=now)
    with service(settings, lambda _path: (410, {})) as (base, _came):
        pushing.subscribe(
            by=SYSTEM, person_id=rosa.pk, said=Browser(f"{base}/d").said(), language="en", words="yes", now=now
        )
        lay(rosa, now)
        notices.turn(now=now)
        send.send_due(owner="t", now=now, limit=10)
    assert switching.turn(now=now).on == 1
    assert (told().get().channel, told().get().state) == ("email", "queued")
    assert PortalMessage.objects.count() == 1, "the message itself lies where it lay"


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_messages_make_one_notice(rosa, now):
    lay(rosa, now)
    lay(rosa, now, cause_id=2)
    done = []

    def work():
        try:
            done.extend([notices.turn(now=now) for _ in range(5)])
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (sum(done), told().count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_turn_of_the_worker_lays_the_message_and_sends_the_word(rosa, now, settings):
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    stage.due([rosa], version, now, channel="portal", purpose="P1")
    with stage.mailbox(settings):
        flow.send_out(owner="t", now=now)
        flow.send_out(owner="t", now=now)
    assert MailboxItem.objects.get().intent_id == told().get().pk
    assert told().get().state == "sent"


def terms(now):
    return vendors.Terms(name="Push", channels=("push",), baa_reference="C-1", baa_signed_on=now.date())
