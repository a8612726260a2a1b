"""Text messages: from an intent to the embedded phone and back to the Outbox."""

import uuid

import httpx
import pytest

from rapport.content import texting
from rapport.messaging import compose, confirming, facts, mailbox, queries, send, tracking
from rapport.messaging.channels import sms
from rapport.messaging.confirming import Asked
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.messaging.phone import as_letter
from rapport.people.models import ContactPoint
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.messaging import stage
from tests.messaging.sms_stage import WORDS, due, phone, wording


@pytest.mark.django_db(transaction=True)
def test_a_text_goes_out_is_kept_sealed_and_stands_in_the_outbox(settings, now):
    pat = people_cast.person(given="Quetzal")
    (intent,) = due([pat], wording(now), now)
    with phone(settings):
        report = send.send_due(owner="t", now=now, limit=10)
    assert report.sent == 1, list(Receipt.objects.values_list("outcome", "reason"))
    (item,) = MailboxItem.objects.all()
    assert (item.intent_id, item.person_id, item.received_at) == (intent.pk, pat.pk, now)
    assert b"Quetzal" not in bytes(item.raw)
    opened = queries.opened(SYSTEM, item.pk, now)
    assert opened.text.strip() == "Riverbend Health: Quetzal, your visit is on Monday. Reply STOP to stop."
    assert dict(opened.headers)["To"].startswith("+1978453")
    intent.refresh_from_db()
    assert intent.provider_id.startswith("SM")


@pytest.mark.django_db(transaction=True)
def test_without_a_line_the_text_waits_and_goes_later(settings, now, clock):
    due([people_cast.person()], wording(now), now)
    settings.SMS_URL = f"http://127.0.0.1:{stage.free_port()}"
    assert send.send_due(owner="t", now=now, limit=10).busy == 1
    stage.knock_now()
    with phone(settings):
        assert send.send_due(owner="t", now=clock.forward(minutes=5), limit=10).sent == 1


@pytest.mark.django_db(transaction=True)
def test_the_phone_can_be_asked_what_it_has(settings, now):
    with phone(settings):
        assert sms.CHANNEL.can_be_asked()
    settings.SMS_URL = (
        f"http://127.0.0.1:{stage.free_port()}"  # where nobody listens; the house's own port may be in use
    )
    assert not sms.CHANNEL.can_be_asked()


@pytest.mark.django_db(transaction=True)
def test_a_carrier_inside_the_house_is_refused_when_it_is_not_ours(settings, now):
    """A setting that points at a private address must not become a way in."""
    due([people_cast.person()], wording(now), now)
    settings.SMS_EMBEDDED, settings.SMS_URL = False, "https://127.0.0.1:9"
    send.send_due(owner="t", now=now, limit=10)
    assert Receipt.objects.get(outcome="failed").reason.startswith("The address of the carrier is not allowed")


@pytest.mark.django_db(transaction=True)
def test_the_phone_refuses_what_is_no_message(settings):
    with phone(settings) as line, httpx.Client(base_url=f"http://127.0.0.1:{line.port}", trust_env=False) as client:
        good = {"To": "+19784530001", "From": "+19785550111", "Body": "Hi"}
        where = "/Accounts/AC1/Messages.json"
        assert client.post(where, data=good).status_code == 201
        assert client.post(where, data=good | {"To": "a@b.example\r\nBcc: x"}).status_code == 400
        assert client.post(where, data=good | {"Body": ""}).status_code == 400
        assert client.post("/Accounts/AC1/Calls.json", data=good).status_code == 404
        assert client.post(where, content=b"x" * 30_000).status_code == 413
    assert MailboxItem.objects.count() == 1


def composed(intent, now):
    """The message of an intent, to the address that the policy judged."""
    to = facts.addressed([(intent.pk, facts.gather([intent], now)[0])])
    return compose.compose([intent], to, now)


class TestComposing:
    pytestmark = pytest.mark.django_db

    def written(self, version, now, **more):
        intent = due([people_cast.person(given="Pat", **more)], version, now)[-1]
        return composed(intent, now).messages[intent.pk].rendered

    def test_the_line_that_says_how_to_stop_is_there_once(self, now):
        assert self.written(wording(now), now).text.endswith("Monday. Reply STOP to stop.")
        said = wording(now, WORDS + " Text STOP to end.", slug="b")
        assert self.written(said, now).text.count("STOP") == 1

    def test_it_is_in_the_language_of_the_text(self, now):
        version = wording(now, "{{ clinic.name }}: su cita es el lunes.", language="es")
        assert self.written(version, now).text.endswith("Responda ALTO para terminar.")

    def test_a_text_has_no_html(self, now):
        assert self.written(wording(now), now).html == ""

    def test_the_confirmation_goes_to_the_number_that_wrote_and_not_to_the_better_one(self, now):
        pat = people_cast.person(phones=(("978-453-7001", "mobile"), ("978-453-7002", "home")))
        points = ContactPoint.objects.filter(person=pat, kind="phone").order_by("rank", "id")
        best, other = points
        assert confirming.confirm(
            kind="stopped", asked=[Asked(pat.pk, other.pk)], cause_id=1, language="en", trace=uuid.uuid4(), now=now
        )
        (intent,) = Intent.objects.filter(cause="confirmation")
        message = composed(intent, now).messages[intent.pk]
        assert message.address == "+19784537002"
        assert "Reply STOP" not in message.rendered.text
        assert best.pk != other.pk

    @pytest.mark.parametrize(("kind", "language"), [(k, x) for k in ("stopped", "help") for x in ("en", "es")])
    def test_each_answer_is_one_part_and_says_who_writes(self, now, kind, language):
        pat = people_cast.person()
        point = ContactPoint.objects.get(person=pat, kind="phone")
        confirming.confirm(
            kind=kind, asked=[Asked(pat.pk, point.pk)], cause_id=1, language=language, trace=uuid.uuid4(), now=now
        )
        (intent,) = Intent.objects.all()
        text = composed(intent, now).messages[intent.pk].rendered.text
        assert texting.measure(text).parts == 1, texting.measure(text)
        assert text.startswith("Riverbend Health: ")


@pytest.mark.django_db
def test_the_outbox_shows_a_text_as_a_text(client, ana, now):
    (intent,) = due([people_cast.person(given="Pat")], wording(now), now)
    raw = as_letter(
        to="+19784530001", sender="+19785550111", body="Riverbend Health: Pat, ¿sí?",
        reference=tracking.message_id(intent.pk), at=now,
    )  # fmt: skip
    mailbox.keep([mailbox.letter(raw, now)])
    client.force_login(ana)
    html = client.get(f"/outbox/{intent.pk}/").content.decode()
    assert "Pat, ¿sí?" in html
    assert "1 part" in html
    assert "<iframe" not in html
    assert "Replies" in client.get("/outbox/").content.decode()
