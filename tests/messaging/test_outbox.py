"""The Outbox pages."""

import pytest

from rapport.messaging import mailbox, send, tracking
from rapport.messaging.models import Intent
from rapport.trust.models import AuditEntry
from tests.messaging import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(now):
    """One message that arrived and one that was held back."""
    version = stage.wording(now)
    pat, quinn = stage.people(2, now)
    one, two = stage.due([pat, quinn], version, now)
    raw = (
        f"Message-ID: {tracking.message_id(one.pk)}\r\nSubject: An evening\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/html; charset=utf-8\r\n\r\n<html><head></head><body>Hello Givena</body></html>"
    ).encode()
    mailbox.keep([mailbox.letter(raw, now)])
    stage.says_no(quinn, now)
    Intent.objects.filter(pk=one.pk).update(state="sent", settled_at=now)
    send.send_due(owner="t", now=now, limit=10)
    return one, two


def test_the_list_shows_who_got_what_and_who_did_not_and_why(client, ana, sent):
    client.force_login(ana)
    html = client.get("/outbox/").content.decode()
    assert "Givena" in html
    assert "Givenb" in html
    assert "Said no to health services by e-mail" in html
    assert AuditEntry.objects.filter(verb="people.read", actor=ana).count() == 1


def test_the_list_can_be_narrowed_to_what_one_gate_held_back(client, ana, sent):
    client.force_login(ana)
    html = client.get("/outbox/?state=suppressed&gate=consent").content.decode()
    assert "Givenb" in html
    assert "Givena" not in html


def test_a_message_shows_its_checks_and_the_letter_in_a_sandbox(client, ana, sent):
    client.force_login(ana)
    one, two = sent
    html = client.get(f"/outbox/{two.pk}/").content.decode()
    assert "Do not contact" in html
    framed = client.get(f"/outbox/{one.pk}/letter/")
    assert "Hello Givena" in framed.content.decode()
    assert framed.headers["Content-Security-Policy"].startswith("sandbox ")
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert AuditEntry.objects.filter(verb="message.open", person_id=one.person_id).exists()


@pytest.mark.parametrize("face", ["desktop", "phone", "text", "headers"])
def test_every_face_of_a_message_can_be_shown(client, ana, sent, face):
    client.force_login(ana)
    assert client.get(f"/outbox/{sent[0].pk}/?as={face}").status_code == 200


def test_who_has_no_right_sees_nothing(client, zoe, sent):
    client.force_login(zoe)
    for address in ("/outbox/", f"/outbox/{sent[0].pk}/", f"/outbox/{sent[0].pk}/letter/"):
        assert client.get(address).status_code == 403
