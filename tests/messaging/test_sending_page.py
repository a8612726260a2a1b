"""The page Sending: what stands there, what a person can change, and who may."""

from datetime import date, timedelta

import pytest

from rapport.kit import clock
from rapport.messaging import breakers, pacing, pressure, receipts, warming
from rapport.messaging.models import Intent, Pause, SenderDay, Throttle, WarmUp
from rapport.trust.models import AuditEntry, Grant, Role
from tests.home import desk_stage
from tests.messaging import stage

pytestmark = pytest.mark.django_db
AT = "/outbox/sending/"


@pytest.fixture(autouse=True)
def today(now):
    with clock.travel(now):
        yield


@pytest.fixture
def by_ana(client, ana):
    client.force_login(ana)
    return client


def text(response) -> str:
    return response.content.decode()


def fared(day: date, **values) -> None:
    SenderDay.objects.create(
        sender=pressure.our_domain(), day=day, source="test", noted_at="2026-03-04T00:00:00Z", **values
    )


def dead(count, now):
    made = stage.due(stage.people(count, now), stage.wording(now), now)
    Intent.objects.filter(pk__in=[one.pk for one in made]).update(state="dead", attempt=5, settled_at=now)
    return made


def test_all_is_well_is_said_first(by_ana):
    page = text(by_ana.get(AT))
    assert "All is going out" in page
    assert "no limit" in page
    assert "No word from mailbox providers yet" in page


def test_a_carrier_that_is_away_is_said_with_why_and_when_somebody_knocks(by_ana, now):
    breakers.failed("email", reason="The relay did not answer.", wait=40)
    stage.due(stage.people(3, now), stage.wording(now), now)
    page = text(by_ana.get(AT))
    assert "The carrier has not answered since" in page
    assert "Next try in" in page
    assert "The relay did not answer." in page
    assert 'hx-trigger="every 10s"' in page
    breakers.worked("email")
    assert "has not answered" not in text(by_ana.get(AT))


def test_news_is_paused_and_let_go_on_with_a_reason(by_ana, ana):
    assert by_ana.post(AT + "email/pause/", {"reason": " "}).status_code == 422
    assert not Pause.objects.exists()
    by_ana.post(AT + "email/pause/", {"reason": "The letterhead is wrong."})
    page = text(by_ana.get(AT))
    assert "The letterhead is wrong." in page
    assert "Paused by Ana Marsh." in page
    assert by_ana.post(AT + "email/lift/", {}).status_code == 422
    by_ana.post(AT + "email/lift/", {"reason": "Mended."})
    assert Pause.objects.get().lifted_because == "Mended."
    assert "Mended." in text(by_ana.get(AT))
    assert "let it go on already" in text(by_ana.post(AT + "email/lift/", {"reason": "Again."}, follow=True))
    assert set(AuditEntry.objects.filter(actor=ana).values_list("verb", flat=True)) >= {"message.pause", "message.lift"}


def test_a_channel_that_does_not_exist_is_not_paused(by_ana):
    assert by_ana.post(AT + "pigeon/pause/", {"reason": "No."}).status_code == 404


def test_rates_are_set_and_lifted(by_ana):
    by_ana.post(AT + "rates/", {"way": "email", "per_second": "20"})
    by_ana.post(AT + "rates/", {"way": "email:", "domain": "someone@Gmail.com", "per_second": "0.5"})
    by_ana.post(AT + "rates/", {"way": pacing.EVERY_DOMAIN, "per_second": "2"})
    assert dict(Throttle.objects.values_list("name", "per_second")) == {
        "email": 20,
        "email:gmail.com": 0.5,
        "email:*": 2,
    }
    page = text(by_ana.get(AT))
    assert "E-mail to gmail.com" in page
    assert "at most 0.50 a second" in page
    by_ana.post(AT + "rates/", {"lift": "email:gmail.com"})
    by_ana.post(AT + "rates/", {"lift": "email:never.example"})
    assert set(Throttle.objects.values_list("name", flat=True)) == {"email", "email:*"}
    assert AuditEntry.objects.filter(verb="message.limit").count() == 4


@pytest.mark.parametrize(
    "typed",
    [
        {"way": "email", "per_second": "0"},
        {"way": "email", "per_second": "-3"},
        {"way": "email", "per_second": "inf"},
        {"way": "email", "per_second": "quick"},
        {"way": "pigeon", "per_second": "1"},
        {"way": "email:", "domain": "", "per_second": "1"},
        {"way": "email:", "domain": "*", "per_second": "1"},
        {"way": "email:", "domain": "#0011", "per_second": "1"},
    ],
)
def test_what_is_no_rate_comes_back_with_what_is_wrong(by_ana, typed):
    assert by_ana.post(AT + "rates/", typed).status_code == 422
    assert not Throttle.objects.exists()


def test_domains_that_are_paced_by_the_common_rule_are_counted_and_never_named(by_ana, ana, now):
    pacing.limit(by=ana, name=pacing.EVERY_DOMAIN, per_second=1, now=now)
    pacing.domains({1: "a@one.example", 2: "b@two.example"})
    page = text(by_ana.get(AT))
    assert "2 domains are paced" in page
    assert "one.example" not in page


