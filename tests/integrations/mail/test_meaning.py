# ruff: noqa: E501 - reports as providers write them
"""What a report does: an address goes out of use, marketing stops, an unknown message is proven, a day is counted, once."""

from datetime import timedelta

import pytest

from rapport.consent import undeliverable
from rapport.consent.models import ConsentRecord, Suppression
from rapport.integrations import take_in
from rapport.integrations.mail import answers, standard
from rapport.integrations.models import BounceRun, Landing, Quarantine, Reply
from rapport.integrations.sms import signature
from rapport.messaging import tracking
from rapport.messaging.models import Intent, Receipt, SenderDay
from rapport.people import contact
from rapport.people.models import ContactPoint, Event
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.integrations.mail import signing
from tests.messaging import stage

pytestmark = pytest.mark.django_db
ADDRESS = "pat.rivera@mail.example"


@pytest.fixture
def pat(now):
    person = people_cast.pat()
    stage.says_yes(person, now)
    return person


@pytest.fixture
def intent(pat, now):
    (one,) = stage.due([pat], stage.wording(now), now)
    return one


def told(intent, record="Bounce", kind="HardBounce", *, number=1, **more):
    return {
        "RecordType": record, "Type": kind, "ID": number, "Email": ADDRESS, "Recipient": ADDRESS,
        "Metadata": {"rapport": tracking.message_id(intent.pk)}, **more,
    }  # fmt: skip


def take(now):
    waiting = list(take_in.claim(limit=50, now=now))
    while waiting:
        take_in.take(landings=waiting, now=now)
        waiting = list(take_in.claim(limit=50, now=now))


def kinds(person):
    return list(Event.objects.filter(person=person).order_by("id").values_list("kind", flat=True))


def listed():
    digest = contact.email(ADDRESS).digest()
    found = Suppression.objects.filter(digest=digest, lifted_at__isnull=True)
    return set(found.values_list("topic", "reason"))


def test_a_hard_bounce_takes_the_address_out_of_use_for_everybody_until_it_is_verified(post, pat, intent, now):
    sister = people_cast.person(emails=(ADDRESS,))
    assert post("postmark", told(intent)).status_code == 200
    for person in (pat, sister):
        point = ContactPoint.objects.get(person=person, kind="email")
        assert (point.is_valid, point.bounced_at) == (False, now)
    assert listed() == {("all", "bounced")}
    undeliverable.verify(by=SYSTEM, digests=[contact.email(ADDRESS).digest()], how="in her presence", now=now)
    assert ContactPoint.objects.get(person=pat, kind="email").is_valid
    assert listed() == set()


def test_soft_bounces_count_as_hard_only_five_in_a_row_over_two_weeks(post, pat, intent, clock):
    def soft(number):
        post("postmark", told(intent, kind="SoftBounce", number=number))

    for number in range(6):
        soft(number)
    assert ContactPoint.objects.get(person=pat, kind="email").is_valid  # a day on which a host is down
    clock.forward(days=15)
    post("postmark", told(intent, record="Delivery", number=50, DeliveredAt=clock.now().isoformat()))
    assert not BounceRun.objects.exists()
    for number in range(10, 14):
        soft(number)
        clock.forward(days=5)
    assert ContactPoint.objects.get(person=pat, kind="email").is_valid
    soft(20)
    assert not ContactPoint.objects.get(person=pat, kind="email").is_valid
    assert not BounceRun.objects.exists()


def test_a_complaint_stops_marketing_at_once_and_leaves_care(post, pat, intent, now):
    post("postmark", told(intent, "SpamComplaint", "SpamComplaint"))
    withdrawn = ConsentRecord.objects.filter(person=pat, status="withdrawn", channel="email")
    assert set(withdrawn.values_list("topic", flat=True)) == {"health_services", "newsletter", "survey", "fundraising"}
    assert {one.evidence["landing"] for one in withdrawn} == {Landing.objects.get().pk}
    assert ("care", "complained") not in listed()
    assert ("newsletter", "complained") in listed()
    take(now)
    assert "complained" in kinds(pat)


