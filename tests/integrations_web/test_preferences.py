"""The preference centre, through its public address."""

import json
import re
import uuid
from datetime import date, time, timedelta
from html import unescape

import pytest

from rapport.consent import choices, ledger, preferences, signatures, texts
from rapport.consent.models import ConsentRecord, Preference, Suppression
from rapport.kit import clock as house_clock
from rapport.messaging import send, tracking
from rapport.people.models import ContactPoint
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.integrations_web.test_doors import landed, path_of
from tests.messaging import stage

pytestmark = pytest.mark.django_db
MARKETING_TEXT = "sms.health_services"


@pytest.fixture(autouse=True)
def today(now):
    with house_clock.travel(now):
        yield


@pytest.fixture
def intent(now):
    person = people_cast.person(given="Pat", family="Rivera")
    stage.says_yes(person, now - timedelta(days=30))
    return stage.due([person], stage.wording(now), now)[0]


@pytest.fixture
def url(intent):
    return path_of(tracking.Links(intent.pk, intent.version_id).preferences())


def sent(client, url, *, on=(), was="care.email", status=302, **more):
    answer = client.post(url, {"was": was, "on": list(on), **more}, headers={"user-agent": "Phone/1.0"})
    assert answer.status_code == status
    return answer


def stands(intent, now):
    return {one.key for one, stand in choices.standing(intent.person_id, now).items() if stand.is_on}


def said(intent):
    return ConsentRecord.objects.filter(person_id=intent.person_id, via="preference_centre")


def test_a_mail_leads_to_the_preference_centre_and_not_to_the_unsubscribe_page(client, intent, url):
    html = client.get(url).content.decode()
    assert url.startswith("/p/")
    assert "Pat, you choose" in html
    old = client.get(url.replace("/p/", "/u/"))
    assert (old.status_code, old.headers["Location"]) == (302, url)


def test_only_the_given_name_is_shown(client, intent, url):
    html = client.get(url).content.decode()
    assert "Rivera" not in html
    for point in ContactPoint.objects.filter(person_id=intent.person_id):
        assert "@mail.example" not in html
        assert point.use != "mobile" or "978-453" not in html


def test_a_get_changes_nothing(client, intent, url):
    before = (ConsentRecord.objects.count(), Preference.objects.count(), Suppression.objects.count())
    client.get(url + "?do=stop_all&on=email.newsletter&was=")
    client.head(url)
    for form in ("html", "csv", "json"):
        client.get(f"{url}/permissions.{form}")
    assert (ConsentRecord.objects.count(), Preference.objects.count(), Suppression.objects.count()) == before


def test_what_stands_is_shown_as_it_stands(client, intent, url, now):
    html = client.get(url).content.decode()
    assert re.search(r'value="email.health_services" checked', html)
    assert not re.search(r'value="email.newsletter" checked', html)
    assert re.search(r'value="email.care" checked', html), "sent until the person says no"


def test_only_what_was_changed_is_written(client, intent, url, now):
    sent(
        client,
        url,
        was="email.care email.health_services",
        on=["email.care", "email.health_services", "email.newsletter"],
    )
    (record,) = said(intent)
    assert (record.channel, record.topic, record.status) == ("email", "newsletter", "granted")
    assert not Preference.objects.exists()


def test_a_page_that_was_open_for_long_does_not_take_back_what_was_said_meanwhile(client, intent, url, now):
    stage.says_yes(intent.person, now - timedelta(hours=1), "newsletter")
    sent(client, url, was="email.care email.health_services", on=["email.health_services"])
    assert "email.newsletter" in stands(intent, now)
    assert "email.care" not in stands(intent, now)


def test_a_statement_keeps_what_was_shown_where_and_to_whom(client, intent, url, now):
    sent(client, url + "?lang=es", was="", on=["email.newsletter"])
    record = said(intent).get()
    assert record.text_version == "centre-email-newsletter-es-1"
    assert record.locale == "es"
    assert record.evidence["text"] == texts.of(record.text_version).said(clinic="Riverbend Health")
    assert record.evidence["ip"] == "127.0.0.0"
    assert record.evidence["user_agent"] == "Phone/1.0"
    assert (record.evidence["form"], record.evidence["intent"]) == ("centre", intent.pk)


