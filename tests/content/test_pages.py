"""The library, a piece and the editor."""

import pytest

from rapport.content import starters
from rapport.content.models import Version
from rapport.trust.actors import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def pieces(now):
    return starters.load(by=SYSTEM, now=now)


def test_the_library_lists_every_piece(client, ana, pieces):
    client.force_login(ana)
    html = client.get("/content/").content.decode()
    assert "Knee seminar invitation" in html
    assert "Spanish" in html


@pytest.mark.parametrize("face", ["desktop", "phone", "text", "source"])
def test_a_piece_shows_every_face(client, ana, pieces, face):
    client.force_login(ana)
    assert client.get(f"/content/piece/knee-seminar/?as={face}").status_code == 200


def test_the_preview_is_shown_in_a_frame_without_script(client, ana, pieces):
    client.force_login(ana)
    framed = client.get(f"/content/version/{pieces['newsletter'].pk}/frame/")
    assert "Hello Pat" in framed.content.decode()
    assert "default-src 'none'" in framed.headers["Content-Security-Policy"]


def test_a_marketer_writes_a_piece_and_hands_it_in(client, ana, pieces):
    client.force_login(ana)
    client.post(
        "/content/new/", {"name": "Spring walk", "topic": "newsletter", "language": "en", "copy_of": "newsletter"}
    )
    draft = Version.objects.get(piece__slug="spring-walk")
    said = {"subject": "Walk with us", "preheader": "", "mjml": draft.mjml, "text": ""}
    assert client.post("/content/piece/spring-walk/edit/", {**said, "do": "keep"}).status_code == 302
    assert client.get(f"/content/version/{draft.pk}/frame/").status_code == 200
    answer = client.post("/content/piece/spring-walk/edit/", {**said, "do": "hand_in"})
    assert answer.headers["Location"] == f"/content/version/{draft.pk}/reviewing/"
    draft.refresh_from_db()
    assert (draft.state, draft.handed_in_by_id, draft.published_by_id) == ("review", ana.pk, None)


def test_handing_in_a_condition_in_the_subject_is_refused_and_what_was_typed_is_kept(client, ana, pieces):
    client.force_login(ana)
    mjml = pieces["screening-reminder"].mjml
    answer = client.post(
        "/content/piece/screening-reminder/edit/",
        {"subject": "Your mammogram is due", "preheader": "", "mjml": mjml, "text": "", "do": "hand_in"},
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "tells others about somebody" in html
    assert "Your mammogram is due" in html


def test_who_only_reads_can_not_write(client, cole, pieces):
    client.force_login(cole)
    assert client.get("/content/").status_code == 200
    assert client.get("/content/piece/newsletter/edit/").status_code == 403