def test_the_button_of_the_mail_program_stops_what_it_stood_on(post, pat, intent):
    post(
        "postmark", told(intent, "SubscriptionChange", "", SuppressSending=True, SuppressionReason="ManualSuppression")
    )
    assert set(ConsentRecord.objects.filter(person=pat, status="withdrawn").values_list("topic", flat=True)) == {
        intent.topic
    }
    assert listed() == {(intent.topic, "unsubscribed")}


def test_word_of_a_delivery_proves_an_unknown_message_and_nothing_else(post, pat, intent, now):
    other = stage.due([people_cast.quinn()], intent.version, now, cause_id=2)[0]
    Intent.objects.filter(pk=intent.pk).update(state="unknown", begun_at=now - timedelta(hours=1))
    delivered = {"DeliveredAt": now.isoformat()}
    post("postmark", told(intent, "Delivery", **delivered))
    post("postmark", told(other, "Delivery", number=2, **delivered))
    intent.refresh_from_db()
    other.refresh_from_db()
    assert (intent.state, intent.message_id) == ("sent", tracking.message_id(intent.pk))
    assert other.state == "queued"
    assert Receipt.objects.get(intent_id=intent.pk).outcome == "sent"
    take(now)
    assert {"message_sent", "message_delivered"} <= set(kinds(pat))


def test_a_day_of_the_sender_is_counted_once_however_often_it_is_told(post, intent, now):
    for _ in range(3):
        post("postmark", told(intent, "Delivery", DeliveredAt=now.isoformat()))
        post("postmark", told(intent))
        post("postmark", told(intent, "SpamComplaint", "SpamComplaint", number=9))
    day = SenderDay.objects.get()
    assert (day.sender, day.day, day.delivered, day.bounced, day.complaints) == (
        "riverbend.example",
        now.date(),
        1,
        1,
        1,
    )
    assert Landing.objects.count() == 3
    assert AuditEntry.objects.filter(verb="mail.hear").count() == 3


def test_nothing_of_a_bounce_but_its_reason_reaches_the_timeline(post, pat, intent, now):
    post("postmark", told(intent, Details="smtp;550 5.1.1 <pat.rivera@mail.example> Quetzalcoatl unknown user"))
    take(now)
    (event,) = Event.objects.filter(person=pat, kind="message_bounced")
    assert event.detail["reason"] == "userunknown"
    assert (event.detail["hard"], event.code) == (True, "email")
    assert "Quetzal" not in str(event.__dict__)


def test_a_replay_of_the_landing_changes_nothing(post, pat, intent, now):
    post("postmark", told(intent))
    take(now)
    before = kinds(pat)
    Landing.objects.update(state="waiting", read=0, accepted=0, duplicates=0, kept=0)
    take(now)
    assert kinds(pat) == before


# Who is believed

CASES = {
    "mailersend": {"type": "activity.delivered", "data": {"id": "1", "type": "delivered", "email": {"recipient": {"email": ADDRESS}}}},
    "mailgun": {"event-data": {"event": "delivered", "timestamp": 1.0, "recipient": ADDRESS}},
    "mailtrap": {"events": [{"event": "delivery", "timestamp": 1, "email": ADDRESS, "message_id": "m", "event_id": "e"}]},
    "mandrill": [{"event": "send", "ts": 1, "_id": "a", "msg": {"email": ADDRESS}}],
    "postal": {"event": "MessageSent", "uuid": "u", "timestamp": 1.0, "payload": {"message": {"id": 1, "to": ADDRESS, "tag": None}, "details": "", "output": "", "status": "Sent"}},
    "resend": {"type": "email.delivered", "created_at": "2026-03-04T15:00:00Z", "data": {"email_id": "1", "to": [ADDRESS]}},
    "sendgrid": [{"event": "delivered", "email": ADDRESS, "timestamp": 1, "sg_event_id": "s"}],
    "unisender_go": {"event_name": "transactional_email_status", "job_id": "j", "email": ADDRESS, "status": "delivered", "event_time": "2026-03-04 15:00:00"},
    "postmark": {"RecordType": "Delivery", "MessageID": "m", "Recipient": ADDRESS, "DeliveredAt": "2026-03-04T15:00:00Z"},
    "brevo": {"event": "delivered", "email": ADDRESS, "ts_epoch": 1, "message-id": "m"},
    "mailjet": [{"event": "sent", "time": 1, "MessageID": 1, "email": ADDRESS}],
    "sparkpost": [{"msys": {"message_event": {"type": "delivery", "event_id": "1", "rcpt_to": ADDRESS, "timestamp": "1"}}}],
    "amazon_ses": {"Type": "Notification", "MessageId": "8f6dee70", "Message": '{"notificationType": "Delivery", "delivery": {"recipients": ["pat.rivera@mail.example"]}, "mail": {}}'},
}  # fmt: skip


