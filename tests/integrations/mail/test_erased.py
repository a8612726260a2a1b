"""Whoever is erased leaves what came back by e-mail too: reports, bounces and her own words."""

import pytest

from rapport.governance import erasing, erasure_journal
from rapport.integrations import landing
from rapport.integrations.mail import answers
from rapport.integrations.models import Landing, Reply
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.integrations.mail.test_meaning import ADDRESS, pat, reply, take, told  # noqa: F401 - pat is a fixture
from tests.messaging import stage

pytestmark = pytest.mark.django_db
OTHER = "quinn.b@mail.example"
WORDS = "The stairs to Lowell are too steep for me."


@pytest.fixture(autouse=True)
def journal(tmp_path, monkeypatch):
    monkeypatch.setattr(erasure_journal, "place", lambda: tmp_path / "erasures.log")


def whole(**about) -> bytes:
    """All that is left of what came in, opened."""
    rows = [one for one in Landing.objects.filter(form__in=("mail_event", "mail_message"), **about) if bytes(one.raw)]
    return b"\n".join(landing.raw_of(rows).values())


def test_reports_and_her_words_go_and_those_about_others_stay(post, pat, cole, now):  # noqa: F811
    other = people_cast.person(given="Quinn", emails=(OTHER,))
    stage.says_yes(other, now)
    one, two = stage.due([pat, other], stage.wording(now), now)
    assert post("postmark", told(one)).status_code == 200
    assert post("postmark", told(two, number=2, Email=OTHER, Recipient=OTHER)).status_code == 200
    assert answers.hear_mail(by=SYSTEM, raw=reply(WORDS), now=now)
    take(now)
    before = whole()
    assert all(text.encode() in before for text in (ADDRESS, OTHER, WORDS))
    assert Reply.objects.exists()

    erasing.erase(by=cole, person_id=pat.pk, now=now)
    after = whole()
    assert ADDRESS.encode() not in after
    assert WORDS.encode() not in after
    assert OTHER.encode() in after, "what is about somebody else stays"
    assert not Reply.objects.exists()


def test_a_report_about_two_is_left_without_her_or_destroyed_as_a_whole(post, pat, cole, now):  # noqa: F811
    """SendGrid tells of many at once; the others' events stand in the record already."""
    other = people_cast.person(given="Quinn", emails=(OTHER,))
    stage.says_yes(other, now)
    stage.due([pat, other], stage.wording(now), now)
    many = [
        {
            "event": "bounce",
            "email": ADDRESS,
            "timestamp": 1772636400,
            "sg_event_id": "a",
            "reason": "550 5.1.1 unknown",
        },
        {"event": "bounce", "email": OTHER, "timestamp": 1772636400, "sg_event_id": "b", "reason": "550 5.1.1 unknown"},
    ]
    assert post("sendgrid", many).status_code == 200
    take(now)
    assert ADDRESS.encode() in whole()
    erasing.erase(by=cole, person_id=pat.pk, now=now)
    assert ADDRESS.encode() not in whole()