def test_a_plan_of_warming_up_is_started_shown_and_ended(by_ana, now):
    by_ana.post(AT + "warm-up/", {"started_on": "2026-03-02", "first": "50", "growth": "2", "full": "1000"})
    plan = WarmUp.objects.get()
    assert (plan.sender, plan.started_on) == (pressure.our_domain(), date(2026, 3, 2))
    fared(date(2026, 3, 3), handed_over=97)
    page = text(by_ana.get(AT))
    for words in ("50 on the first day", "97", "200", "End the plan"):
        assert words in page
    by_ana.post(AT + "warm-up/", {"end": "1"})
    assert not WarmUp.objects.exists()
    assert AuditEntry.objects.filter(verb="message.warm_up_end").count() == 1


@pytest.mark.parametrize(
    ("first", "growth", "full"), [("0", "2", "10"), ("50", "1", "100"), ("50", "2", "10"), ("x", "2", "9")]
)
def test_what_is_no_plan_is_refused(by_ana, first, growth, full):
    typed = {"started_on": "2026-03-02", "first": first, "growth": growth, "full": full}
    assert by_ana.post(AT + "warm-up/", typed).status_code == 422
    assert not WarmUp.objects.exists()


def test_the_verb_refuses_what_the_form_would(ana, now):
    for first, growth, full in ((0, 2.0, 10), (50, 1.0, 100), (50, 2.0, 10)):
        with pytest.raises(warming.NotAPlan):
            warming.start(by=ana, first=first, growth=growth, full=full, started_on=now.date(), now=now)


def test_how_the_sender_fares_stands_by_day_with_the_line(by_ana, now):
    fared(now.date() - timedelta(days=1), handed_over=2100, delivered=2000, bounced=40, complaints=6)
    page = text(by_ana.get(AT))
    assert "0.30%" in page
    assert "Above 0.25% news and offers pause" in page
    assert "above the line" in page


def test_dead_letters_are_listed_without_names_and_revived_or_buried(by_ana, now):
    one, other, third = dead(3, now)
    receipts.write([receipts.plain(one, "dead", "Tried 5 times. 450 The mailbox is busy.", now)])
    page = text(by_ana.get(AT + "dead/"))
    assert f"#{one.pk}" in page
    assert "450 The mailbox is busy." in page
    assert "Given" not in page
    settle = AT + "dead/settle/"
    assert by_ana.post(settle, {"reason": "Mended."}).status_code == 422
    assert by_ana.post(settle, {"letter": [one.pk]}).status_code == 422
    by_ana.post(settle, {"letter": [one.pk], "reason": "The name was mended.", "do": "revive"})
    by_ana.post(settle, {"all": "on", "shown": [other.pk, third.pk], "reason": "They moved.", "do": "bury"})
    states = Intent.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["queued", "failed", "failed"]


def test_dead_letters_of_people_out_of_sight_are_neither_seen_nor_touched(client, ana, now):
    (one,) = dead(1, now)
    Grant.objects.filter(user=ana).delete()
    Grant.objects.create(user=ana, role=Role.MARKETER, location_id=desk_stage.lowell().pk, granted_at=now)
    client.force_login(ana)
    assert f"#{one.pk}" not in text(client.get(AT + "dead/"))
    client.post(AT + "dead/settle/", {"letter": [one.pk], "reason": "Mine.", "do": "bury"})
    one.refresh_from_db()
    assert one.state == "dead"


def test_who_reads_the_outbox_sees_it_and_changes_nothing(client, bea, now):
    dead(1, now)
    client.force_login(bea)
    page = text(client.get(AT))
    assert "Pause news and offers" not in page
    assert "Set a rate" not in page
    assert "Let them go again" not in text(client.get(AT + "dead/"))
    for path in ("email/pause/", "email/lift/", "rates/", "warm-up/", "dead/settle/"):
        assert client.post(AT + path, {"reason": "No.", "way": "email", "per_second": "1"}).status_code == 403, path
    assert not Pause.objects.exists()


def test_who_has_no_right_sees_nothing(client, zoe):
    client.force_login(zoe)
    for path in (AT, AT + "dead/"):
        assert client.get(path).status_code == 403


def test_the_outbox_knows_what_is_on_hold_and_what_was_tried_too_often(by_ana, now):
    rows = stage.due(stage.people(2, now), stage.wording(now), now)
    Intent.objects.update(cause="desk")
    one, other = rows
    Intent.objects.filter(pk=one.pk).update(state="held")
    Intent.objects.filter(pk=other.pk).update(state="dead", settled_at=now)
    assert "Its campaign is paused." in text(by_ana.get("/outbox/?state=held"))
    assert "Look after them" in text(by_ana.get("/outbox/?state=dead"))
    for intent in (one, other):
        for path in (
            f"/outbox/{intent.pk}/",
            f"/people/{intent.person_id}/?part=messages",
            f"/trust/trace/{intent.pk}/",
        ):
            assert by_ana.get(path).status_code == 200, path


def test_today_tells_the_marketer_of_a_pause_an_outage_and_dead_letters(by_ana, ana, now):
    assert "has not answered" not in text(by_ana.get("/"))
    dead(2, now)
    pressure.pause(by=ana, channel="email", reason="The letterhead is wrong.", now=now)
    breakers.failed("sms", reason="No line.")
    page = text(by_ana.get("/"))
    for words in (
        "2 messages were tried too often",
        "The letterhead is wrong.",
        "Texts: the carrier has not answered since",
    ):
        assert words in page
