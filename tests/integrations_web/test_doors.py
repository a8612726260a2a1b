"""The public doors: clicks, opens, unsubscribe."""

import json
from datetime import timedelta

import pytest

from rapport.consent import queries as consents
from rapport.consent.models import ConsentRecord, Suppression
from rapport.integrations import landing, take_in
from rapport.integrations.models import Landing
from rapport.kit import clock as house_clock
from rapport.messaging import send, tracking
from rapport.messaging.models import Receipt
from rapport.people.models import Event
from tests.messaging import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def intent(now):
    version = stage.wording(now)
    (pat,) = stage.people(1, now)
    return stage.due([pat], version, now)[0]


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def landed() -> list[dict]:
    rows = list(Landing.objects.filter(form="tracking").order_by("id"))
    return [json.loads(raw) for raw in landing.raw_of(rows).values()]


def test_a_click_leads_where_the_published_version_led_and_is_landed(client, intent):
    links = tracking.Links(intent.pk, intent.version_id)
    answer = client.get(path_of(links.click(1)))
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://riverbend.example/seminar?a=1&b=2")
    (told,) = landed()
    assert (told["kind"], told["person_id"], told["link"]) == ("message_clicked", intent.person_id, 1)


def test_a_click_on_the_booking_link_leads_to_the_booking_page(client, intent):
    links = tracking.Links(intent.pk, intent.version_id)
    assert client.get(path_of(links.click(0))).headers["Location"] == links.book()


def test_a_link_that_was_never_in_the_message_leads_nowhere(client, intent):
    answer = client.get(path_of(tracking.Links(intent.pk, intent.version_id).click(7)))
    assert answer.status_code == 404
    assert landed() == []


@pytest.mark.parametrize("token", ["x", "a" * 35, "https:__evil.example", "..."])
def test_a_token_we_did_not_make_gets_a_friendly_page_and_leaves_nothing(client, intent, token):
    answer = client.get(f"/c/{token}")
    assert answer.status_code == 404
    assert "does not work any more" in answer.content.decode()
    assert landed() == []


def test_a_changed_token_is_refused(intent):
    token = tracking.token("click", intent.pk, 1, intent.version_id)
    for at in range(len(token)):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        said = tracking.read(other)
        assert said is None or said == tracking.read(token), "only the unused bits of the last letter may differ"


def test_a_token_of_one_kind_does_not_open_another_door(client, intent):
    token = tracking.token("open", intent.pk, None, intent.version_id)
    assert client.get(f"/u/{token}").status_code == 404
    assert client.get(f"/c/{token}").status_code == 404


def test_the_pixel_is_a_picture_for_everybody_and_counts_only_ours(client, intent):
    ours = client.get(path_of(tracking.Links(intent.pk, intent.version_id).open()))
    foreign = client.get("/o/nonsense.gif")
    assert ours.content == foreign.content
    assert ours.headers["Content-Type"] == "image/gif"
    assert [one["kind"] for one in landed()] == ["message_opened"]


def test_scanners_and_head_requests_are_let_through_and_count_for_nobody(client, intent):
    links = tracking.Links(intent.pk, intent.version_id)
    assert client.head(path_of(links.click(1))).status_code == 302
    assert client.get(path_of(links.click(1)), headers={"user-agent": "Mimecast-Scanner/1.0"}).status_code == 302
    assert client.get(path_of(links.click(1)), headers={"sec-purpose": "prefetch"}).status_code == 302
    assert [(one["kind"], one["of"]) for one in landed()] == [("message_scanned", "message_clicked")]


def test_a_get_never_unsubscribes(client, intent, now):
    url = path_of(tracking.Links(intent.pk, intent.version_id).unsubscribe())
    answer = client.get(url)
    assert answer.status_code == 200
    assert client.head(url).status_code == 200
    assert "Stop these e-mails?" in answer.content.decode()
    assert ConsentRecord.objects.filter(status="withdrawn").count() == 0
    assert Suppression.objects.count() == 0


def test_one_click_stops_at_once_and_what_waits_in_the_queue_is_not_sent(intent, now):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    url = path_of(tracking.Links(intent.pk, intent.version_id).unsubscribe())
    with house_clock.travel(now):
        answer = strict.post(url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert (
        consents.current([intent.person_id], now=now)[intent.person_id]["email", "health_services"].status
        == "withdrawn"
    )
    assert Suppression.objects.get().topic == "health_services"
    assert send.send_due(owner="t", now=now, limit=5).suppressed == 1
    assert Receipt.objects.get().gate == "consent"


def test_a_mistake_can_be_taken_back(client, intent, now):
    url = path_of(tracking.Links(intent.pk, intent.version_id).unsubscribe())
    with house_clock.travel(now):
        client.post(url, {"do": "stop"})
    with house_clock.travel(now + timedelta(minutes=1)):
        answer = client.post(url, {"do": "undo"})
    assert "All is as it was" in answer.content.decode()
    standing = consents.current([intent.person_id], now=now + timedelta(minutes=2))[intent.person_id]
    assert standing["email", "health_services"].status == "granted"
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 0


def test_an_undo_never_invents_a_yes(client, intent, now):
    url = path_of(tracking.Links(intent.pk, intent.version_id).unsubscribe())
    with house_clock.travel(now):
        client.post(url, {"do": "stop_all"})
    with house_clock.travel(now + timedelta(minutes=1)):
        client.post(url, {"do": "undo"})
    standing = consents.current([intent.person_id], now=now + timedelta(minutes=2))[intent.person_id]
    assert standing["email", "newsletter"].status == "withdrawn", "a newsletter was never asked for"


def test_the_page_speaks_spanish(client, intent):
    url = path_of(tracking.Links(intent.pk, intent.version_id).unsubscribe())
    html = client.get(url + "?lang=es").content.decode()
    assert "¿Dejar de recibir estos correos?" in html
    assert '<html lang="es"' in html


def test_touches_become_events_once(client, intent, now):
    links = tracking.Links(intent.pk, intent.version_id)
    with house_clock.travel(now):
        client.get(path_of(links.open()))
        client.get(path_of(links.click(1)))
        client.post(path_of(links.unsubscribe()), {"do": "stop"})
    take_in.take(landings=take_in.claim(limit=10, now=now), now=now)
    assert sum(Landing.objects.values_list("accepted", flat=True)) == 3
    Landing.objects.update(state="waiting")
    take_in.take(landings=take_in.claim(limit=10, now=now), now=now)
    found = Event.objects.filter(source="web").order_by("id")
    assert [(one.kind, one.campaign_id) for one in found] == [
        ("message_opened", 1), ("message_clicked", 1), ("unsubscribed", 1),
    ]  # fmt: skip
    assert {one.trace for one in found} == {intent.trace}
