"""The send, with a real database and a real mailbox."""

import email
from datetime import timedelta
from email import policy as mime_policy

import pytest

from rapport.consent.gates import GATES
from rapport.messaging import mailbox, send
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.people.models import Event
from rapport.trust.models import AuditEntry
from tests.messaging import stage

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_permitted_message_reaches_the_mailbox_once_with_its_receipt_and_event(now, settings):
    people = stage.people(3, now)
    stage.due(people, stage.wording(now), now)
    with stage.mailbox(settings):
        first = send.send_due(owner="test", now=now, limit=10)
        second = send.send_due(owner="test", now=now, limit=10)

    assert (first.sent, second.claimed) == (3, 0)
    assert MailboxItem.objects.count() == 3
    assert set(Receipt.objects.values_list("outcome", "allowed")) == {("sent", True)}
    assert Event.objects.filter(kind="message_sent", campaign_id=1).count() == 3
    line = AuditEntry.objects.get(verb="message.send")
    assert sorted(line.person_ids) == sorted(one.pk for one in people)


def test_what_arrives_is_personal_and_can_be_unsubscribed(now, settings):
    (pat,) = stage.people(1, now)
    (intent,) = stage.due([pat], stage.wording(now), now)
    with stage.mailbox(settings):
        send.send_due(owner="test", now=now, limit=10)

    item = MailboxItem.objects.get()
    letter = email.message_from_bytes(mailbox.opened(item), policy=mime_policy.default)
    assert (item.intent_id, item.person_id) == (intent.pk, pat.pk)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/u/" in letter["List-Unsubscribe"]
    assert "Givena" not in str(letter.items())
    html, text = letter.get_body(("html",)).get_content(), letter.get_body(("plain",)).get_content()
    assert "Hello Givena" in html
    assert "Hello Givena" in text
    assert "riverbend.example/seminar" not in html, "links are tracked"
    assert "200 Merrimack Street" in text


def test_a_withdrawal_one_second_before_the_send_stops_the_message(now, settings):
    pat, quinn = stage.people(2, now)
    stage.due([pat, quinn], stage.wording(now), now)
    stage.says_no(quinn, now + timedelta(seconds=59))
    with stage.mailbox(settings):
        report = send.send_due(owner="test", now=now + timedelta(seconds=60), limit=10)

    assert (report.sent, report.suppressed) == (1, 1)
    receipt = Receipt.objects.get(person_id=quinn.pk)
    assert (receipt.outcome, receipt.gate) == ("suppressed", "consent")
    assert "Said no" in receipt.reason
    assert [one["gate"] for one in receipt.gates] == [gate.name for gate in GATES]  # fmt: skip


def test_at_night_a_message_waits_until_morning(now, settings):
    night = now.replace(hour=4)
    stage.due(stage.people(1, night), stage.wording(night), night)
    with stage.mailbox(settings):
        report = send.send_due(owner="test", now=night, limit=10)

    intent = Intent.objects.get()
    assert (report.deferred, intent.state) == (1, "queued")
    assert intent.due_at == night.replace(hour=13), "eight in the morning in New York"
    assert Receipt.objects.get().try_again_at == intent.due_at


def test_two_campaigns_at_once_reach_a_person_once(now, settings):
    people = stage.people(1, now)
    version = stage.wording(now)
    stage.due(people, version, now, cause_id=1)
    stage.due(people, version, now, cause_id=2)
    with stage.mailbox(settings):
        report = send.send_due(owner="test", now=now, limit=10)

    assert (report.sent, report.deferred) == (1, 1)


def test_without_a_relay_nothing_is_lost(now, settings):
    stage.due(stage.people(2, now), stage.wording(now), now)
    settings.SMTP_PORT = 1
    stage.email.CHANNEL.hang_up()
    report = send.send_due(owner="test", now=now, limit=10)
    assert (report.busy, report.given_back) == (1, 1)
    assert send.send_due(owner="test", now=now, limit=10).claimed == 0, "nobody knocks again at once"
    assert set(Intent.objects.values_list("state", "attempt")) == {("queued", 0)}, "an outage uses up no attempt"
    stage.knock_now()
    with stage.mailbox(settings):
        again = send.send_due(owner="test", now=now, limit=10)
    assert again.sent == 2, "first one message, then the rest"
    assert MailboxItem.objects.count() == 2
