"""What the front desk writes down: two clicks, the words that were read, and a minute to take it back."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from rapport.consent import choices, preferences, texts
from rapport.consent.models import ConsentRecord, Preference, Suppression
from rapport.kit import clock as time
from rapport.messaging.models import Intent
from rapport.people.models import ContactPoint
from rapport.trust.models import AuditEntry
from tests.home.test_pages import HTMX, NOW, as_, text, today  # noqa: F401 - the clock of these pages

pytestmark = pytest.mark.django_db
MARKETING_TEXT = "sms.health_services"


def post(user, person, path="", **said):
    return as_(user).post(f"/people/{person.pk}/consent/{path}", said)


def stands(person, at=NOW):
    return {one.key for one, stand in choices.standing(person.pk, at).items() if stand.is_on}


def newest(person):
    return ConsentRecord.objects.filter(person=person).order_by("-id").first()


def test_what_was_never_asked_is_one_click_away(bea, pat):
    page = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert "Yes to texts about visits" in page
    asked = text(as_(bea).get(f"/people/{pat.pk}/consent/?what=sms.care", headers=HTMX))
    assert "<html" not in asked, "a part of the page, for the dialog"
    assert "May we text your mobile phone about your visits" in asked
    post(bea, pat, what="sms.care", answer="yes", way="in_person")
    assert "sms.care" in stands(pat)
    assert "Yes to texts about visits" not in text(as_(bea).get(f"/people/{pat.pk}/"))


def test_the_page_works_without_script(bea, pat):
    page = text(as_(bea).get(f"/people/{pat.pk}/consent/?what=call.care"))
    assert "<html" in page
    assert "May we call you about your visits" in page


def test_a_statement_keeps_the_sentence_the_way_and_who_asked(bea, pat):
    post(bea, pat, what="email.newsletter", answer="yes", way="phone", lang="es")
    made = newest(pat)
    assert (made.channel, made.topic, made.status, made.via) == ("email", "newsletter", "granted", "front_desk_phone")
    assert (made.text_version, made.locale) == ("desk-email-newsletter-es-1", "es")
    assert made.evidence["asked"] == texts.of(made.text_version).words
    assert (made.evidence["by"], made.evidence["way"]) == (bea.pk, "phone")
    assert AuditEntry.objects.filter(verb="consent.grant", person_id=pat.pk, actor=bea).exists()


def test_a_sentence_is_read_in_the_persons_own_language(bea, pat):
    type(pat).objects.filter(pk=pat.pk).update(language="es")
    page = unescape(text(as_(bea).get(f"/people/{pat.pk}/consent/?what=email.newsletter")))
    assert '<blockquote lang="es"' in page
    assert "¿Podemos enviarle nuestro boletín por correo?" in page
    assert '<blockquote lang="en"' in text(as_(bea).get(f"/people/{pat.pk}/consent/?what=email.newsletter&lang=en"))


@pytest.mark.parametrize("way", ["in_person", "phone"])
def test_marketing_by_text_can_not_be_said_only_signed(bea, pat, way):
    answer = post(bea, pat, what=MARKETING_TEXT, answer="yes", way=way, paper="Folder 7")
    assert answer.status_code == 422
    assert "person&#39;s signature" in text(answer)
    assert newest(pat) is None


def test_a_signed_form_says_where_it_is_and_about_which_number(bea, pat):
    assert post(bea, pat, what=MARKETING_TEXT, answer="yes", way="paper").status_code == 422
    assert post(bea, pat, what=MARKETING_TEXT, answer="yes", way="paper", paper="Scan 4711").status_code == 302
    made = newest(pat)
    mobile = ContactPoint.objects.get(person=pat, kind="phone")
    assert (made.tier, made.contact_point_id, made.evidence["paper"]) == ("written", mobile.pk, "Scan 4711")
    assert "automatic dialing system" in made.evidence["asked"]
    assert MARKETING_TEXT in stands(pat)


def test_without_a_mobile_number_a_form_about_texts_is_about_nothing(bea, pat):
    ContactPoint.objects.filter(person=pat, kind="phone").delete()
    assert post(bea, pat, what=MARKETING_TEXT, answer="yes", way="paper", paper="Scan 1").status_code == 422
    assert "They signed it" not in text(as_(bea).get(f"/people/{pat.pk}/consent/?what={MARKETING_TEXT}"))


def test_a_no_to_marketing_by_text_needs_no_form(bea, pat):
    post(bea, pat, what=MARKETING_TEXT, answer="yes", way="paper", paper="Scan 1")
    assert post(bea, pat, what=MARKETING_TEXT, answer="no", way="phone").status_code == 302
    assert MARKETING_TEXT not in stands(pat)


def test_a_yes_at_the_desk_takes_the_address_off_the_list(bea, pat):
    post(bea, pat, what="email.newsletter", answer="no", way="phone")
    assert Suppression.objects.filter(topic="newsletter", lifted_at=None).exists()
    post(bea, pat, what="email.newsletter", answer="yes", way="phone")
    assert not Suppression.objects.filter(lifted_at=None).exists()


def test_what_was_just_written_can_be_taken_back_for_a_minute(bea, pat):
    post(bea, pat, what="email.newsletter", answer="yes", way="phone")
    page = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert "Written down: yes to Newsletter: E-mail" in page
    number = re.search(r'name="record" value="(\d+)"', page)[1]
    with time.travel(NOW + timedelta(seconds=59)):
        post(bea, pat, "undo/", record=number)
    assert "email.newsletter" not in stands(pat)
    assert newest(pat).evidence["undoes"] == int(number)
    assert "Written down" not in text(as_(bea).get(f"/people/{pat.pk}/"))


def test_a_no_that_was_a_mistake_brings_the_yes_back_with_its_own_words(bea, pat):
    post(bea, pat, what="email.newsletter", answer="yes", way="paper", lang="es")
    with time.travel(NOW + timedelta(hours=1)):
        post(bea, pat, what="email.newsletter", answer="no", way="phone")
        post(bea, pat, "undo/", record=newest(pat).pk)
        assert "email.newsletter" in stands(pat, NOW + timedelta(hours=1))
    assert newest(pat).text_version == "desk-email-newsletter-es-1"
    assert not Suppression.objects.filter(lifted_at=None).exists()


def test_taking_back_a_yes_does_not_make_a_no_of_what_needs_none(bea, pat):
    post(bea, pat, what="email.care", answer="yes", way="phone")
    post(bea, pat, "undo/", record=newest(pat).pk)
    assert "email.care" in stands(pat)


def test_after_a_minute_or_by_somebody_else_nothing_is_taken_back(bea, cole, dr_ito, pat):
    post(bea, pat, what="email.newsletter", answer="yes", way="phone")
    number = newest(pat).pk
    post(dr_ito, pat, "undo/", record=number)
    with time.travel(NOW + timedelta(seconds=61)):
        answer = as_(bea).post(f"/people/{pat.pk}/consent/undo/", {"record": number}, follow=True)
        assert "A minute has passed" in text(answer)
    assert newest(pat).pk == number


@pytest.mark.parametrize(
    "wrong",
    [{"what": "pigeon.care"}, {"answer": "maybe"}, {"way": "telepathy"}, {"what": ""}],
    ids=str,
)
def test_what_is_not_offered_changes_nothing(bea, pat, wrong):
    said = {"what": "email.newsletter", "answer": "yes", "way": "phone"} | wrong
    assert post(bea, pat, **said).status_code == 422
    assert newest(pat) is None


def test_the_link_to_sign_is_an_ordinary_message_and_goes_once_a_day(bea, pat):
    for _ in range(2):
        post(bea, pat, "link/")
    intent = Intent.objects.get(person=pat)
    assert (intent.cause, intent.purpose, intent.topic) == ("choices", "P1", "care")
    assert intent.version.piece.slug == "your-choices"
    ContactPoint.objects.filter(person=pat, kind="email").delete()
    answer = as_(bea).post(f"/people/{pat.pk}/consent/link/", follow=True)
    assert "There is no e-mail address that works" in text(answer)


def wishes(user, person, **said):
    whole = {"language": "", "pause": "no", "only": "", "way": "in_person"} | said
    return post(user, person, "wishes/", **whole)


def test_language_and_a_break_are_preferences(bea, pat):
    wishes(bea, pat, language="es", pause="month")
    stood = preferences.of(pat.pk)
    assert (stood.language, stood.pause_until) == ("es", NOW.date() + timedelta(days=30))
    wishes(bea, pat, language="es", pause="date", pause_day="2026-06-01")
    assert preferences.of(pat.pk).pause_until == date(2026, 6, 1)
    assert Preference.objects.filter(via="front_desk_in_person").count() == 2


def test_only_by_letter_is_a_statement_of_its_own(bea, pat):
    wishes(bea, pat, only="print")
    made = newest(pat)
    assert (made.kind, made.channel, made.topic, made.status) == ("confidential", "print", "all", "granted")
    wishes(bea, pat, only="email")
    kinds = set(ConsentRecord.objects.filter(person=pat).values_list("channel", "status"))
    assert kinds == {("print", "granted"), ("print", "withdrawn"), ("email", "granted")}, (
        "one way takes the place of another"
    )
    assert re.search(r'value="email" selected', text(as_(bea).get(f"/people/{pat.pk}/consent/")))
    wishes(bea, pat)
    assert newest(pat).status == "withdrawn"


def test_only_at_one_address(bea, pat, quinn):
    point = ContactPoint.objects.get(person=pat, kind="email")
    wishes(bea, pat, only=f"point:{point.pk}")
    assert (newest(pat).contact_point_id, newest(pat).channel) == (point.pk, "email")
    other = ContactPoint.objects.get(person=quinn, kind="email")
    assert wishes(bea, pat, only=f"point:{other.pk}").status_code == 422, "another person's address"


def test_do_not_contact_is_written_and_lifted(bea, pat):
    wishes(bea, pat, no_contact="on")
    assert (newest(pat).kind, newest(pat).status) == ("do_not_contact", "granted")
    page = text(as_(bea).get(f"/people/{pat.pk}/consent/"))
    assert re.search(r'name="no_contact"[^>]* checked', page)
    wishes(bea, pat)
    assert (newest(pat).kind, newest(pat).status) == ("do_not_contact", "withdrawn")


def test_wishes_that_change_nothing_write_nothing(bea, pat):
    wishes(bea, pat)
    assert not ConsentRecord.objects.exists()
    assert not Preference.objects.exists()


def test_ana_may_neither_ask_nor_write(ana, pat):
    assert as_(ana).get(f"/people/{pat.pk}/consent/").status_code == 403
    for path in ("undo/", "wishes/", "link/"):
        assert as_(ana).post(f"/people/{pat.pk}/consent/{path}").status_code == 403
    assert "Not asked yet" not in text(as_(ana).get(f"/people/{pat.pk}/"))
