"""A text that says stop, and the texts that already wait: stopped, also one second before they would go, also in a worker's hand."""

import sys
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from rapport.integrations.sms import signature
from rapport.kit import clock as house
from rapport.messaging import failpoints, send
from rapport.messaging.models import Intent, MailboxItem, Receipt
from tests import people_cast
from tests.messaging import sms_stage, stage

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, TOKEN = "+19784535501", "a-token-of-the-carrier"


@pytest.fixture
def stop(settings):
    """`stop(moment)`: the carrier brings a text that says what a reasonable person reads as a stop."""
    settings.SMS_TOKEN = TOKEN

    def bring(moment):
        form = {"MessageSid": f"SM{1:032}", "From": NUMBER, "To": "+19785550111", "Body": "pls quit texting me"}
        url = f"{settings.PUBLIC_URL}/hooks/sms/"
        genuine = signature.sign(token=TOKEN, url=url, parameters={name: [one] for name, one in form.items()})
        with house.travel(moment):
            answer = Client().post(
                "/hooks/sms/", urlencode(form), content_type="application/x-www-form-urlencoded",
                headers={"X-Twilio-Signature": genuine},
            )  # fmt: skip
        assert answer.status_code == 200

    return bring


@pytest.fixture
def waiting(now):
    """Texts about care to one person who said yes, due an hour from now."""
    pat = people_cast.person(given="Pat", phones=((NUMBER, "mobile"),))
    version = sms_stage.wording(now)
    first = sms_stage.due([pat], version, now)
    more = [stage.due([pat], version, now, cause_id=10 + n, channel="sms", purpose="P1")[0] for n in range(19)]
    intents = [*first, *more]
    Intent.objects.filter(pk__in=[one.pk for one in intents]).update(due_at=now + timedelta(hours=1))
    return intents


def states(intents):
    return set(Intent.objects.filter(pk__in=[one.pk for one in intents]).values_list("state", flat=True))


def test_one_second_before_they_would_go(stop, waiting, now, settings):
    due = now + timedelta(hours=1)
    stop(due - timedelta(seconds=1))
    with sms_stage.phone(settings):
        send.send_due(owner="w1", now=due, limit=1000)
    assert states(waiting) == {"suppressed"}
    receipt = Receipt.objects.filter(intent_id=waiting[0].pk).get()
    assert (receipt.gate, receipt.allowed) == ("consent", False)
    assert MailboxItem.objects.count() == 1, "the one confirmation, and nothing else"


def test_what_a_worker_has_taken_in_hand(stop, waiting, now, settings, monkeypatch):
    due, said = now + timedelta(hours=1), []

    def reach(name):
        if name == "after_claim" and not said:
            said.append(name)
            stop(due)

    monkeypatch.setattr(failpoints, "reach", reach)
    with sms_stage.phone(settings):
        send.send_due(owner="w1", now=due, limit=1000)
    assert said
    assert states(waiting) == {"suppressed"}


def test_latency(stop, waiting, now, settings, record_property, capsys):
    due = now + timedelta(hours=1)
    with sms_stage.phone(settings):
        began = time.perf_counter()
        stop(due)
        said = time.perf_counter()
        send.send_due(owner="w1", now=due, limit=1000)
        done = time.perf_counter()
    assert states(waiting) == {"suppressed"}
    record_property("seconds", round(done - began, 3))
    with capsys.disabled():
        sys.stdout.write(
            f"\n  withdrawal by text: written after {said - began:.3f} s, last of 20 stopped after {done - began:.3f} s"
        )
