"""The carrier's webhook: a stop is done before the carrier has its answer, once, and only when the carrier asks."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from rapport.consent import ledger
from rapport.consent import queries as consents
from rapport.consent.models import ConsentRecord, Suppression
from rapport.integrations import landing, take_in
from rapport.integrations.models import Landing, Reply
from rapport.integrations.sms import signature
from rapport.kit import clock as house_clock
from rapport.messaging import send
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.people import contact
from rapport.people.models import Event
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.messaging import sms_stage

pytestmark = pytest.mark.django_db
TOKEN, NUMBER = "a-token-of-the-carrier", "+19784535501"
SECRET_WORDS = "Quetzalcoatl has a rash"


@pytest.fixture(autouse=True)
def carrier(settings):
    settings.SMS_TOKEN = TOKEN


@pytest.fixture
def pat():
    return people_cast.person(given="Pat", phones=((NUMBER, "mobile"),))


@pytest.fixture
def say(client, settings, clock):
    """`say("STOP")`: somebody writes, and the carrier brings it."""
    count = iter(range(1, 1000))

    def bring(body, *, sid="", sender=NUMBER, signed=None, **more):
        form = {"MessageSid": sid or f"SM{next(count):032}", "From": sender, "To": "+19785550111", "Body": body, **more}
        url = f"{settings.PUBLIC_URL}/hooks/sms/"
        genuine = signature.sign(token=TOKEN, url=url, parameters={name: [one] for name, one in form.items()})
        with house_clock.travel(clock.now()):
            return client.post(
                "/hooks/sms/", urlencode(form), content_type="application/x-www-form-urlencoded",
                headers={"X-Twilio-Signature": genuine if signed is None else signed},
            )  # fmt: skip

    return bring


def says_yes(person, topic, now, *, channel="sms", tier="express"):
    return ledger.grant(
        by=SYSTEM, person_id=person.pk, channel=channel, topic=topic, via="front desk", now=now, tier=tier,
        text_version="c-1", evidence={},
    )  # fmt: skip


def standing(person, now, channel="sms"):
    told = consents.current([person.pk], now=now).get(person.pk, {})
    return {topic: one.status for (where, topic), one in told.items() if where == channel}


def confirmations():
    return Intent.objects.filter(cause="confirmation", occurrence__startswith="stopped").order_by("id")


def listed():
    digest = contact.phone(NUMBER).digest()
    return set(Suppression.objects.filter(digest=digest, lifted_at__isnull=True).values_list("topic", flat=True))


def nothing_changed():
    assert not Landing.objects.exists()
    assert not ConsentRecord.objects.exists()
    assert not Suppression.objects.exists()
    assert not Intent.objects.exists()
    assert not Reply.objects.exists()


def test_a_stop_withdraws_suppresses_and_queues_one_confirmation(say, pat, clock):
    answer = say("STOP")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert b"<Message" not in answer.content
    assert {one.channel for one in ConsentRecord.objects.filter(person=pat, status="withdrawn", topic="all")} == {
        "sms",
        "call",
    }
    assert set(standing(pat, clock.now()).values()) == {"withdrawn"}
    assert listed() == {"all"}
    (intent,) = confirmations()
    assert (intent.person_id, intent.channel, intent.purpose, intent.topic) == (pat.pk, "sms", "P1", "care")
    assert intent.due_at == intent.created_at == clock.now()
    assert ConsentRecord.objects.get(pk=intent.cause_id).person_id == pat.pk
    assert AuditEntry.objects.filter(verb="consent.revoke").count() == 1


def test_a_second_stop_a_minute_later_makes_no_second_confirmation_and_one_after_a_day_does(say, pat, clock):
    say("pls quit texting me")
    clock.forward(minutes=1)
    say("no mas")
    assert confirmations().count() == 1
    clock.forward(hours=24)
    say("STOP")
    assert confirmations().count() == 2


def test_silence_after_the_question_leaves_everything_stopped(say, pat, clock):
    says_yes(pat, "care", clock.now() - timedelta(days=9))
    say("STOP")
    clock.forward(days=40)
    assert set(standing(pat, clock.now()).values()) == {"withdrawn"}
    assert listed() == {"all"}


def test_the_answer_care_keeps_visit_reminders_and_nothing_else(say, pat, clock):
    says_yes(pat, "newsletter", clock.now() - timedelta(days=9))
    say("STOP")
    clock.forward(minutes=3)
    say("Care")
    now = standing(pat, clock.now())
    assert now.pop("care") == "granted"
    assert set(now.values()) == {"withdrawn"}
    assert "care" not in listed()
    assert {"newsletter", "health_services"} <= listed()
    assert "all" not in listed()


def test_care_without_a_question_of_ours_changes_nothing_and_waits_for_a_person(say, pat):
    say("CARE")
    assert not ConsentRecord.objects.exists()
    assert Reply.objects.get().state == "open"


def test_who_had_stopped_reminders_before_does_not_get_them_back_by_care(say, pat, clock):
    ledger.withdraw(
        by=SYSTEM, person_id=pat.pk, channel="sms", topic="care", via="phone", now=clock.now() - timedelta(days=1)
    )
    say("STOP")
    clock.forward(minutes=3)
    say("CARE")
    assert standing(pat, clock.now())["care"] == "withdrawn"


def test_start_brings_back_what_the_stop_took_and_invents_no_written_consent(say, pat, clock):
    before = clock.now() - timedelta(days=9)
    written = says_yes(pat, "health_services", before, tier="written")
    ledger.withdraw(by=SYSTEM, person_id=pat.pk, channel="sms", topic="fundraising", via="phone", now=before)
    say("STOP")
    clock.forward(minutes=3)
    say("START")
    now = standing(pat, clock.now())
    assert now["health_services"] == "granted"
    assert now["care"] == "granted", "allowed without a yes before, so it is again"
    assert now["newsletter"] == "withdrawn", "there never was a yes"
    assert now["fundraising"] == "withdrawn", "the no was there before the stop"
    (again,) = ConsentRecord.objects.filter(via="sms_start", channel="sms", topic="health_services")
    assert (again.tier, again.text_version, again.evidence["brings_back"]) == ("written", "c-1", written.pk)
    assert not ConsentRecord.objects.filter(via="sms_start", tier="written").exclude(topic="health_services").exists()
    assert listed() == set()


def test_start_leaves_a_number_on_the_list_that_staff_put_there(say, pat, clock):
    Suppression.objects.create(
        kind="phone", digest=contact.phone(NUMBER).digest(), topic="all", reason="staff", at=clock.now()
    )
    clock.forward(minutes=1)
    say("STOP")
    clock.forward(minutes=1)
    say("START")
    assert listed() == {"all"}


def test_a_bare_yes_after_our_question_is_no_start(say, pat, clock):
    say("STOP")
    clock.forward(minutes=2)
    say("yes")
    assert set(standing(pat, clock.now()).values()) == {"withdrawn"}
    assert Reply.objects.order_by("id").last().state == "open"


def test_stop_after_start_stops_again(say, pat, clock):
    for words in ("STOP", "START", "STOP"):
        say(words)
        clock.forward(minutes=2)
    assert set(standing(pat, clock.now()).values()) == {"withdrawn"}
    assert listed() == {"all"}


def test_all_who_share_the_number_are_taken_at_its_word_and_one_text_confirms_it(say, pat, clock):
    quinn = people_cast.person(given="Quinn", phones=((NUMBER, "home"),))
    say("Alto")
    for one in (pat, quinn):
        assert set(standing(one, clock.now()).values()) == {"withdrawn"}
    (intent,) = confirmations()
    assert intent.version.piece.language == "es"


def test_an_unknown_number_is_suppressed_all_the_same(say, clock):
    assert say("STOP").status_code == 200
    assert listed() == {"all"}
    assert not Intent.objects.exists()
    assert Reply.objects.get().person_id is None


@pytest.mark.parametrize("signed", ["", "bm90IHRoZSByaWdodCBvbmU=", "å"])
def test_a_wrong_signature_changes_nothing(say, pat, signed):
    assert say("STOP", signed=signed).status_code == 403
    nothing_changed()


def test_without_a_secret_nobody_is_believed(say, pat, settings):
    settings.SMS_TOKEN = ""
    assert say("STOP").status_code == 403
    nothing_changed()


def test_a_signature_for_other_words_or_another_address_is_worth_nothing(say, pat, settings):
    form = {"MessageSid": ["SM1"], "From": [NUMBER], "To": ["+19785550111"], "Body": ["hello"]}
    url = f"{settings.PUBLIC_URL}/hooks/sms/"
    for told, where in ((form, url), (form | {"Body": ["STOP"]}, url + "?x=1")):
        wrong = signature.sign(token=TOKEN, url=where, parameters=told)
        assert say("STOP", sid="SM1", signed=wrong).status_code == 403
    nothing_changed()


def test_the_signature_is_that_of_the_carriers_documentation():
    told = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675310"],
        "Digits": ["1234"],
        "From": ["+14158675310"],
        "To": ["+18005551212"],
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature.sign(token="12345", url=url, parameters=told) == "GvWf1cFY/Q7PnoempGyD5oXAezc="


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_anything_but_a_post_changes_nothing(client, pat, method):
    assert getattr(client, method)("/hooks/sms/?Body=STOP&From=%2B19784535501&MessageSid=SM1").status_code == 405
    nothing_changed()


def test_a_replay_changes_nothing(say, pat, clock):
    say("STOP", sid="SM7")
    before = (
        ConsentRecord.objects.count(),
        Landing.objects.count(),
        Intent.objects.count(),
        AuditEntry.objects.count(),
    )
    clock.forward(hours=30)
    assert say("STOP", sid="SM7").status_code == 200
    after = (ConsentRecord.objects.count(), Landing.objects.count(), Intent.objects.count(), AuditEntry.objects.count())
    assert after == before


def test_the_timeline_says_that_somebody_wrote_and_never_what(say, pat, clock):
    say(SECRET_WORDS)
    take_in.take(landings=take_in.claim(limit=10, now=clock.now()), now=clock.now())
    (event,) = Event.objects.filter(person=pat, kind="message_received")
    assert event.detail == {"channel": "sms", "wish": "none", "rule": ""}
    assert "Quetzalcoatl" not in f"{event.label} {event.code} {event.detail}"
    (landed,) = Landing.objects.filter(form="inbound_sms")
    assert landed.state == "taken"
    assert b"Quetzalcoatl" not in bytes(landed.raw)
    assert b"Quetzalcoatl" in landing.raw_of([landed])[landed.pk]


def test_help_is_answered_and_stops_nothing(say, pat, clock):
    say("HELP")
    (intent,) = Intent.objects.all()
    assert "Reply STOP" in intent.version.text
    assert "clinic.phone" in intent.version.text
    assert not ConsentRecord.objects.exists()


def test_when_the_carrier_has_answered_a_stop_itself_we_do_not_answer_too(say, pat, clock):
    say("Bonjour", OptOutType="STOP")
    assert set(standing(pat, clock.now()).values()) == {"withdrawn"}
    assert not confirmations().exists()


def test_a_cancelled_visit_is_no_stop_and_is_never_lost(say, pat):
    say("please cancel my appointment")
    assert not ConsentRecord.objects.exists()
    reply = Reply.objects.get()
    assert (reply.kind, reply.needs_review, reply.state) == ("none", True, "open")


class TestTheList:
    """Replies on the Outbox."""

    def test_it_shows_who_wrote_and_opens_the_words_on_request_with_a_line_in_the_trail(self, client, bea, say, pat):
        say(SECRET_WORDS)
        client.force_login(bea)
        html = client.get("/outbox/replies/").content.decode()
        assert "Pat" in html
        assert "Quetzalcoatl" not in html
        reply = Reply.objects.get()
        assert "Quetzalcoatl" in client.get(f"/outbox/replies/{reply.pk}/").content.decode()
        assert AuditEntry.objects.filter(verb="reply.open", actor=bea, person_id=pat.pk).count() == 1

    def test_somebody_reads_it_as_a_stop(self, client, bea, say, pat, clock):
        say("I am so tired of you people")
        client.force_login(bea)
        reply = Reply.objects.get()
        clock.forward(minutes=5)
        with house_clock.travel(clock.now()):
            client.post(f"/outbox/replies/{reply.pk}/settle/", {"do": "stop"})
        reply.refresh_from_db()
        assert (reply.state, reply.settled_by) == ("done", bea)
        assert set(standing(pat, clock.now()).values()) == {"withdrawn"}
        assert listed() == {"all"}

    def test_it_is_settled_once(self, client, bea, say, pat):
        say("hello")
        client.force_login(bea)
        reply = Reply.objects.get()
        for _ in range(2):
            assert client.post(f"/outbox/replies/{reply.pk}/settle/", {"do": "done"}).status_code == 302
        assert AuditEntry.objects.filter(verb="reply.settle").count() == 1

    def test_zoe_sees_nothing_of_it(self, client, zoe, say, pat):
        say("hello")
        client.force_login(zoe)
        assert client.get("/outbox/replies/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_stop_holds_back_what_waits_in_the_queue(say, pat, clock):
    (intent,) = sms_stage.due([pat], sms_stage.wording(clock.now()), clock.now())
    clock.forward(seconds=1)
    say("STOP")
    send.send_due(owner="t", now=clock.forward(seconds=1), limit=10)
    intent.refresh_from_db()
    assert intent.state == "suppressed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("minutes", "state"), [(0, "sent"), (4, "sent"), (6, "suppressed")])
@pytest.mark.parametrize("words", ["STOP", "HELP"])
def test_the_answer_goes_out_within_five_minutes_or_never(say, pat, clock, settings, words, minutes, state):
    say(words)
    with sms_stage.phone(settings):
        send.send_due(owner="t", now=clock.forward(minutes=minutes), limit=5)
    assert list(Intent.objects.values_list("state", flat=True)) == [state], Receipt.objects.first().gates
    assert MailboxItem.objects.count() == (state == "sent")
