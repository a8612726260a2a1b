"""Web push: browsers are told that a message lies in the inbox, by a real request that a real key opens, and told nothing else."""

import base64
import json
import os
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from rapport.consent import vendors
from rapport.consent.models import ConsentRecord
from rapport.messaging import pushing, send, switching, tracking, vapid
from rapport.messaging.channels import push
from rapport.messaging.models import Letter, PortalMessage, PushSubscription, Receipt
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.messaging import paper_stage, stage

BORN = date(1970, 5, 17)


class Browser:
    """A browser with its keys."""

    def __init__(self, endpoint):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        self.endpoint = endpoint

    def said(self):
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        coded = {
            name: base64.urlsafe_b64encode(blob).decode().rstrip("=")
            for name, blob in (("p256dh", point), ("auth", self.auth))
        }
        return {"endpoint": self.endpoint, **coded}

    def opened(self, body):
        return json.loads(http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm"))


@contextmanager
def service(settings, answers):
    """A push service on loopback: `answers(path)` gives status and headers; keeps what came."""
    came = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, dict(self.headers), body))
            status, headers = answers(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *told):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.PUSH_HOSTS = ("127.0.0.1",)
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", came
    finally:
        push.CHANNEL.hang_up()
        server.shutdown()
        server.server_close()


def subscribed(person, browser, now):
    pushing.subscribe(by=SYSTEM, person_id=person.pk, said=browser.said(), language="en", words="yes", now=now)


def told(now, person, **more):
    vendors.add(
        by=SYSTEM,
        terms=vendors.Terms(name="Push services", channels=("push",), baa_reference="C-1", baa_signed_on=now.date()),
        now=now,
    )
    version = paper_stage.wording(now, channel="push", slug="visit-push", family="visit")
    (intent,) = stage.due([person], version, now, channel="push", purpose="P1", **more)
    send.send_due(owner="t", now=now, limit=10)
    intent.refresh_from_db()
    return intent


@pytest.mark.django_db
def test_the_browser_is_told_of_a_message_and_not_what_it_says(now, settings):
    rosa = people_cast.person(given="Rosa", birth_date=BORN)
    with service(settings, lambda _path: (201, {"Location": "/m/1"})) as (base, came):
        browser = Browser(f"{base}/device/1")
        subscribed(rosa, browser, now)
        intent = told(now, rosa)
    assert (intent.state, intent.provider_id) == ("sent", "/m/1")
    ((_path, headers, body),) = came
    assert browser.opened(body) == {
        "title": settings.CLINIC_NAME,
        "body": "You have a new message.",
        "path": f"/inbox/{tracking.token('preferences', intent.pk)}",
    }
    assert b"Rosa" not in body
    assert headers["Content-Encoding"] == "aes128gcm"
    assert len(headers["Topic"]) <= 32
    assert Vapid02.verify(headers["Authorization"])
    assert PortalMessage.objects.get().intent_id == intent.pk, "the words lie in the inbox"


@pytest.mark.django_db
@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_struck_off_and_the_message_takes_another_way(now, settings, status):
    rosa = people_cast.person(birth_date=BORN)
    paper_stage.wording(now, family="visit")
    with service(settings, lambda _path: (status, {})) as (base, _came):
        subscribed(rosa, Browser(f"{base}/device/1"), now)
        intent = told(now, rosa, others=("print",))
    assert intent.state == "failed"
    assert PushSubscription.objects.get().ended_because == f"the service said {status}"
    assert not PortalMessage.objects.exists()
    assert switching.turn(now=now).on == 1
    send.send_due(owner="t", now=now, limit=10)
    assert Letter.objects.get().intent_id == intent.pk


@pytest.mark.django_db
def test_one_gone_browser_does_not_keep_the_other_from_being_told(now, settings):
    rosa = people_cast.person(birth_date=BORN)
    with service(settings, lambda path: (410, {}) if path.endswith("1") else (201, {})) as (base, came):
        for number in (1, 2):
            subscribed(rosa, Browser(f"{base}/device/{number}"), now)
        assert told(now, rosa).state == "sent"
    assert len(came) == 2
    assert PushSubscription.objects.filter(ended_at=None).count() == 1


@pytest.mark.django_db
def test_a_full_service_is_obeyed(now, settings):
    rosa = people_cast.person(birth_date=BORN)
    with service(settings, lambda _path: (429, {"Retry-After": "120"})) as (base, _came):
        subscribed(rosa, Browser(f"{base}/device/1"), now)
        intent = told(now, rosa)
    assert (intent.state, intent.due_at) == ("queued", now + timedelta(seconds=120))
    assert not PortalMessage.objects.exists()


@pytest.mark.django_db
def test_who_never_said_yes_is_not_told(now):
    intent = told(now, people_cast.person(birth_date=BORN))
    assert intent.state == "suppressed"
    assert Receipt.objects.get(intent_id=intent.pk).gate == "contact"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/push",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://[::1",
        "",
        "https://fcm.googleapis.com/" + "x" * 1000,
    ],
)
def test_only_push_services_of_the_list_are_called(endpoint):
    assert not pushing.is_allowed(endpoint)


def test_the_services_of_the_browsers_are_on_the_list():
    for endpoint in ("https://fcm.googleapis.com/wp/a:b", "https://updates.push.services.mozilla.com/wpush/v2/x"):
        assert pushing.is_allowed(endpoint)


def test_the_key_pair_is_made_once():
    assert vapid.public_key() == vapid.public_key()
    assert len(base64.urlsafe_b64decode(vapid.public_key() + "=")) == 65


@pytest.mark.django_db
def test_a_patient_turns_it_on_and_off_with_her_words_on_record(client, now):
    rosa = people_cast.person(birth_date=BORN)
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    (intent,) = paper_stage.placed([rosa], version, now)
    link = f"/inbox/{tracking.token('preferences', intent.pk)}"
    client.post(link, {"do": "open", "born": BORN.isoformat()})
    assert client.post(link, {"do": "tell", "endpoint": "https://evil.example/x"}).status_code == 422
    said = Browser("https://fcm.googleapis.com/wp/abc").said()
    assert client.post(link, {"do": "tell", **said}).status_code == 302
    kept = PushSubscription.objects.get()
    assert b"fcm" not in bytes(kept.endpoint)
    yes = ConsentRecord.objects.filter(person=rosa, channel="push", status="granted")
    assert {one.topic for one in yes} == set(pushing.TOPICS)
    assert "nothing else" in yes[0].evidence["text"]
    assert "Do not tell me any more" in client.get(link).content.decode()
    client.post(link, {"do": "untell"})
    assert not PushSubscription.objects.filter(ended_at=None).exists()
    assert ConsentRecord.objects.filter(person=rosa, channel="push", status="withdrawn").count() == 2
    assert client.get("/inbox/worker.js").headers["Content-Type"].startswith("text/javascript")


@pytest.mark.django_db
def test_nobody_turns_it_on_without_the_birth_date(client, now):
    rosa = people_cast.person(birth_date=BORN)
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    (intent,) = paper_stage.placed([rosa], version, now)
    said = Browser("https://fcm.googleapis.com/wp/abc").said()
    client.post(f"/inbox/{tracking.token('preferences', intent.pk)}", {"do": "tell", **said})
    assert not PushSubscription.objects.exists()
