"""Carriers that are away or full: nothing is lost, nothing is used up, the others go on."""

import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.db import connection

from rapport.messaging import breakers, send
from rapport.messaging.models import Breaker, Intent, Receipt, Throttle
from tests import people_cast
from tests.messaging import bad_relay, sms_stage, stage

pytestmark = pytest.mark.django_db(transaction=True)


def test_after_an_outage_one_message_goes_first():
    assert breakers.ask("email") == "open"
    breakers.failed("email", reason="No line.")
    assert breakers.ask("email") == "shut"
    stage.knock_now()
    assert [breakers.ask("email"), breakers.ask("email")] == ["probe", "shut"], "one worker, and no other"
    breakers.worked("email")
    assert breakers.ask("email") == "open"


def test_each_failure_in_a_row_doubles_the_wait_up_to_two_minutes_and_a_carrier_may_ask_for_more():
    waits = [breakers.failed("email", reason="No line.") for _ in range(12)]
    for number, wait in enumerate(waits):
        assert 0.8 * min(2**number, 120) <= wait <= 1.2 * min(2**number, 120)
    assert breakers.failed("email", reason="Full.", wait=600) == 600
    assert breakers.failed("email", reason="Full.", worked=True) < 1.3, "it had taken some: not counted as away"


def test_ten_minutes_without_a_relay_lose_nothing_use_up_nothing_and_hold_up_no_text(now, settings):
    people = stage.people(60, now)
    stage.due(people, stage.wording(now), now)
    sms_stage.due([people_cast.person() for _ in range(5)], sms_stage.wording(now), now)
    settings.SMTP_PORT = stage.free_port()
    stage.email.CHANNEL.hang_up()
    waited, knocks = 0.0, 0
    with sms_stage.phone(settings):
        while waited < 600:
            report = send.send_due(owner="t", now=now + timedelta(seconds=waited), limit=1_000)
            assert report.busy <= 1
            knocks += report.busy
            waited += seconds_to_wait()
            stage.knock_now()
        assert Intent.objects.filter(channel="sms", state="sent").count() == 5
    assert 8 <= knocks <= 14, "ten minutes are some knocks, not thousands"
    assert set(Intent.objects.filter(channel="email").values_list("state", "attempt")) == {("queued", 0)}
    Throttle.objects.create(name="email", per_second=40, set_at=now)
    with bad_relay.relay(settings) as relay:
        began = time.monotonic()
        while Intent.objects.filter(channel="email", state="queued").exists() and time.monotonic() < began + 30:
            send.send_due(owner="t", now=now + timedelta(seconds=600), limit=1_000)
        took = time.monotonic() - began
    assert len({address for address, _ in relay.taken}) == len(relay.taken) == 60
    assert took >= 59 / 40 - 0.1, "what waited goes at the rate that was set, not all at once"
    assert not Breaker.objects.filter(failures__gt=0).exists()


def test_a_carrier_that_loses_what_it_is_given_is_left_alone_before_it_loses_more(now, settings):
    stage.due(stage.people(20, now), stage.wording(now), now)
    with bad_relay.relay(settings, at_end=lambda who, _: bad_relay.CUT) as relay:
        for _ in range(4):
            send.send_due(owner="t", now=now, limit=5)
            stage.knock_now()
    states = list(Intent.objects.values_list("state", flat=True))
    assert states.count("unknown") <= 5 + 3, "the first batch, then one message a knock"
    assert states.count("queued") == 20 - states.count("unknown")
    assert relay.taken == []


def seconds_to_wait() -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM max(try_at) - clock_timestamp()), 0)::float8 FROM messaging_breaker"
        )
        return max(0.5, float(cursor.fetchone()[0]))


def test_a_storm_of_too_many_requests_ends_with_every_text_sent_once(now, settings):
    """A real carrier that says 429 to every other request, with and without telling for how long."""
    storm = Storm()
    sms_stage.due([people_cast.person() for _ in range(20)], sms_stage.wording(now), now)
    with storm.serving(settings):
        moment, began = now, time.monotonic()
        while Intent.objects.filter(state__in=["queued", "claimed"]).exists() and time.monotonic() < began + 30:
            send.send_due(owner="t", now=moment, limit=1_000)
            moment += timedelta(seconds=30)
            stage.knock_now()
    assert sorted(storm.taken) == sorted(set(storm.taken))
    assert len(storm.taken) == 20
    assert storm.refused >= 15
    assert set(Intent.objects.values_list("state", "attempt")) == {("sent", 1)}, "a full carrier uses up no attempt"
    assert Receipt.objects.filter(outcome="deferred", reason__contains="429").count() == storm.refused


class Storm:
    """Takes every other message."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refused = 0
        self.asked = 0

    def serving(self, settings):
        storm = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                storm.asked += 1
                if storm.asked % 2:
                    storm.refused += 1
                    self.send_response(429)
                    if storm.asked % 4 == 1:
                        self.send_header("Retry-After", "20")
                    body = b'{"code": 20429}'
                else:
                    storm.taken.append(form["To"][0])
                    self.send_response(201)
                    body = json.dumps({"sid": f"SM{len(storm.taken)}"}).encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words: object) -> None:
                pass

        return _Serving(Door, settings)


class _Serving:
    def __init__(self, door, settings) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), door)
        self.settings, self.before = settings, settings.SMS_URL

    def __enter__(self) -> None:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.settings.SMS_URL = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        sms_stage.sms.CHANNEL.hang_up()
        self.server.shutdown()
        self.server.server_close()
        self.settings.SMS_URL = self.before