def forged(request):
    """Somebody who does not know the secret."""
    for name in request.headers:
        if name in {"Authorization", "Signature", "Mailtrap-Signature", "X-Mandrill-Signature", "X-Postal-Signature"}:
            request.headers[name] = "Basic bm9ib2R5OnRoZXJl" if name == "Authorization" else "bm90aGluZw=="
        elif name.endswith(("-Signature", "svix-signature")):
            request.headers[name] = "v1,bm90aGluZw=="
    request.body = request.body.replace(b'"auth": "', b'"auth": "0').replace(b"signature%22", b"nature%22")
    request.body = request.body.replace(b'"signature": "', b'"signature": "0').replace(
        b'"Signature": "', b'"Signature": "AA'
    )


@pytest.mark.parametrize("provider", CASES)
def test_a_report_that_proves_itself_is_taken_and_a_forged_one_is_not(post, provider):
    assert post(provider, CASES[provider], spoil=forged).status_code == 403
    assert not Landing.objects.exists()
    assert post(provider, CASES[provider]).status_code == 200
    assert Landing.objects.count() == 1


@pytest.mark.parametrize("provider", sorted(set(CASES) - signing.BY_PASSWORD - {"mailgun"}))
def test_a_report_that_was_altered_on_its_way_is_refused(post, provider):
    """Where the proof covers the body. Mailgun signs a token alone, and a password proves nothing about a body."""

    def altered(request):
        request.body = request.body.replace(b"pat.rivera", b"zoe.intrud")

    assert post(provider, CASES[provider], spoil=altered).status_code == 403
    assert not Landing.objects.exists()


@pytest.mark.parametrize("provider", CASES)
def test_the_same_report_again_is_taken_once(post, provider):
    assert [post(provider, CASES[provider]).status_code for _ in range(3)] == [200] * 3
    assert Landing.objects.count() == 1


@pytest.mark.parametrize("provider", ["mailgun", "resend", "sendgrid"])
def test_a_report_signed_long_ago_or_in_the_future_is_refused(post, clock, provider):
    assert post(provider, CASES[provider], at=clock.now() - timedelta(days=2)).status_code == 403
    assert post(provider, CASES[provider], at=clock.now() + timedelta(hours=1)).status_code == 403


@pytest.mark.parametrize("provider", ["mailgun", "resend"])
def test_a_name_that_counts_once_is_refused_with_other_words(post, provider):
    other = {**CASES[provider], "extra": "words"}
    assert post(provider, CASES[provider], once="n" * 30).status_code == 200
    assert post(provider, other, once="n" * 30).status_code == 403
    assert Landing.objects.count() == 1


def test_a_provider_without_a_secret_has_no_door(post, hooks, client):
    del hooks["postmark"]
    assert post("postmark", CASES["postmark"]).status_code == 404
    assert client.post("/hooks/mail/nobody/", b"{}", content_type="application/json").status_code == 404
    assert client.post("/hooks/mail/resend/inbound/", b"{}", content_type="application/json").status_code == 404


