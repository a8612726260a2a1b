"""The embedded mailbox."""

import smtplib
from datetime import UTC, datetime

import pytest
from django.db import connection

from rapport.messaging import mailbox, queries, tracking
from rapport.messaging.models import MailboxItem
from rapport.trust import sealing
from rapport.trust.actors import SYSTEM
from tests.messaging import stage

RAW = b"Message-ID: <a.b@c.example>\r\nDate: Wed, 04 Mar 2026 10:00:00 -0500\r\nSubject: Hi\r\n\r\nQuetzalcoatl\r\n"


@pytest.mark.django_db(transaction=True)
def test_what_comes_in_over_smtp_is_kept_sealed_and_opens_again(settings, now):
    with stage.mailbox(settings) as box, smtplib.SMTP("127.0.0.1", box.port) as relay:
        assert relay.ehlo()[0] == 250
        assert relay.has_extn("x-rapport-mailbox")
        relay.sendmail("a@b.example", ["pat@mail.example"], RAW)
        relay.sendmail("a@b.example", ["pat@mail.example"], RAW)
    first, second = MailboxItem.objects.order_by("id")
    assert first.message_id == second.message_id == "<a.b@c.example>", "a double stays a double"
    assert first.received_at == datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    assert b"Quetzalcoatl" not in bytes(first.raw)
    assert "Quetzalcoatl" in queries.opened(SYSTEM, first.pk, now).text


@pytest.mark.django_db
def test_a_message_whose_key_is_destroyed_is_empty(now):
    (number,) = mailbox.keep([mailbox.letter(RAW, now)])
    item = MailboxItem.objects.get(pk=number)
    sealing.destroy(item.key, now=now)
    assert mailbox.opened(item) == b""


@pytest.mark.django_db
def test_a_forged_message_id_is_not_taken_for_ours(now):
    (pat,) = stage.people(1, now)
    (intent,) = stage.due([pat], stage.wording(now), now)
    ours = tracking.message_id(intent.pk)
    forged = f"<{intent.pk}.0000000000000000@{ours.rpartition('@')[2]}"
    for told, expected in ((ours, intent.pk), (forged, None), ("<>", None), ("<99999999999999999999.x@y>", None)):
        (number,) = mailbox.keep([mailbox.letter(RAW.replace(b"<a.b@c.example>", told.encode()), now)])
        assert MailboxItem.objects.get(pk=number).intent_id == expected


@pytest.mark.django_db
def test_a_claim_reads_the_index_and_not_the_table(now):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM messaging_intent WHERE state = 'queued' AND due_at <= now() ORDER BY due_at, id LIMIT 100"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "messaging_intent_due" in plan
