"""Front-desk sends, in real requests by the cast: three clicks, the way she allows, the name guard, and undo."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from rapport.content import actions as content
from rapport.content import at_desk, starters
from rapport.content.models import Piece
from rapport.home import sending
from rapport.kit import clock as time
from rapport.messaging import send
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, Grant, Role
from tests import people_cast
from tests.home import desk_stage
from tests.messaging import sms_stage, stage

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def today():
    with time.travel(NOW):
        yield


@pytest.fixture
def way(ana):
    return desk_stage.offered(ana, NOW)


def as_(user):
    browser = Client()
    browser.force_login(user)
    return browser


def text(response):
    return response.content.decode()


def form_of(page):
    """What the form of the preview would send."""
    return dict(re.findall(r'<input type="hidden" name="(what|by|once|back)" value="([^"]*)"', page))


def sends(browser, person, **more):
    """Second and third click."""
    looked = text(browser.get(f"/people/{person.pk}/send/?what=how-to-find-us", headers=HTMX))
    return browser.post(f"/people/{person.pk}/send/", form_of(looked) | more)


def test_three_clicks_send_one_message_after_thirty_seconds(bea, pat, way):
    desk_stage.yes_to_texts(pat, NOW)
    browser = as_(bea)
    assert f'href="/people/{pat.pk}/send/"' in text(browser.get(f"/people/{pat.pk}/"))
    listed = text(browser.get(f"/people/{pat.pk}/send/", headers=HTMX))
    assert "How to find us" in listed
    assert "<html" not in listed
    looked = text(browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us", headers=HTMX))
    assert "Pat, we are at 1 Mill Road." in looked
    assert "Reply STOP to stop." in looked
    done = browser.post(f"/people/{pat.pk}/send/", form_of(looked))
    assert done.url == f"/people/{pat.pk}/"
    intent = Intent.objects.get()
    assert (intent.cause, intent.channel, intent.purpose, intent.lane) == ("desk", "sms", "P1", Intent.Lane.ANSWER)
    assert intent.due_at == NOW + timedelta(seconds=30)
    audit = AuditEntry.objects.get(verb="desk.send")
    assert (audit.actor, audit.person_id) == (bea, pat.pk)


def test_twice_the_click_is_once(bea, pat, way):
    browser = as_(bea)
    looked = text(browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us", headers=HTMX))
    for _ in range(3):
        assert browser.post(f"/people/{pat.pk}/send/", form_of(looked)).status_code == 302
    assert Intent.objects.count() == 1
    assert AuditEntry.objects.filter(verb="desk.send").count() == 1


def test_two_clerks_with_the_same_screen_send_it_once(bea, hire, pat, way):
    gus = hire("Gus Lindt", Role.FRONT_DESK)
    screens = [text(as_(one).get(f"/people/{pat.pk}/send/?what=how-to-find-us", headers=HTMX)) for one in (bea, gus)]
    for one, screen in zip((bea, gus), screens, strict=True):
        as_(one).post(f"/people/{pat.pk}/send/", form_of(screen))
    assert Intent.objects.count() == 1


def test_sending_it_again_the_same_day_is_possible_and_said(bea, pat, way):
    browser = as_(bea)
    sends(browser, pat)
    again = text(browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us", headers=HTMX))
    assert "got this today already" in again
    sends(browser, pat)
    assert sorted(Intent.objects.values_list("occurrence", flat=True)) == ["2026-03-04:1", "2026-03-04:2"]


def test_a_name_of_a_sending_that_somebody_made_up_is_refused(bea, pat, way):
    browser = as_(bea)
    for name in ("", "2026-03-04:7", "2027-01-01:1", "x" * 50):
        looked = sends(browser, pat, once=name)
        assert looked.status_code == 409
        assert "Look again before you send." in text(looked)
    assert not Intent.objects.exists()


def test_the_way_follows_from_what_she_allows_and_says_why(bea, pat, way):
    desk_stage.yes_to_texts(pat, NOW)
    desk_stage.no_to_mail(pat, NOW)
    page = text(as_(bea).get(f"/people/{pat.pk}/send/?what=how-to-find-us", headers=HTMX))
    assert form_of(page)["by"] == "sms"
    assert "Said no" in page
    assert "Take this way" not in page


def test_without_a_yes_to_texts_it_goes_by_e_mail(bea, pat, way):
    browser = as_(bea)
    page = text(browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us", headers=HTMX))
    assert form_of(page)["by"] == "email"
    assert "Hello Pat" in text(browser.get(f"/people/{pat.pk}/send/how-to-find-us/letter/"))


def test_a_way_that_is_refused_can_not_be_posted(bea, pat, way):
    desk_stage.no_to_mail(pat, NOW)
    browser = as_(bea)
    assert "Not possible" in text(browser.get(f"/people/{pat.pk}/send/", headers=HTMX))
    refused = sends(browser, pat, by="email")
    assert refused.status_code == 409
    assert "It can't go this way." in text(refused)
    assert not Intent.objects.exists()


def test_a_no_within_the_thirty_seconds_is_obeyed(bea, pat, way, settings):
    sends(as_(bea), pat)
    desk_stage.no_to_mail(pat, NOW + timedelta(seconds=5))
    later = NOW + timedelta(seconds=31)
    with stage.mailbox(settings), time.travel(later):
        report = send.send_due(owner="t", now=later, limit=10)
    assert (report.sent, report.suppressed) == (0, 1)


def test_what_is_not_offered_is_not_listed_and_not_sent(bea, ana, pat, way):
    for one in way:
        at_desk.offer(by=ana, piece=one.piece, name="", now=NOW)
    browser = as_(bea)
    assert "Nothing is offered to the desk yet" in text(browser.get(f"/people/{pat.pk}/send/", headers=HTMX))
    assert browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us").status_code == 404


def test_news_and_offers_are_never_for_the_desk(ana):
    piece = stage.wording(NOW).piece
    with pytest.raises(at_desk.NotForTheDesk):
        at_desk.offer(by=ana, piece=piece, name="Seminar", now=NOW)
    as_(ana).post(f"/content/piece/{piece.slug}/at-desk/", {"name": "Seminar"})
    piece.refresh_from_db()
    assert piece.at_desk == ""


def test_marketing_offers_a_piece_on_its_page(ana, bea, pat):
    piece = sms_stage.wording(NOW).piece
    assert "At the front desk" in text(as_(ana).get(f"/content/piece/{piece.slug}/"))
    as_(ana).post(f"/content/piece/{piece.slug}/at-desk/", {"name": "  Your   visit "})
    assert "Your visit" in text(as_(bea).get(f"/people/{pat.pk}/send/", headers=HTMX))
    assert as_(bea).post(f"/content/piece/{piece.slug}/at-desk/", {"name": "Mine"}).status_code == 403


def test_the_words_are_in_the_persons_language_where_there_are_some(bea, ana, way):
    spanish = sms_stage.wording(NOW, "{{ clinic.name }}: estamos en Mill Road.", language="es", slug="way-text-es")
    at_desk.offer(by=ana, piece=spanish.piece, name="How to find us", now=NOW)
    lucia = people_cast.person(given="Lucia", language="es")
    desk_stage.yes_to_texts(lucia, NOW)
    assert "estamos en Mill Road" in text(as_(bea).get(f"/people/{lucia.pk}/send/?what=how-to-find-us"))


# The name guard


@pytest.fixture
def alike(pat):
    """Pat Rivera, and Patrice Rivera who comes today."""
    other = people_cast.person(given="Patrice", family="Rivera", birth_date=date(1958, 1, 2))
    desk_stage.comes(other, desk_stage.lowell(), NOW + timedelta(hours=1), NOW)
    return other


def test_two_of_similar_name_today_are_compared_before_sending(bea, pat, way, alike):
    browser = as_(bea)
    page = text(browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us", headers=HTMX))
    assert "Also comes today: Patrice Rivera, born 1958, at 11:00" in page
    assert "I have compared: Pat Rivera, born 1971" in page
    refused = sends(browser, pat)
    assert refused.status_code == 422
    assert "Please compare first" in text(refused)
    assert not Intent.objects.exists()
    assert sends(browser, pat, compared="on").status_code == 302
    assert AuditEntry.objects.get(verb="desk.send").details["compared"] is True


def test_odd_capitals_are_compared_too(bea, way):
    loud = people_cast.person(given="PAULA", family="STONE")
    page = text(as_(bea).get(f"/people/{loud.pk}/send/?what=how-to-find-us", headers=HTMX))
    assert "Paula Stone" in page
    assert "required" in page


def test_nobody_is_asked_to_compare_without_need(bea, pat, quinn, way):
    desk_stage.comes(quinn, desk_stage.lowell(), NOW + timedelta(hours=1), NOW)
    assert "I have compared" not in text(as_(bea).get(f"/people/{pat.pk}/send/?what=how-to-find-us"))


# Undo, and what became of it


def test_undo_stands_on_the_persons_page_and_takes_it_back_with_a_receipt(bea, pat, way):
    browser = as_(bea)
    sends(browser, pat)
    intent = Intent.objects.get()
    page = text(browser.get(f"/people/{pat.pk}/"))
    assert f"/people/{pat.pk}/sent/{intent.pk}/undo/" in page
    assert "can be undone until then" in page
    with time.travel(NOW + timedelta(seconds=29)):
        browser.post(f"/people/{pat.pk}/sent/{intent.pk}/undo/")
    intent.refresh_from_db()
    assert intent.state == "stopped"
    assert Receipt.objects.get(outcome="stopped").reason == "Taken back at the front desk before it went out."
    assert AuditEntry.objects.filter(verb="desk.undo", actor=bea, person_id=pat.pk).count() == 1
    assert send.send_due(owner="t", now=NOW + timedelta(minutes=1), limit=10).claimed == 0
    assert "Taken back, nothing was sent" in text(browser.get(f"/people/{pat.pk}/"))


@pytest.mark.django_db(transaction=True)  # the mailbox keeps what it gets over a line of its own
def test_it_does_not_leave_before_its_time_and_then_says_sent_and_delivered(bea, pat, way, settings):
    browser = as_(bea)
    sends(browser, pat)
    intent = Intent.objects.get()
    with stage.mailbox(settings):
        assert send.send_due(owner="t", now=NOW + timedelta(seconds=29), limit=10).claimed == 0
        at = NOW + timedelta(seconds=42)
        with time.travel(at):
            assert send.send_due(owner="t", now=at, limit=10).sent == 1
            line = text(browser.get(f"/people/{pat.pk}/sent/{intent.pk}/"))
            assert re.search(r"Sent 10:00.*, delivered", line)
            assert "Undo" not in line
            assert "hx-trigger" not in line
            assert "Pat" not in line
            late = browser.post(f"/people/{pat.pk}/sent/{intent.pk}/undo/", follow=True)
            assert "It was too late" in text(late)
    intent.refresh_from_db()
    assert intent.state == "sent"
    assert MailboxItem.objects.count() == 1


def test_what_waits_for_the_morning_says_so_and_can_be_taken_back(bea, pat, way, settings):
    desk_stage.yes_to_texts(pat, NOW)
    night = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)  # eleven at night in Lowell
    with time.travel(night):
        browser = as_(bea)
        page = text(browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us&by=sms", headers=HTMX))
        assert "waits until Mar 5, 08:00" in page
        browser.post(f"/people/{pat.pk}/send/", form_of(page))
    after = night + timedelta(minutes=1)
    with time.travel(after):
        assert send.send_due(owner="t", now=after, limit=10).deferred == 1
        page = text(browser.get(f"/people/{pat.pk}/"))
        assert "8:00" in page
        assert "/undo/" in page


# Who may, and whom


def test_who_may_not_send_is_not_offered_it(ana, dr_ito, zoe, pat, way):
    for one in (ana, dr_ito, zoe):
        assert as_(one).get(f"/people/{pat.pk}/send/").status_code == 403
        assert "/send/" not in text(as_(one).get(f"/people/{pat.pk}/"))


def test_a_person_out_of_sight_is_a_404_everywhere(bea, pat, way):
    sends(as_(bea), pat)
    intent = Intent.objects.get()
    Grant.objects.filter(user=bea).delete()
    Grant.objects.create(user=bea, role=Role.FRONT_DESK, location_id=desk_stage.lowell().pk, granted_at=NOW)
    browser = as_(bea)
    at = f"/people/{pat.pk}"
    for path in (
        f"{at}/send/",
        f"{at}/send/?what=how-to-find-us",
        f"{at}/send/how-to-find-us/letter/",
        f"{at}/sent/{intent.pk}/",
    ):
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"{at}/send/", {"what": "how-to-find-us"}).status_code == 404
    assert browser.post(f"{at}/sent/{intent.pk}/undo/").status_code == 404
    intent.refresh_from_db()
    assert intent.state == "queued"


def test_nobody_undoes_a_message_of_another_cause_or_person(bea, pat, quinn, way):
    sends(as_(bea), pat)
    mine = Intent.objects.get()
    other = stage.due([quinn], way[1], NOW)[0]
    with pytest.raises(sending.TooLate):
        sending.undo(by=bea, person_id=quinn.pk, intent_id=mine.pk, now=NOW)
    with pytest.raises(sending.TooLate):
        sending.undo(by=bea, person_id=quinn.pk, intent_id=other.pk, now=NOW)


def test_today_offers_it_on_each_line_and_leads_back_there(bea, pat, way):
    desk_stage.comes(pat, desk_stage.lowell(), NOW + timedelta(hours=2), NOW)
    browser = as_(bea)
    assert f"/people/{pat.pk}/send/?back=today" in text(browser.get("/"))
    looked = text(browser.get(f"/people/{pat.pk}/send/?what=how-to-find-us&back=today", headers=HTMX))
    done = browser.post(f"/people/{pat.pk}/send/", form_of(looked))
    assert done.url == "/?face=desk"
    page = text(browser.get(done.url))
    assert "/undo/" in page
    assert "How to find us" in page


def test_nobody_writes_to_who_has_died(bea, pat, way):
    pat.deceased_at = NOW - timedelta(days=3)
    pat.save(update_fields=["deceased_at"])
    browser = as_(bea)
    assert f"/people/{pat.pk}/send/" not in text(browser.get(f"/people/{pat.pk}/"))
    assert "Not possible" in text(browser.get(f"/people/{pat.pk}/send/", headers=HTMX))
    sends(browser, pat)
    assert not Intent.objects.exists()


def test_the_words_that_ship_with_the_product_are_there_for_the_desk(bea, pat):
    starters.load(by=SYSTEM, now=NOW)
    page = text(as_(bea).get(f"/people/{pat.pk}/send/", headers=HTMX))
    assert page.count("Your choices page") == 1, "English and Spanish are one message"


def test_words_that_somebody_outside_pays_for_are_never_for_the_desk(ana, way):
    piece = way[0].piece
    Piece.objects.filter(pk=piece.pk).update(is_paid=True)
    piece.refresh_from_db()
    assert [one.piece_id for many in at_desk.offered().values() for one in many] == [way[1].piece_id]
    with pytest.raises(at_desk.NotForTheDesk):
        at_desk.offer(by=ana, piece=piece, name="Way", now=NOW)


def test_words_that_were_taken_out_of_use_are_not_offered_any_more(ana, way):
    for one in way:
        content.retire(by=ana, version=one, now=NOW)
    assert at_desk.offered() == {}
