"""The desk and one version on it, as those who look see it."""

import pytest

from rapport.content import actions
from rapport.content.models import Approval, ReviewComment, Version
from rapport.kit import clock
from rapport.trust.models import Role
from tests.content.reviewing import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(hire):
    return hire("Mia Ortiz", Role.MARKETER)


@pytest.fixture
def version(ana, now):
    return desk.handed_in(ana, now, topic="care")


def text(client, path):
    return client.get(path).content.decode()


def test_the_desk_says_to_each_what_waits_for_her(client, ana, mia, version):
    client.force_login(mia)
    assert "Look at the next" in text(client, "/content/reviews/")
    client.force_login(ana)
    html = text(client, "/content/reviews/")
    assert "others; these are your words" in html
    assert "Look at the next" not in html


@pytest.mark.parametrize(
    ("who", "sees"), [("mia", True), ("dr_ito", True), ("cole", True), ("ana", False), ("bea", False)]
)
def test_today_says_what_waits_for_a_review(client, version, request, who, sees):
    request.getfixturevalue("mia")
    client.force_login(request.getfixturevalue(who))
    assert ("Waits for your review" in text(client, "/")) is sees


def test_a_version_is_approved_on_its_page(client, mia, dr_ito, version, now):
    page = f"/content/version/{version.pk}/"
    for who, kind, more in (
        (dr_ito, "clinical", {"credential": "MD, MA 204417"}),
        (mia, "marketing", {"expires_on": "2026-09-30"}),
    ):
        client.force_login(who)
        assert f'value="{kind}"' in text(client, page + "reviewing/")
        with clock.travel(now):
            client.post(page + "approve/", {"kind": kind, "words": version.digest, **more})
    version.refresh_from_db()
    assert (version.state, version.expires_at.isoformat()) == ("published", "2026-10-01T03:59:59+00:00")
    assert "MD, MA 204417" in text(client, page + "reviewing/")


def test_the_author_finds_no_button_to_approve_and_a_forged_post_is_refused(client, ana, version):
    client.force_login(ana)
    page = f"/content/version/{version.pk}/"
    assert "Approve these words" not in text(client, page + "reviewing/")
    answer = client.post(page + "approve/", {"kind": "marketing", "words": version.digest}, follow=True)
    assert "your own words" in answer.content.decode()
    assert not Approval.objects.exists()


def test_who_has_no_look_is_not_let_near(client, bea, zoe, version):
    for who in (bea, zoe):
        client.force_login(who)
        assert client.get(f"/content/version/{version.pk}/reviewing/").status_code == 403
        assert client.post(f"/content/version/{version.pk}/approve/", {"kind": "marketing"}).status_code == 403


def test_what_changed_is_shown_word_by_word(client, ana, mia, dr_ito, version, now):
    desk.approve(version, now, clinical=dr_ito, marketing=mia)
    more = {"subject": "An hour with our team", "mjml": desk.MJML.replace("come and ask us", "come and walk with us")}
    second = desk.reviewing.hand_in(by=ana, piece=version.piece, now=now, **{**desk.SAID, **more})
    client.force_login(mia)
    html = text(client, f"/content/version/{second.pk}/reviewing/")
    assert "since version 1" in html
    shown = html[html.index("What changed") :]
    assert "hour</ins>" in shown, shown[:1500]
    assert "taken out: </span>ask</del>" in html


def test_talk_and_sending_back(client, ana, mia, version):
    client.force_login(mia)
    page = f"/content/version/{version.pk}/"
    assert client.post(page + "comment/", {"words": " "}).status_code == 422
    client.post(page + "comment/", {"words": "<b>Which</b> day?"})
    assert "&lt;b&gt;Which&lt;/b&gt; day?" in text(client, page + "reviewing/")
    client.post(f"/content/comment/{ReviewComment.objects.get().pk}/settle/")
    assert "settled by Mia Ortiz" in text(client, page + "reviewing/")
    client.post(page + "send-back/", {"words": "Say the day."})
    version.refresh_from_db()
    assert version.state == "draft"
    client.force_login(ana)
    assert "Say the day." in text(client, page + "reviewing/")


def test_a_text_message_takes_the_same_way(client, ana, mia, cole, now):
    piece = actions.start(by=ana, name="Visit text", topic="newsletter", language="en", now=now, channel="sms")
    client.force_login(ana)
    said = {"text": "{{ clinic.name }}: come by on Saturday.", "do": "publish"}
    client.post(f"/content/piece/{piece.slug}/edit/", said)
    version = Version.objects.get(piece=piece)
    assert version.state == "review"
    client.force_login(mia)
    assert "come by on Saturday" in text(client, f"/content/version/{version.pk}/reviewing/")
    assert desk.approve(version, now, marketing=mia, compliance=cole).state == "published"
    client.force_login(ana)
    client.post(f"/content/piece/{piece.slug}/edit/", {**said, "text": said["text"] + " Bring a friend."})
    client.post(f"/content/piece/{piece.slug}/edit/", {**said, "text": said["text"] + " Bring friends."})
    assert list(piece.versions.order_by("number").values_list("state", flat=True)) == ["published", "review"]
