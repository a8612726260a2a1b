"""What the carrier says became of a text: believed when it is signed, heard once, and where it did not arrive the next way is taken."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from rapport.consent import policy, suppressions
from rapport.consent.models import ConsentRecord, Suppression
from rapport.content.models import Piece
from rapport.experience import centre
from rapport.integrations import take_in
from rapport.integrations.models import Landing
from rapport.integrations.sms import hearing, reading, signature
from rapport.kit import clock as house_clock
from rapport.messaging import facts, phone, send, switching, tracking
from rapport.messaging.channels import sms
from rapport.messaging.models import CameBack, Intent, Letter, MailboxItem, Receipt
from rapport.people import contact_marks, reach
from rapport.people.models import ContactPoint, Event
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.messaging import paper_stage, sms_stage, stage

TOKEN, NUMBER = "a-token-of-the-carrier", "+19784535501"


@pytest.fixture(autouse=True)
def carrier(settings):
    settings.SMS_TOKEN = TOKEN


@pytest.fixture
def sent(now):
    """A text that the carrier took; a letter would be next."""
    text = sms_stage.wording(now)
    Piece.objects.filter(pk=text.piece_id).update(family="visit")
    paper_stage.wording(now, family="visit")
    pat = people_cast.person(given="Pat", phones=((NUMBER, "mobile"),))
    paper_stage.says_yes(pat, "sms", now)
    (one,) = stage.due([pat], text, now, purpose="P1", channel="sms", others=("print",))
    Intent.objects.filter(pk=one.pk).update(state="sent", begun_at=now, settled_at=now, provider_id="SM1")
    one.refresh_from_db()
    return one


@pytest.fixture
def tell(client, settings, clock):
    """`tell(intent, "undelivered")`: the carrier calls the address that stood in our request."""

    def bring(intent, word, *, code="", sid="SM1", signed=None, token=""):
        form = {"MessageSid": sid, "MessageStatus": word, "To": NUMBER, "From": "+19785550111"}
        form |= {"ErrorCode": code} if code else {}
        path = f"/hooks/sms/status/{token or tracking.token('status', intent.pk)}"
        told = {name: [one] for name, one in form.items()}
        genuine = signature.sign(token=TOKEN, url=f"{settings.PUBLIC_URL}{path}", parameters=told)
        with house_clock.travel(clock.now()):
            return client.post(
                path, urlencode(form), content_type="application/x-www-form-urlencoded",
                headers={"X-Twilio-Signature": genuine if signed is None else signed},
            )  # fmt: skip

    return bring


def on(now):
    done = switching.turn(now=now)
    send.send_due(owner="t", now=now, limit=100)
    return done


def take(now):
    while waiting := list(take_in.claim(limit=50, now=now)):
        take_in.take(landings=waiting, now=now)


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["undelivered", "failed"])
def test_a_text_that_did_not_arrive_goes_on_by_letter_once(tell, sent, now, word):
    for _ in range(3):
        assert tell(sent, word, code="30003").status_code == 204
        on(now)
    sent.refresh_from_db()
    assert (sent.channel, sent.state, Letter.objects.count()) == ("print", "sent", 1)
    assert CameBack.objects.get().outcome == "went_on"
    assert Landing.objects.filter(form="sms_status").count() == 1
    assert AuditEntry.objects.filter(verb="sms.status").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["queued", "sending", "accepted", "sent", "delivered"])
def test_a_text_that_is_on_its_way_or_arrived_stays_where_it_is(tell, sent, now, word):
    assert tell(sent, word).status_code == 204
    assert on(now).on == 0
    assert not CameBack.objects.exists()


@pytest.mark.django_db
def test_the_timeline_says_what_became_of_it_and_not_in_what_words(tell, sent, now):
    tell(sent, "sent")
    tell(sent, "delivered")
    tell(sent, "undelivered", code="30005")
    take(now)
    found = Event.objects.filter(person=sent.person_id, kind__startswith="message_").order_by("id")
    assert list(found.values_list("kind", "code", "detail__reason")) == [
        ("message_delivered", "sms", None),
        ("message_bounced", "sms", "30005"),
    ]
    assert not Landing.objects.exclude(state="taken").exists()


@pytest.mark.django_db
def test_a_word_about_an_unknown_text_proves_that_it_went_out(tell, sent, now):
    Intent.objects.filter(pk=sent.pk).update(state="unknown")
    tell(sent, "delivered")
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert Receipt.objects.filter(intent_id=sent.pk, outcome="sent").count() == 1


@pytest.mark.django_db
def test_who_told_the_carrier_to_stop_gets_no_letter_instead(tell, sent, now):
    tell(sent, "failed", code="21610")
    tell(sent, "undelivered", code="30003")
    on(now)
    sent.refresh_from_db()
    assert (sent.channel, sent.others) == ("sms", [])


@pytest.mark.django_db
def test_a_stop_at_the_carrier_holds_the_number_back_until_its_start(tell, sent, now):
    """Whoever has the number, and whatever else was said; the ledger of each stays as it is."""
    other = people_cast.person(given="Quinn", phones=((NUMBER, "mobile"),))
    before = ConsentRecord.objects.count()
    tell(sent, "undelivered", code="30005")
    tell(sent, "failed", code="21610")
    (row,) = Suppression.objects.filter(lifted_at=None)
    assert (row.reason, row.topic, row.at, ConsentRecord.objects.count()) == ("carrier", "all", now, before)
    line = AuditEntry.objects.get(verb="consent.suppress")
    assert set(line.person_ids) == {sent.person_id, other.pk}
    assert "told it to stop" in refusal("sms", now, gate="suppression")
    text_in("Who is this?", "SM1", now)
    assert "told it to stop" in refusal("sms", now, gate="suppression"), "that the number works changes nothing"
    text_in("START", "SM2", now)
    assert refusal("sms", now, gate="suppression") == ""


@pytest.mark.django_db
def test_a_start_takes_back_the_stop_at_the_carrier_and_not_what_staff_were_told(tell, sent, now):
    tell(sent, "failed", code="21610")
    digest = bytes(Suppression.objects.get().digest)
    suppressions.put(kind="phone", digests=[digest], topic="all", reason="staff", now=now)
    text_in("START", "SM2", now)
    assert "Staff put this address" in refusal("sms", now, gate="suppression")


def text_in(words, sid, now):
    message = reading.Inbound(sid, NUMBER, words)
    return hearing.hear(by=SYSTEM, message=message, raw=f"MessageSid={sid}".encode(), now=now)


def refusal(channel, now, gate="contact"):
    """What this gate would say against a further message to Pat by this way; nothing when it lets it pass."""
    one = Intent.objects.order_by("pk").first()
    one.channel = channel
    (verdict,) = policy.decide_many(facts.gather([one], now))
    (answer,) = (answer for answer in verdict.gates if answer.gate == gate)
    return "" if answer.passed else answer.reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "by_text", "by_call"),
    [
        ("30005", "there is no such number", "there is no such number"),
        ("21211", "there is no such number", "there is no such number"),
        ("30006", "takes no text messages", ""),
        ("21614", "takes no text messages", ""),
        ("30003", "", ""),
        ("30007", "", ""),
        ("21610", "", ""),
        ("", "", ""),
    ],
)
def test_a_number_that_the_carrier_calls_dead_is_out_of_use_and_other_ways_go_on(
    tell, sent, now, code, by_text, by_call
):
    other = people_cast.person(given="Quinn", phones=((NUMBER, "mobile"),))  # shares the number
    assert tell(sent, "undelivered", code=code).status_code == 204
    for channel, words in (("sms", by_text), ("call", by_call)):
        assert words in refusal(channel, now)
        assert bool(refusal(channel, now)) is bool(words)
    point = ContactPoint.objects.get(person=other, kind="phone")
    assert (point.bounced_at or point.no_texts_at or now) == now
    assert (point.is_valid, point.no_texts_at is None) == (not by_call, not by_text or bool(by_call))
    assert AuditEntry.objects.filter(verb="consent.give_up_address").count() == bool(by_text)
    on(now)
    sent.refresh_from_db()
    assert sent.channel == ("sms" if code == "21610" else "print")


@pytest.mark.django_db
def test_a_number_that_takes_texts_is_chosen_before_one_that_takes_none(tell, sent, now):
    other = people_cast.person(given="Pat", phones=((NUMBER, "mobile"), ("+19784535502", "home")))
    Intent.objects.filter(pk=sent.pk).update(person=other)
    chosen = {}
    for code in ("", "30006"):
        tell(sent, "undelivered", code=code, sid=f"SM{code}")
        (known,) = facts.gather([Intent.objects.get()], now)
        assert known.contact.is_valid
        chosen[code] = known.contact.point_id
    points = ContactPoint.objects.filter(person=other, kind="phone").order_by("rank")
    assert list(chosen.values()) == [one.pk for one in points]
    asked = centre.numbers(other.pk)  # nor is she asked for a signed yes to texts that can't arrive
    assert {channel: one.id for channel, one in asked.items()} == {"call": points[0].pk}


@pytest.mark.django_db
def test_a_text_from_the_number_shows_that_it_works(tell, sent, now):
    """Also when what it says is STOP: that stands, and what the carrier had said falls."""
    tell(sent, "undelivered", code="30005")
    message = reading.Inbound("SM9", NUMBER, "STOP")
    hearing.hear(by=SYSTEM, message=message, raw=b"MessageSid=SM9", now=now)
    point = ContactPoint.objects.get(person=sent.person_id, kind="phone")
    assert (point.is_valid, point.bounced_at) == (True, None)
    assert set(Suppression.objects.filter(lifted_at=None).values_list("reason", flat=True)) == {"unsubscribed"}


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "works"), [(45, True), (46, False)])
def test_a_number_that_was_gone_for_long_may_be_somebody_elses_and_waits_for_a_person(tell, sent, now, days, works):
    tell(sent, "undelivered", code="30005")
    then = now + timedelta(days=days)
    said = hearing.hear(
        by=SYSTEM, message=reading.Inbound("SM9", NUMBER, "Who is this?"), raw=b"MessageSid=SM9", now=then
    )
    point = ContactPoint.objects.get(person=sent.person_id, kind="phone")
    assert (point.is_valid, Suppression.objects.filter(lifted_at=None).exists()) == (works, not works)
    assert said.state == "open"


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["30005", "30006"])
def test_a_wrong_number_stays_wrong_whatever_the_carrier_says_and_whoever_writes_from_it(tell, sent, now, bea, code):
    """It works, and belongs to somebody else."""
    point = ContactPoint.objects.get(person=sent.person_id, kind="phone")
    contact_marks.mark_wrong(by=bea, point_id=point.pk, reason="wrong number", now=now)
    tell(sent, "undelivered", code=code)
    hearing.hear(by=SYSTEM, message=reading.Inbound("SM9", NUMBER, "Who is this?"), raw=b"MessageSid=SM9", now=now)
    point.refresh_from_db()
    assert (point.is_valid, point.invalid_reason, point.bounced_at) == (False, "wrong number", None)


@pytest.mark.django_db
def test_a_number_that_came_back_and_is_then_found_wrong_stays_wrong(tell, sent, now, bea):
    tell(sent, "undelivered", code="30005")
    point = ContactPoint.objects.get(person=sent.person_id, kind="phone")
    contact_marks.mark_wrong(by=bea, point_id=point.pk, reason="wrong number", now=now)
    hearing.hear(by=SYSTEM, message=reading.Inbound("SM9", NUMBER, "Who is this?"), raw=b"MessageSid=SM9", now=now)
    point.refresh_from_db()
    assert (point.is_valid, point.invalid_reason) == (False, "wrong number")


@pytest.mark.django_db(transaction=True)
def test_a_number_that_is_refused_at_the_send_is_out_of_use_too(now, settings, monkeypatch):
    monkeypatch.setattr(phone, "_NUMBER", re.compile("none is good enough"))
    pat = people_cast.person(given="Pat")
    sms_stage.due([pat], sms_stage.wording(now), now)
    with sms_stage.phone(settings):
        assert send.send_due(owner="t", now=now, limit=10).failed == 1
    point = ContactPoint.objects.get(person=pat, kind="phone")
    assert (point.is_valid, point.bounced_at, point.invalid_reason) == (False, now, reach.TEXTS_CAME_BACK)
    assert Suppression.objects.get().reason == "bounced"
    assert AuditEntry.objects.get(verb="consent.give_up_address").details["codes"] == ["21211"]


@pytest.mark.django_db(transaction=True)
def test_who_told_the_carrier_to_stop_gets_no_letter_instead_also_when_it_says_so_at_the_send(
    now, settings, monkeypatch
):
    monkeypatch.setattr(phone, "_NUMBER", re.compile("none is good enough"))
    say = phone._Line._say
    monkeypatch.setattr(phone._Line, "_say", lambda self, status, told: say(self, status, told | {"code": 21610}))
    pat = people_cast.person(given="Pat")
    sms_stage.due([pat], sms_stage.wording(now), now)
    Intent.objects.update(others=["print"])
    with sms_stage.phone(settings):
        assert send.send_due(owner="t", now=now, limit=10).failed == 1
    one = Intent.objects.get()
    assert (one.state, one.others) == ("failed", [])
    assert ContactPoint.objects.get(person=pat, kind="phone").is_valid
    assert Suppression.objects.get().reason == "carrier"


@pytest.mark.django_db
def test_nobody_but_the_carrier_is_believed(tell, sent, now):
    assert tell(sent, "undelivered", signed="no").status_code == 403
    other = tracking.token("status", sent.pk)
    assert tell(sent, "undelivered", signed=signature.sign(token="x", url="y", parameters={})).status_code == 403
    assert tell(sent, "undelivered", token=tracking.token("click", sent.pk)).status_code == 400
    assert tell(sent, "undelivered", token="A" * len(other)).status_code == 400
    assert tell(sent, "undelivered", token=tracking.token("status", 10**9)).status_code == 204
    assert not Landing.objects.exists()
    assert on(now).on == 0


@pytest.mark.django_db
def test_a_carrier_elsewhere_is_told_where_to_report_and_our_own_phone_is_not(settings):
    settings.PUBLIC_URL = "https://rapport.riverbend.example"
    assert sms.rest._call_back(7) == {}
    settings.SMS_EMBEDDED = False
    assert sms.rest._call_back(7) == {
        "StatusCallback": f"https://rapport.riverbend.example/hooks/sms/status/{tracking.token('status', 7)}"
    }
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert sms.rest._call_back(7) == {}, "nobody could reach us there"


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_went_before_is_no_proof_of_the_text(now, settings):
    """Both end in the embedded mailbox in the demo; each is asked for by a name of its own."""
    text = sms_stage.wording(now)
    email = stage.wording(now, topic="care")
    Piece.objects.filter(pk__in=[text.piece_id, email.piece_id]).update(family="visit")
    pat = people_cast.person(given="Pat")
    paper_stage.says_yes(pat, "sms", now)
    (one,) = stage.due([pat], email, now, purpose="P1", others=("sms",))
    with stage.mailbox(settings):
        send.send_due(owner="t", now=now, limit=10)
    name = tracking.message_id(one.pk)
    assert MailboxItem.objects.get().message_id == name
    assert sms.CHANNEL.known([name]) == set()
    Intent.objects.filter(pk=one.pk).update(state="queued", channel="sms", version=text, owner="", attempt=0)
    with sms_stage.phone(settings):
        send.send_due(owner="t", now=now, limit=10)
    assert sms.CHANNEL.known([name]) == {name}
    assert set(MailboxItem.objects.values_list("intent_id", flat=True)) == {one.pk}
