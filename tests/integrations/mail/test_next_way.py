"""Mail that comes back after it had gone out: the message takes its next way at once, exactly once, and only where it should."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from rapport.consent import ledger
from rapport.content.models import Piece
from rapport.integrations import take_in
from rapport.integrations.mail import answers, hearing
from rapport.integrations.mail.envelope import Envelope
from rapport.kit import clock as house_clock
from rapport.messaging import intents, receipts, send, switching, tracking
from rapport.messaging.models import CameBack, Intent, Letter, Receipt
from rapport.people import timeline
from rapport.people.models import Person
from rapport.people.records import NewEvent
from rapport.trust import sealing
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.integrations.mail import signing
from tests.messaging import paper_stage, stage, test_crashes

ADDRESS = "pat.rivera@mail.example"


@pytest.fixture
def words(now):
    """The same words by e-mail, by letter and for a call."""
    email = stage.wording(now, topic="care")
    Piece.objects.filter(pk=email.piece_id).update(family="visit")
    paper_stage.wording(now, family="visit")
    paper_stage.wording(now, channel="call", slug="visit-call", family="visit")
    email.refresh_from_db()
    return email


@pytest.fixture
def sent(words, now):
    """Pat was written to by e-mail; by letter and by a call next."""
    (one,) = stage.due([people_cast.pat()], words, now, purpose="P1", others=("print", "call"))
    Intent.objects.filter(pk=one.pk).update(state="sent", begun_at=now, settled_at=now)
    receipts.write([receipts.plain(one, "sent", "", now)])
    one.refresh_from_db()
    return one


def told(intent, record="Bounce", kind="HardBounce", *, number=1, **more):
    return {
        "RecordType": record, "Type": kind, "ID": number, "Email": ADDRESS, "Recipient": ADDRESS,
        "Metadata": {"rapport": tracking.message_id(intent.pk)}, **more,
    }  # fmt: skip


def on(now):
    """A turn of the worker."""
    done = switching.turn(now=now)
    send.send_due(owner="t", now=now, limit=100)
    return done


def stands(intent):
    intent.refresh_from_db()
    return intent.channel, intent.state, intent.others


def take(now):
    while waiting := list(take_in.claim(limit=50, now=now)):
        take_in.take(landings=waiting, now=now)


@pytest.mark.django_db
def test_a_hard_bounce_leads_on_at_once_with_a_decision_of_its_own(post, hooks, sent, now):
    assert switching.turn(now=now) == switching.Switched(), "as long as nothing came back, nothing goes on"
    assert post("postmark", told(sent)).status_code == 200
    assert on(now).on == 1
    assert stands(sent) == ("print", "sent", ["call"])
    assert Letter.objects.get().intent_id == sent.pk
    decided = Receipt.objects.filter(intent_id=sent.pk).order_by("id")
    assert list(decided.values_list("outcome", "reason"))[1] == ("deferred", "It goes on by print: it came back.")
    assert decided.last().gates != [], "the letter was decided by itself"
    assert list(CameBack.objects.values_list("channel", "outcome", "settled_at")) == [("email", "went_on", now)]


@pytest.mark.django_db
def test_the_same_bounce_told_again_in_other_ways_leads_nowhere_again(post, hooks, sent, now):
    for number in (1, 1, 2, 3):
        post("postmark", told(sent, number=number))
    assert on(now).on == 1
    post("postmark", told(sent, number=4))
    answers.hear_mail(by=SYSTEM, raw=dsn(sent), now=now)
    for _ in range(3):
        on(now)
    assert stands(sent) == ("print", "sent", ["call"])
    assert (CameBack.objects.count(), Letter.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_bounce_that_comes_as_mail_leads_on_too(sent, now):
    assert answers.hear_mail(by=SYSTEM, raw=dsn(sent), now=now)
    assert on(now).on == 1
    assert stands(sent) == ("print", "sent", ["call"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("record", "kind"),
    [("Bounce", "SoftBounce"), ("Bounce", "Transient"), ("SpamComplaint", "SpamComplaint"), ("Delivery", "Delivery")],
)
def test_what_is_not_final_or_is_a_complaint_leads_nowhere(post, hooks, sent, now, record, kind):
    post("postmark", told(sent, record, kind))
    on(now)
    assert stands(sent)[:2] == ("email", "sent")
    assert not CameBack.objects.exists()


@pytest.mark.django_db
def test_a_soft_bounce_leads_on_when_it_is_the_one_that_counts_as_final(post, hooks, sent, clock):
    for number in range(4):
        post("postmark", told(sent, kind="SoftBounce", number=number + 1))
        clock.forward(days=4)
    assert on(clock.now()).on == 0
    post("postmark", told(sent, kind="SoftBounce", number=9))
    assert on(clock.now()).on == 1
    assert stands(sent)[:2] == ("print", "sent")


@pytest.mark.django_db
def test_a_complaint_ends_the_message_before_or_after_the_bounce(post, hooks, sent, now):
    post("postmark", told(sent))
    post("postmark", told(sent, "SpamComplaint", "SpamComplaint", number=2))
    post("postmark", told(sent, number=3))
    on(now)
    assert stands(sent) == ("email", "sent", [])
    assert CameBack.objects.get().outcome == "nowhere"


@pytest.mark.django_db
def test_a_complaint_stops_what_has_gone_on_and_not_gone_out(post, hooks, sent, now):
    post("postmark", told(sent))
    assert switching.turn(now=now).on == 1
    post("postmark", told(sent, "SpamComplaint", "SpamComplaint", number=2))
    send.send_due(owner="t", now=now, limit=10)
    assert stands(sent) == ("print", "stopped", [])
    assert Receipt.objects.filter(intent_id=sent.pk, outcome="stopped").count() == 1
    assert not Letter.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["message_clicked", "message_opened", "message_received", "booked"])
def test_who_was_reached_all_the_same_needs_no_other_way(post, hooks, sent, now, kind):
    heard = NewEvent(
        person_id=sent.person_id, kind=kind, at=now, source="web", source_key=sealing.source_key("t", kind),
        detail={} if kind == "booked" else {"intent": sent.pk}, campaign_id=sent.cause_id if kind == "booked" else None,
    )  # fmt: skip
    timeline.append(events=[heard], now=now)
    post("postmark", told(sent))
    assert on(now) == switching.Switched(on=0, nowhere=1)
    assert stands(sent) == ("email", "sent", [])
    assert CameBack.objects.get().outcome == "reached"


@pytest.mark.django_db
def test_what_a_scanner_opened_reached_nobody(post, hooks, sent, now):
    heard = NewEvent(
        person_id=sent.person_id, kind="message_scanned", at=now, source="web", source_key=sealing.source_key("t", "x"),
        detail={"intent": sent.pk, "machine": True, "of": "message_opened"},
    )  # fmt: skip
    timeline.append(events=[heard], now=now)
    post("postmark", told(sent))
    assert on(now).on == 1


@pytest.mark.django_db
def test_a_withdrawal_stops_the_other_ways_by_their_own_checks(post, hooks, sent, now):
    post("postmark", told(sent))
    ledger.withdraw(by=SYSTEM, person_id=sent.person_id, channel="all", topic="care", via="desk", now=now)
    for _ in range(4):
        on(now)
    assert stands(sent)[1:] == ("suppressed", [])
    assert not Letter.objects.exists()
    assert Receipt.objects.filter(intent_id=sent.pk, outcome="suppressed").last().gate == "consent"


@pytest.mark.django_db
def test_who_died_meanwhile_gets_no_letter(post, hooks, sent, now):
    post("postmark", told(sent))
    Person.objects.filter(pk=sent.person_id).update(deceased_at=now)
    for _ in range(3):
        on(now)
    assert stands(sent)[:2] == ("print", "suppressed")


@pytest.mark.django_db
def test_while_its_campaign_is_paused_it_waits_and_when_stopped_it_ends(post, hooks, sent, now):
    assert intents.hold("campaign", sent.cause_id) == 0, "everything has gone out: nothing is held"
    post("postmark", told(sent))
    assert on(now).on == 0
    intents.release("campaign", sent.cause_id)
    assert on(now).on == 1
    assert stands(sent)[0] == "print"


@pytest.mark.django_db
def test_a_stopped_campaign_takes_no_other_way_for_what_comes_back(post, hooks, sent, now):
    post("postmark", told(sent))
    intents.stop("campaign", sent.cause_id, now)
    assert on(now).on == 0
    assert stands(sent) == ("email", "sent", [])
    assert CameBack.objects.get().outcome == "nowhere"


@pytest.mark.django_db
def test_a_bounce_that_overtakes_the_sender_waits_for_it(post, hooks, sent, now):
    Intent.objects.filter(pk=sent.pk).update(state="claimed")
    post("postmark", told(sent))
    assert on(now).on == 0
    Intent.objects.filter(pk=sent.pk).update(state="sent")
    assert on(now).on == 1


@pytest.mark.django_db
def test_a_bounce_proves_what_was_unknown_and_leads_on(post, hooks, sent, now):
    Intent.objects.filter(pk=sent.pk).update(state="unknown")
    post("postmark", told(sent))
    assert on(now).on == 1
    assert stands(sent)[:2] == ("print", "sent")


@pytest.mark.django_db
def test_a_late_bounce_of_mail_says_nothing_about_the_letter(post, hooks, sent, now):
    Intent.objects.filter(pk=sent.pk).update(channel="print", others=["call"])
    post("postmark", told(sent))
    assert on(now).on == 0
    assert not CameBack.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_reports_and_many_sweeps_at_once_write_one_letter_each(words, now, settings):
    many = stage.due([people_cast.person() for _ in range(12)], words, now, purpose="P1", others=("print", "call"))
    with stage.mailbox(settings):
        assert send.send_due(owner="t", now=now, limit=100).sent == 12
    wrong: list[BaseException] = []

    def work(number):
        try:
            for one in many:
                hearing.hear(by=SYSTEM, envelope=Envelope("postmark", "events"), body=_body(one, number), now=now)
                switching.turn(now=now)
        except BaseException as error:  # noqa: BLE001 - told to the test
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong
    for _ in range(3):
        on(now)
    assert set(Intent.objects.values_list("channel", "state")) == {("print", "sent")}
    assert (CameBack.objects.filter(outcome="went_on").count(), Letter.objects.count()) == (12, 12)
    assert Receipt.objects.filter(reason__startswith="It goes on by").count() == 12


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_between_bounce_and_next_way_loses_nothing(words, now, settings):
    people = [people_cast.person() for _ in range(6)]
    many = stage.due(people, words, now, purpose="P1", others=("print",))
    with stage.mailbox(settings) as box:
        assert send.send_due(owner="t", now=now, limit=100).sent == 6
        for one in many:
            hearing.hear(by=SYSTEM, envelope=Envelope("postmark", "events"), body=_body(one, 1), now=now)
        for failpoint in ("before_switch:exit", "after_claim:exit"):
            with test_crashes.worker(box, now, failpoint) as dying:
                assert dying.wait(timeout=60) == 99
        test_crashes.drain(now, 6, turn=lambda: switching.turn(now=now))
        until = now + timedelta(seconds=1)
        while Letter.objects.count() < 6:
            test_crashes.drain(until, 7, 3.0, turn=lambda: switching.turn(now=now))
    assert set(Intent.objects.values_list("channel", "state")) == {("print", "sent")}
    assert Letter.objects.count() == 6


def _body(intent, number):
    url = "https://x.example/"
    return signing.sign("postmark", told(intent, number=number * 1000 + intent.pk), now=house_clock.now(), url=url).body


def dsn(intent):
    """A host reports that there is no such mailbox, to the address that names the message."""
    return (
        f"From: MAILER-DAEMON@mail.example\r\nTo: {tracking.return_path(intent.pk)}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <dsn-{intent.pk}@mail.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mailbox does not exist.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; {ADDRESS}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user here\r\n\r\n--b--\r\n"
    ).encode()
