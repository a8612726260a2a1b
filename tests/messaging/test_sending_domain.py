"""The sending domain: asked by a click, believed for a day, known to the checks of words."""

from datetime import timedelta

import dns.resolver
import pytest

from rapport.content import actions, senders
from rapport.content.lint import SenderState
from rapport.kit import clock
from rapport.messaging import sending_domain
from rapport.messaging.models import DomainLook
from rapport.trust.models import AuditEntry
from tests.content.reviewing import desk
from tests.messaging.name_server import NameServer

pytestmark = pytest.mark.django_db
SPF, DMARC, MX = '"v=spf1 a:mail.clinic.example -all"', '"v=DMARC1; p=reject"', "10 mail.clinic.example."


@pytest.fixture
def server(settings, monkeypatch, tmp_path):
    """The world's DNS, on loopback."""
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path))
    settings.MAIL_FROM = "hello@clinic.example"
    running = NameServer()
    running.zone = {("clinic.example", "TXT"): [SPF], ("clinic.example", "MX"): [MX]}
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], running.port
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: resolver)
    yield running
    running.stop()


def test_what_was_answered_is_kept_in_one_row_and_in_the_log(server, dee, now):
    sending_domain.ask(by=dee, now=now - timedelta(hours=1))
    server.zone["_dmarc.clinic.example", "TXT"] = [DMARC]
    look = sending_domain.ask(by=dee, now=now)
    assert DomainLook.objects.get() == look
    assert (look.domain, look.asked_at, look.asked_by) == ("clinic.example", now, dee)
    assert {one.name: one.state for one in sending_domain.records_of(look)} == {
        "SPF": "good", "DKIM": "warn", "DMARC": "good", "MX": "good", "Relay": "warn", "Alignment": "warn",
    }  # fmt: skip
    entry = AuditEntry.objects.filter(verb="messaging.ask_domain").latest("id")
    assert entry.details["DMARC"] == "good"


def test_an_answer_is_believed_for_a_day(server, dee, now):
    assert sending_domain.state(now) is None
    sending_domain.ask(by=dee, now=now)
    known = SenderState("clinic.example", spf=True, dkim=True, dmarc=False)
    assert sending_domain.state(now + timedelta(hours=23)) == known
    assert senders.state(now + timedelta(hours=23)) == known
    assert sending_domain.state(now + timedelta(days=1)) is None


def test_a_silent_name_server_proves_nothing(server, dee, now):
    server.silent = True
    sending_domain.ask(by=dee, now=now)
    # DKIM is not asked here: this installation has no key of its own, the relay signs.
    assert sending_domain.state(now) == SenderState("clinic.example", spf=None, dkim=True, dmarc=None)


def test_the_checks_of_a_letter_name_what_is_missing(server, dee, now):
    said = {"topic": "newsletter", "subject": "News", "preheader": "", "mjml": "", "text": "", "now": now}
    before, _made = actions.look(**said, sender=senders.state(now))
    assert "E-03" not in {one.rule for one in before}
    sending_domain.ask(by=dee, now=now)
    after, _made = actions.look(**said, sender=senders.state(now))
    told = [one for one in after if one.rule == "E-03"]
    assert [(one.severity, one.place) for one in told] == [("warning", "sender")]
    assert "DMARC" in told[0].message


def test_the_editors_and_the_review_page_show_what_is_missing(server, client, dee, ana):
    now = clock.now()
    version = desk.handed_in(ana, now)
    client.force_login(ana)
    pages = (f"/content/piece/{version.piece.slug}/edit/", f"/content/version/{version.pk}/reviewing/")
    assert not [page for page in pages if "no valid DMARC record" in client.get(page).content.decode()]
    sending_domain.ask(by=dee, now=now)
    assert all("no valid DMARC record" in client.get(page).content.decode() for page in pages)


def test_looking_at_the_page_asks_nobody_and_a_click_does(server, client, ana):
    client.force_login(ana)
    server.zone = {}
    html = client.get("/outbox/domain/").content.decode()
    assert "Nobody has looked yet" in html
    assert not DomainLook.objects.exists()
    assert server.questions == 0
    assert client.post("/outbox/domain/ask/").status_code == 302
    assert server.questions > 0
    html = client.get("/outbox/domain/").content.decode()
    assert "v=DMARC1; p=quarantine" in html
    assert "Copy the DMARC line" in html
    assert 'href="/outbox/domain/"' in client.get("/outbox/").content.decode()


def test_a_silent_name_server_is_told_on_the_page(server, client, ana):
    client.force_login(ana)
    server.silent = True
    answer = client.post("/outbox/domain/ask/", follow=True)
    assert "No answer about SPF" in answer.content.decode()


def test_the_front_desk_does_not_see_it(client, bea):
    client.force_login(bea)
    assert client.get("/outbox/domain/").status_code == 403
    assert client.post("/outbox/domain/ask/").status_code == 403