def test_a_no_puts_the_address_on_the_list_and_a_yes_takes_it_off(client, intent, url, now):
    sent(client, url, was="email.health_services", on=[])
    assert Suppression.objects.filter(topic="health_services", kind="email", lifted_at=None).exists()
    sent(client, url, was="", on=["email.health_services"])
    assert not Suppression.objects.filter(lifted_at=None).exists()
    assert "email.health_services" in stands(intent, now)


def test_a_no_here_stops_what_waits_in_the_queue(client, intent, url, now):
    sent(client, url, was="email.health_services", on=[])
    assert send.send_due(owner="t", now=now, limit=5).suppressed == 1
    assert [one["kind"] for one in landed()] == ["unsubscribed"], "attribution hears of it"


def test_marketing_by_text_needs_a_signature(client, intent, url, now):
    answer = sent(client, url, was="", on=[MARKETING_TEXT], status=422)
    html = unescape(answer.content.decode())
    assert "Please type your name here to sign" in html
    assert "do not have to agree to this to get care or to buy anything" in html
    assert re.search(rf'value="{MARKETING_TEXT}" checked', html), "what was chosen is kept"
    assert not said(intent).exists()


def test_a_signed_yes_to_texts_is_written_consent_about_one_number(client, intent, url, now):
    sent(client, url, was="", on=[MARKETING_TEXT], **{f"sign.{MARKETING_TEXT}": "Pat Rivera"})
    record = said(intent).get()
    mobile = ContactPoint.objects.get(person_id=intent.person_id, kind="phone")
    assert (record.tier, record.contact_point_id) == ("written", mobile.pk)
    assert "automatic dialing system" in record.evidence["text"]
    assert "Rivera" not in json.dumps(record.evidence), "the name is sealed"
    assert signatures.read(record) == "Pat Rivera"
    assert MARKETING_TEXT in stands(intent, now)


def test_without_a_mobile_number_nobody_can_say_yes_to_texts(client, intent, url, now):
    ContactPoint.objects.filter(kind="phone").update(use="home")
    html = client.get(url).content.decode()
    assert 'value="sms.care"' not in html
    assert "We have no mobile number" in html
    sent(client, url, was="", on=[MARKETING_TEXT], status=422, **{f"sign.{MARKETING_TEXT}": "Pat Rivera"})
    assert not said(intent).exists()


def test_how_often_when_and_in_which_language(client, intent, url, now):
    sent(
        client, url, was="", often="weekly", pause="month", language="es", hours_from="20:00", hours_until="09:00",
        feeling="too_much",
    )  # fmt: skip
    wants = preferences.of(intent.person_id)
    assert (wants.at_most, wants.pause_until, wants.language) == (4, now.date() + timedelta(days=30), "es")
    assert (wants.quiet_from, wants.quiet_until, wants.feeling) == (time(20), time(9), "too_much")
    assert "usted elige" in client.get(url).content.decode(), "the page speaks the language that was chosen"


def test_a_break_until_a_day(client, intent, url, now):
    sent(client, url, was="", pause="date", pause_day="2026-05-01")
    assert preferences.of(intent.person_id).pause_until == date(2026, 5, 1)
    html = client.get(url).content.decode()
    assert "Break until May 1, 2026" in html
    sent(client, url, was="", pause="keep", often="monthly")
    assert preferences.of(intent.person_id).pause_until == date(2026, 5, 1)
    sent(client, url, was="", pause="no")
    assert preferences.of(intent.person_id).pause_until is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"pause": "date", "pause_day": "2020-01-01"},
        {"pause": "date", "pause_day": "soon"},
        {"hours_from": "20:00", "hours_until": ""},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_shown_again_and_nothing_is_saved(client, intent, url, wrong):
    answer = sent(client, url, was="", on=["email.newsletter"], status=422, **wrong)
    assert "Not saved yet" in answer.content.decode()
    assert not said(intent).exists(), "all of it or nothing"
    assert not Preference.objects.exists()


def test_what_was_saved_is_shown_and_can_be_undone(client, intent, url, now):
    answer = sent(client, url, was="email.health_services", on=["email.newsletter"], often="monthly")
    html = client.get(answer.headers["Location"]).content.decode()
    assert "On: Newsletter, e-mail" in html
    assert "Off: Our health services, e-mail" in html
    what = unescape(re.search(r'name="what" value="([^"]+)"', html)[1])
    undone = client.post(url, {"do": "undo", "what": what})
    assert "All is as it was" in client.get(undone.headers["Location"]).content.decode()
    assert {"email.health_services"} == stands(intent, now) & {"email.health_services", "email.newsletter"}
    assert preferences.of(intent.person_id).at_most is None
    assert not Suppression.objects.filter(lifted_at=None, topic="health_services").exists()


