"""The whole send through a provider: what is refused, put off and left open, and what a provider without a contract gets."""

import json

import pytest

from rapport.messaging import send
from rapport.messaging.models import Breaker, Intent, Receipt
from tests.messaging import stage
from tests.messaging.bad_provider import CUT, Reply, postmark_says, provider, taken_by_postmark

pytestmark = pytest.mark.django_db(transaction=True)


def states():
    return sorted(Intent.objects.values_list("state", flat=True))


def test_a_message_goes_to_its_person_with_her_name_and_a_receipt(settings, now):
    (pat,) = stage.people(1, now)
    (intent,) = stage.due([pat], stage.wording(now), now)
    with provider("postmark", taken_by_postmark) as (server, _):
        assert send.send_due(owner="t", now=now, limit=10).sent == 1
    intent.refresh_from_db()
    assert (intent.state, intent.provider_id) == ("sent", "pm-1")
    told = server.asked[0].told
    assert "Givena" in told["HtmlBody"]
    assert told["Metadata"]["rapport"] == intent.message_id


def test_a_recipient_who_is_refused_fails_alone(now):
    many = stage.people(3, now)
    stage.due(many, stage.wording(now), now)
    inactive = "Found inactive addresses: {}. Inactive recipients are ones that"

    def answer(one):
        return postmark_says(422, 406, inactive.format(one.told["To"])) if one.number == 2 else taken_by_postmark(one)

    with provider("postmark", answer):
        report = send.send_due(owner="t", now=now, limit=10)
    assert (report.sent, report.failed) == (2, 1)
    assert Receipt.objects.get(outcome="failed").reason == "postmark said 422 (406)"


def test_a_storm_of_429_loses_nothing_doubles_nothing_and_uses_up_no_attempt(now, clock):
    """Every other message meets “too many”, for a while; in the end everybody has one."""
    many = stage.people(30, now)
    stage.due(many, stage.wording(now), now)
    taken = []

    def answer(one):
        if one.number <= 40 and one.number % 2:
            return Reply(429, "", {"Retry-After": "2"})
        taken.append(one.told["Metadata"]["rapport"])
        return taken_by_postmark(one)

    with provider("postmark", answer):
        for _ in range(60):
            send.send_due(owner="t", now=clock.forward(seconds=5), limit=100)
            stage.knock_now()
    assert states() == ["sent"] * 30
    assert len(taken) == len(set(taken)) == 30
    assert max(Intent.objects.values_list("attempt", flat=True)) <= 1


def test_trouble_inside_the_provider_leaves_few_open_and_the_rest_waits(now, clock):
    stage.due(stage.people(20, now), stage.wording(now), now)
    with provider("postmark", lambda _: Reply(500, "oops")) as (server, _):
        report = send.send_due(owner="t", now=now, limit=100)
    assert (report.unknown, len(server.asked)) == (1, 1)
    assert states() == ["queued"] * 19 + ["unknown"]
    assert Breaker.objects.get(channel="email").try_at is not None
    stage.knock_now()
    with provider("postmark", taken_by_postmark) as (server, _):
        for _ in range(5):
            send.send_due(owner="t", now=clock.forward(minutes=5), limit=100)
    assert states() == ["sent"] * 19 + ["unknown"], "what may have gone is never sent again"
    assert len(server.asked) == 19


def test_a_line_cut_after_the_message_left_is_told_by_the_webhook_later(now):
    stage.due(stage.people(1, now), stage.wording(now), now)
    with provider("postmark", lambda _: CUT):
        assert send.send_due(owner="t", now=now, limit=10).unknown == 1
    assert states() == ["unknown"]


def test_a_provider_without_a_contract_gets_nothing(settings, now):
    settings.MAIL_PROVIDER = "postmark"
    stage.due(stage.people(1, now), stage.wording(now), now)
    with provider("postmark", taken_by_postmark) as (server, _):
        assert send.send_due(owner="t", now=now, limit=10).sent == 0
    assert server.asked == []
    receipt = Receipt.objects.get()
    assert receipt.gate == "vendor", json.dumps(receipt.gates)[:2000]
