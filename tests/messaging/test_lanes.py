"""Who goes first, and what comes back decides how much goes out."""

from datetime import date, timedelta

import pytest

from rapport.messaging import leases, pressure, send
from rapport.messaging.models import Intent, Pause, Receipt, SenderDay, WarmUp
from rapport.trust.models import AuditEntry
from tests.messaging import bad_relay, stage

pytestmark = pytest.mark.django_db(transaction=True)


def care(now, many: int):
    return stage.due(
        stage.people(many, now), stage.wording(now, topic="care", slug="care"), now, cause_id=2, purpose="P1"
    )


def news(now, many: int):
    return stage.due(stage.people(many, now), stage.wording(now), now)


def states(intents) -> list[str]:
    found = Intent.objects.in_bulk([one.pk for one in intents])
    return sorted({one.state for one in found.values()})


def fared(day: date, *, delivered: int, complaints: int = 0, bounced: int = 0) -> SenderDay:
    values = {"delivered": delivered, "complaints": complaints, "bounced": bounced, "source": "test"}
    found, _ = SenderDay.objects.update_or_create(
        sender=pressure.our_domain(), day=day, defaults={**values, "noted_at": "2026-03-04T00:00:00Z"}
    )
    return found


def test_each_intent_has_the_lane_of_its_purpose(now):
    (one,), (other,) = care(now, 1), news(now, 1)
    assert (one.lane, other.lane) == (Intent.Lane.CARE, Intent.Lane.COMMERCIAL)


def test_care_goes_before_news_that_waited_longer(now, settings):
    later = now + timedelta(minutes=5)
    waiting, urgent = news(now, 4), care(later, 3)
    with bad_relay.relay(settings) as relay:
        assert send.send_due(owner="t", now=later, limit=3).sent == 3
        assert (states(urgent), states(waiting)) == (["sent"], ["queued"])
        send.send_due(owner="t", now=later, limit=10)
    assert len(relay.taken) == 7


def test_what_a_person_pauses_waits_and_care_goes_on_until_a_person_lifts_it(now, settings, ana):
    waiting, urgent = news(now, 3), care(now, 2)
    pressure.pause(by=ana, channel="email", reason="The letterhead is wrong.", now=now)
    with bad_relay.relay(settings):
        send.send_due(owner="t", now=now, limit=100)
        assert (states(urgent), states(waiting)) == (["sent"], ["queued"])
        pressure.lift(by=ana, channel="email", reason="Mended.", now=now)
        send.send_due(owner="t", now=now, limit=100)
    assert states(waiting) == ["sent"]
    with pytest.raises(pressure.NothingToLift):
        pressure.lift(by=ana, channel="email", reason="Again.", now=now)
    assert AuditEntry.objects.filter(verb__in=["message.pause", "message.lift"]).count() == 2


@pytest.mark.parametrize(
    ("delivered", "complaints", "bounced", "cause"),
    [
        (10_000, 24, 0, None),
        (10_000, 25, 0, "complaints"),
        (10_000, 0, 400, None),
        (1_000, 0, 60, "bounces"),
        (20, 5, 0, None),
    ],
)
def test_too_many_complaints_or_bounces_pause_commercial_mail(now, delivered, complaints, bounced, cause):
    fared(now.date(), delivered=delivered, complaints=complaints, bounced=bounced)
    pressure.watch(now)
    pressure.watch(now)
    assert list(Pause.objects.values_list("cause", flat=True)) == ([cause] if cause else [])
    assert pressure.paused() == ({"email"} if cause else set())


def test_a_pause_that_a_person_lifted_comes_back_only_with_more_complaints(now, ana):
    fared(now.date(), delivered=10_000, complaints=30)
    assert pressure.watch(now) is not None
    pressure.lift(by=ana, channel="email", reason="One list, taken out.", now=now)
    assert pressure.watch(now) is None
    fared(now.date(), delivered=10_000, complaints=31)
    again = pressure.watch(now)
    assert again is not None
    assert "0.31%" in again.reason


def test_a_message_in_hand_when_the_limit_is_passed_waits_and_is_not_lost(now, settings):
    fared(now.date() - timedelta(days=1), delivered=12_000, complaints=37)
    waiting = news(now, 2)
    with bad_relay.relay(settings):
        report = send.send_due(owner="t", now=now, limit=10)
    assert (report.deferred, states(waiting)) == (2, ["queued"])
    assert set(Receipt.objects.values_list("gate", flat=True)) == {"deliverability"}


def test_a_new_sender_sends_little_at_first_and_more_each_day(now, settings):
    WarmUp.objects.create(
        sender=pressure.our_domain(), started_on=now.date(), first=3, growth=2.0, full=100, set_at=now
    )
    plan = WarmUp.objects.get()
    assert [pressure.allowed(plan, now.date() + timedelta(days=n)) for n in range(-1, 7)] == [
        3,
        3,
        6,
        12,
        24,
        48,
        96,
        100,
    ]
    waiting, urgent = news(now, 8), care(now, 2)
    with bad_relay.relay(settings) as relay:
        send.send_due(owner="t", now=now, limit=100)
        assert states(urgent) == ["sent"]
        assert len(relay.taken) == 3, "two of care, and one of news"
        tomorrow = now + timedelta(days=1)
        send.send_due(owner="t", now=tomorrow, limit=100)
    assert len(relay.taken) == 9
    assert states(waiting) == ["queued", "sent"]
    assert SenderDay.objects.get(day=now.date()).handed_over == 3


def test_care_is_counted_and_not_held_back_by_the_plan(now, settings):
    WarmUp.objects.create(
        sender=pressure.our_domain(), started_on=now.date(), first=1, growth=2.0, full=100, set_at=now
    )
    urgent = care(now, 5)
    with bad_relay.relay(settings) as relay:
        send.send_due(owner="t", now=now, limit=100)
    assert (len(relay.taken), states(urgent)) == (5, ["sent"])


def test_much_care_does_not_bury_an_answer(now):
    care(now, 5)
    wording = stage.wording(now, topic="care", slug="a")
    stage.due(stage.people(1, now), wording, now, cause="confirmation", cause_id=9, purpose="P1")
    lanes = pressure.lanes("email", held=(), now=now)
    claimed = leases.claim(owner="t", channel="email", lanes=lanes, now=now, limit=2, terms=leases.HOUSE)
    assert [one.cause for one in claimed] == ["confirmation", "campaign"]
