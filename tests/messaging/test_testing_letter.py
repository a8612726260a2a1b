"""A test of a wording goes to who asks, and to nobody else."""

import pytest

from rapport.content import actions
from rapport.messaging import testing_letter
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.trust.models import AuditEntry
from tests.content.reviewing.desk import SAID
from tests.messaging import stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(ana, now):
    piece = actions.start(by=ana, name="Evening", topic="newsletter", language="en", now=now)
    return actions.draft(by=ana, piece=piece, now=now, **SAID)


def test_a_draft_may_be_sent_to_oneself_marked_as_a_test(client, ana, draft, settings):
    client.force_login(ana)
    with stage.mailbox(settings):
        answer = client.post(f"/outbox/test/{draft.pk}/", {"address": "zoe@riverbend.example"}, follow=True)
    assert "A test is on its way to ana@riverbend.example." in answer.content.decode()
    (item,) = MailboxItem.objects.all()
    assert item.message_id.startswith("<test-")
    assert AuditEntry.objects.get(verb="content.test").details == {"version": draft.pk, "state": "draft"}
    assert not Intent.objects.exists()
    assert not Receipt.objects.exists()


def test_its_words_are_those_of_the_example_person_and_its_links_lead_nowhere(ana, draft, now, monkeypatch):
    sent = []
    monkeypatch.setattr(
        testing_letter.deliver,
        "deliver",
        lambda channel, many, go, timeout: sent.extend((channel, one) for one in many) or [],
    )
    with pytest.raises(testing_letter.CanNotTest, match="said nothing"):
        testing_letter.send(by=ana, version=draft, now=now)
    ((channel, letter),) = sent
    assert (channel, letter.address, letter.rendered.subject) == ("email", ana.email, "[Test] An evening with our team")
    assert "Hello Pat" in letter.rendered.html
    assert "/c/" not in letter.rendered.html
    assert letter.rendered.text.startswith("This is a test.")


def test_a_letter_that_can_not_be_made_is_not_sent(ana, draft, now):
    draft.mjml = "<mjml><mj-nothing></mj-nothing></mjml>"
    with pytest.raises(testing_letter.CanNotTest, match="can't be made"):
        testing_letter.send(by=ana, version=draft, now=now)