def test_whoever_is_refused_often_is_not_listened_to_for_the_rest_of_the_minute(post, clock):
    for _ in range(31):
        assert post("postmark", CASES["postmark"], spoil=forged).status_code == 403
    assert post("postmark", CASES["postmark"]).status_code == 429
    clock.forward(minutes=1)
    assert post("postmark", CASES["postmark"]).status_code == 200


def test_a_message_of_another_topic_of_amazon_is_not_ours(post, hooks):
    hooks["amazon_ses"] = "arn:aws:sns:us-east-1:999999999999:Theirs"
    assert post("amazon_ses", CASES["amazon_ses"]).status_code == 403


def test_amazons_question_is_shown_to_a_person_and_not_answered(post, now):
    asked = {"Type": "SubscriptionConfirmation", "MessageId": "1", "Message": "Confirm", "Token": "t", "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"}  # fmt: skip
    assert post("amazon_ses", asked).status_code == 200
    take(now)
    assert "confirm" in Quarantine.objects.get().remedy


def test_the_vectors_of_the_providers_own_libraries(client, settings, clock, hooks):
    """Twilio, SendGrid and Standard Webhooks, as their libraries test them."""
    import json

    vectors = json.loads((signing.CORPUS / "signature_vectors.json").read_text())
    one = vectors["standard_webhooks"]
    said = {
        "secret": one["key"],
        "name": one["msg_id"],
        "moment": str(one["timestamp"]),
        "body": one["payload"].encode(),
    }
    assert standard.is_genuine(**said, signatures=one["signature"])
    assert not standard.is_genuine(**said, signatures=one["bad_signature"])
    assert standard.is_genuine(**said, signatures=f"v1,bm90aGluZw== {one['signature']}")
    twilio = vectors["twilio_request_validator"]
    first, many = twilio["cases"][0], twilio["cases"][1]
    told = {name: [value] for name, value in first["params"].items()}
    assert signature.is_genuine(
        token=twilio["auth_token"], url=first["url"], parameters=told, signature=first["signature"]
    )
    lists = {}
    for name, value in many["params_list"]:
        lists.setdefault(name, []).append(value)
    assert signature.is_genuine(
        token=twilio["auth_token"], url=many["url"], parameters=lists, signature=many["signature"]
    )
    grid = vectors["sendgrid_event_webhook"]
    settings.MAIL_HOOKS = {"sendgrid": grid["public_key"]}
    from datetime import UTC, datetime

    from rapport.kit import clock as house_clock

    head = "X-Twilio-Email-Event-Webhook"
    for key, proof, answer in (
        (grid["public_key"], grid["signature"], 200),
        (grid["public_key"], grid["invalid_signature"], 403),
        (grid["invalid_key"], grid["signature"], 403),
    ):
        settings.MAIL_HOOKS = {"sendgrid": key}
        with house_clock.travel(datetime.fromtimestamp(int(grid["timestamp"]), UTC)):
            got = client.post("/hooks/mail/sendgrid/", grid["payload"].encode(), content_type="application/json", headers={f"{head}-Signature": proof, f"{head}-Timestamp": grid["timestamp"]})  # fmt: skip
        assert got.status_code == answer


# Mail that comes to us


def bounce(intent, *, to=None, recipient=ADDRESS, status="5.1.1"):
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: <{to or tracking.return_path(intent.pk)}>\nSubject: Undelivered Mail\n"
        f'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\nContent-Type: text/plain\n\n'
        f"It did not work.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} user unknown\n\n--b--\n"
    ).encode()


def reply(words, *, intent=None, sender=ADDRESS, subject="Re: An evening with our team", head=""):
    known = f"In-Reply-To: {tracking.message_id(intent.pk)}\n" if intent else ""
    quoted = "On Wed, Mar 4, 2026 at 10:00 AM Riverbend Health wrote:\n> Come and ask. Stop these e-mails\n"
    return f"From: Pat <{sender}>\nTo: hello@riverbend.example\nSubject: {subject}\nMessage-ID: <{abs(hash(words))}@x>\n{known}{head}\n{words}\n\n{quoted}".encode()