def test_an_undo_does_not_speak_against_what_was_said_since(client, intent, url, now):
    answer = sent(client, url, was="email.health_services", on=[])
    what = re.search(r"saved=([^&#]+)", answer.headers["Location"])[1]
    with house_clock.travel(now + timedelta(hours=1)):
        sent(client, url, was="", on=["email.health_services"])
        sent(client, url, was="email.health_services", on=[])
        sent(client, url, was="", on=["email.health_services"])
        client.post(url, {"do": "undo", "what": what})
        assert "email.health_services" in stands(intent, now + timedelta(hours=1))
        assert not ConsentRecord.objects.filter(via="undo").exists()


def test_a_forged_undo_changes_nothing(client, intent, url, now):
    answer = client.post(url, {"do": "undo", "what": "forged:1:2"})
    assert "too late to undo" in client.get(answer.headers["Location"]).content.decode()
    assert not ConsentRecord.objects.filter(via="undo").exists()


def test_stop_everything_leaves_care_and_bills(client, intent, url, now):
    sent(client, url, was="", on=["email.newsletter", MARKETING_TEXT], **{f"sign.{MARKETING_TEXT}": "Pat"})
    answer = client.post(url, {"do": "stop_all"})
    assert stands(intent, now) == {"email.care", "email.billing"}
    assert set(said(intent).filter(channel="all").values_list("topic", flat=True)) == set(choices.MARKETING)
    what = re.search(r"saved=([^&#]+)", answer.headers["Location"])[1]
    client.post(url, {"do": "undo", "what": what})
    assert {"email.newsletter", "email.health_services", "email.survey", MARKETING_TEXT} <= stands(intent, now)
    assert ConsentRecord.objects.get(via="undo", channel="sms").tier == "written"


def test_the_words_one_agreed_to_stand_on_the_page_with_their_version(client, intent, url, now):
    sent(client, url, was="", on=["email.newsletter"])
    html = client.get(url).content.decode()
    assert "Riverbend Health may e-mail me its newsletter." in html
    assert "centre-email-newsletter-en-1" in html


def test_one_can_take_ones_permissions_along(client, intent, url, now):
    sent(client, url, was="", on=["email.newsletter", MARKETING_TEXT], **{f"sign.{MARKETING_TEXT}": "Pat Rivera"})
    told = json.loads(client.get(f"{url}/permissions.json").content)
    assert {(one["topic"], one["status"]) for one in told["statements"]} >= {("newsletter", "granted")}
    record = said(intent).get(channel="sms")
    assert record.evidence["signature"] not in json.dumps(told), "sealed values stay"
    table = client.get(f"{url}/permissions.csv").content.decode()
    assert "Newsletter, e-mail" in table
    assert "On our page for your choices" in table
    assert "Riverbend Health may e-mail me its newsletter." in client.get(f"{url}/permissions.html").content.decode()
    assert AuditEntry.objects.filter(verb="permissions.download", person_id=intent.person_id).count() == 3


def test_papers_whose_kind_tells_about_health_do_not_leave_by_a_mails_link(client, intent, url, now):
    record = ledger.NewRecord(
        person_id=intent.person_id, kind="part2", channel="all", topic="all", status="granted", at=now, via="paper",
        text_version="fhir-consent", source_key=uuid.uuid4(), data_class="sud_part2",
    )  # fmt: skip
    ledger.state(by=SYSTEM, record=record, now=now)
    for form in ("html", "csv", "json"):
        assert "part2" not in client.get(f"{url}/permissions.{form}").content.decode()


@pytest.mark.parametrize("token", ["x", "a" * 35, "..."])
def test_a_strangers_token_gets_the_friendly_page(client, intent, token):
    for path in (f"/p/{token}", f"/p/{token}/permissions.csv"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "does not work any more" in answer.content.decode()
    assert client.post(f"/p/{token}", {"do": "stop_all"}).status_code == 404


def test_a_token_of_another_kind_does_not_open_the_centre(client, intent):
    for kind in ("unsubscribe", "book", "open"):
        assert client.get(f"/p/{tracking.token(kind, intent.pk)}").status_code == 404


def test_the_page_speaks_spanish(client, intent, url):
    html = client.get(url + "?lang=es").content.decode()
    assert '<html lang="es"' in html
    assert "¿Qué quiere recibir?" in html
    assert "Correo electrónico" in html
