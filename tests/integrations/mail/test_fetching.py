"""Mail is heard once from a Maildir or an mbox file and put away; a person reads and settles what was written."""

import mailbox

import pytest

from rapport.consent.models import Suppression
from rapport.integrations.mail import fetching
from rapport.integrations.models import Reply
from rapport.integrations.sms import replies
from rapport.people import contact
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.integrations.mail.test_meaning import ADDRESS, reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat():
    return people_cast.pat()


def test_a_maildir_is_heard_once(settings, tmp_path, clock, pat):
    settings.MAIL_IN = str(tmp_path / "box")
    box = mailbox.Maildir(settings.MAIL_IN)
    for words in ("May I bring my sister?", "Is there parking?"):
        box.add(reply(words))
    done = fetching.fetch(by=SYSTEM, clock=clock.now)
    assert (done.found, done.new) == (2, 2)
    assert fetching.fetch(by=SYSTEM, clock=clock.now).found == 0
    assert Reply.objects.filter(channel="email", person=pat).count() == 2
    assert len(list((tmp_path / "box" / "cur").iterdir())) == 2


def test_an_mbox_file_is_heard_once_and_left_empty(settings, tmp_path, clock, pat):
    settings.MAIL_IN = str(tmp_path / "mbox")
    box = mailbox.mbox(settings.MAIL_IN)
    box.add(reply("May I bring my sister?"))
    box.add(reply("Is there parking?"))
    box.close()
    assert fetching.fetch(by=SYSTEM, clock=clock.now, limit=1).new == 1
    assert fetching.fetch(by=SYSTEM, clock=clock.now).new == 1
    assert (tmp_path / "mbox").read_bytes() == b""


def test_no_folder_is_no_mail(settings, tmp_path, clock):
    settings.MAIL_IN = str(tmp_path / "nothing")
    assert fetching.fetch(by=SYSTEM, clock=clock.now).found == 0


@pytest.fixture
def written(settings, tmp_path, clock, pat):
    settings.MAIL_IN = str(tmp_path / "box")
    mailbox.Maildir(settings.MAIL_IN).add(reply("This is not for me, thank you all the same."))
    fetching.fetch(by=SYSTEM, clock=clock.now)
    return Reply.objects.get()


def test_what_was_written_is_opened_without_what_it_answers_to(written, bea, now):
    assert replies.opened(by=bea, reply=written, now=now) == "This is not for me, thank you all the same."


def test_read_by_a_person_as_a_wish_to_stop_it_is_done_for_mail(written, bea, now):
    replies.settle(by=bea, reply_id=written.pk, as_stop=True, now=now)
    digest = contact.email(ADDRESS).digest()
    found = Suppression.objects.filter(kind="email", digest=digest).values_list("topic", flat=True)
    assert set(found) == {"health_services", "newsletter", "survey", "fundraising"}