def test_a_return_path_names_its_message_whatever_the_case(intent):
    address = tracking.return_path(intent.pk)
    assert len(address.partition("@")[0]) <= 64
    assert tracking.intent_of_return_path(address.upper()) == intent.pk
    assert tracking.intent_of_return_path(address.replace("bounce+", "bounce+a")) is None
    assert tracking.intent_of_return_path("bounce+@riverbend.example") is None


def test_a_bounce_as_mail_takes_the_address_out_of_use(pat, intent, now):
    assert answers.hear_mail(by=SYSTEM, raw=bounce(intent), now=now)
    assert not answers.hear_mail(by=SYSTEM, raw=bounce(intent), now=now)
    assert not ContactPoint.objects.get(person=pat, kind="email").is_valid
    take(now)
    assert Event.objects.filter(person=pat, kind="message_bounced").count() == 1


def test_a_bounce_that_proves_nothing_changes_nothing(pat, intent, now):
    answers.hear_mail(by=SYSTEM, raw=bounce(intent, to="bounce+aaaaaaaa@riverbend.example"), now=now)
    assert ContactPoint.objects.get(person=pat, kind="email").is_valid
    assert not Suppression.objects.exists()


def test_a_bounce_of_where_it_was_forwarded_to_means_the_address_we_wrote_to(pat, intent, now):
    answers.hear_mail(by=SYSTEM, raw=bounce(intent, recipient="elsewhere@other.example"), now=now)
    assert not ContactPoint.objects.get(person=pat, kind="email").is_valid


@pytest.mark.parametrize(
    "words",
    ["STOP", "please take me off your list", "Unsubscribe", "Por favor, no me escriban más", "Quiero darme de baja"],
)
def test_a_plain_wish_to_stop_is_done_at_once_in_english_and_spanish(pat, intent, now, words):
    answers.hear_mail(by=SYSTEM, raw=reply(words, intent=intent), now=now)
    one = Reply.objects.get()
    assert (one.channel, one.kind, one.acted, one.person_id) == ("email", "stop", True, pat.pk)
    assert ("health_services", "unsubscribed") in listed() or ("all", "unsubscribed") in listed()


def test_other_words_wait_for_a_person_and_quoted_ones_count_for_nothing(pat, intent, now):
    answers.hear_mail(by=SYSTEM, raw=reply("May I bring my sister?", intent=intent), now=now)
    one = Reply.objects.get()
    assert (one.kind, one.acted, one.state, one.person_id) == ("none", False, "open", pat.pk)
    assert listed() == set()
    take(now)
    (event,) = Event.objects.filter(person=pat, kind="message_received")
    assert "sister" not in str(event.detail)


@pytest.mark.parametrize("head", ["Auto-Submitted: auto-replied\n", "X-Autoreply: yes\n", "Precedence: auto_reply\n"])
def test_an_automatic_answer_is_no_reply(pat, intent, now, head):
    answers.hear_mail(by=SYSTEM, raw=reply("I am away. Stop by next week.", intent=intent, head=head), now=now)
    assert not Reply.objects.exists()
    assert listed() == set()
    take(now)
    assert "message_received" not in kinds(pat)


def test_mail_that_a_provider_brings_is_a_reply_too(post, pat):
    came = {"FromFull": {"Email": ADDRESS, "Name": "Pat"}, "ToFull": [{"Email": "hello@riverbend.example", "Name": ""}], "Subject": "Re: hello", "MessageID": "m", "Date": "Wed, 4 Mar 2026 10:00:00 -0500", "TextBody": "stop", "Headers": []}  # fmt: skip
    assert post("postmark", came, door="inbound").status_code == 200
    assert post("postmark", came, door="inbound").status_code == 200
    one = Reply.objects.get()
    assert (one.channel, one.kind, one.acted, one.people) == ("email", "stop", True, [pat.pk])
