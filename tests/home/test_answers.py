"""What patients wrote stands on the day of the front desk until somebody has looked at it, whichever way it came."""

import pytest

from rapport.integrations.models import Reply
from rapport.integrations.sms import hearing, replies
from rapport.integrations.sms.reading import Inbound
from rapport.integrations.web import inbox_reply
from rapport.kit import clock as house_clock
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.messaging import paper_stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(client, bea, now):
    """Bea's day."""
    client.force_login(bea)

    def seen():
        with house_clock.travel(now):
            return client.get("/").content.decode()

    return seen


def test_what_a_patient_wrote_in_the_inbox_waits_beside_texts_and_is_gone_when_settled(today, bea, now):
    assert "Nothing waits: every message from patients was looked at." in today()
    rosa = people_cast.person(given="Rosa", family="Melendez", phones=(("978-453-7009", "mobile"),))
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    (about,) = paper_stage.placed([rosa], version, now)
    inbox_reply.hear(
        by=SYSTEM,
        person_id=rosa.pk,
        intent_id=about.pk,
        words="Can I come with my knee on Monday?",
        language="en",
        now=now,
    )
    raw = b"MessageSid=S1&From=%2B19784537009&Body=Hello"
    hearing.hear(by=SYSTEM, message=Inbound("S1", "+19784537009", "Is the clinic open?"), raw=raw, now=now)
    html = today()
    assert html.count("Rosa Melendez") == 2
    assert "in the inbox ·" in html
    assert "by text message ·" in html
    assert "knee" not in html, "what it says is opened one by one"
    for one in Reply.objects.all():
        assert f"/outbox/replies/{one.pk}/" in html
        replies.settle(by=bea, reply_id=one.pk, now=now)
    assert "Rosa Melendez" not in today()


def test_who_may_not_read_messages_is_shown_none(client, hire, now):
    client.force_login(hire("Ito Haruka", "clinician"))
    with house_clock.travel(now):
        html = client.get("/?face=desk").content.decode()
    assert "Messages to read" not in html
