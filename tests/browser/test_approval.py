"""Words on their way to approval: Ana hands in, Dr Ito and Cole look, a change undoes, nobody approves her own. And the sending domain."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.content import actions, starters
from rapport.content.models import Approval, Version
from rapport.content.reviewing import actions as reviewing
from rapport.kit import clock
from rapport.messaging import sender_days, sending_domain
from rapport.messaging.domain_check import DnsRecord, DomainCheck
from rapport.trust.actors import SYSTEM
from rapport.trust.models import User
from tests.browser.conftest import SIZES
from tests.content.reviewing import desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def library(transactional_db: None) -> dict[str, Version]:
    return starters.load(by=SYSTEM, now=clock.now())


@pytest.fixture
def delicate(ana: User) -> Version:
    """Words that need all three looks."""
    now = clock.now()
    return desk.handed_in(ana, now, topic="health_services", tags=["condition:knee pain"])


def test_words_go_from_hand_to_hand_until_everybody_has_looked(
    page: Page,
    signed_in: Callable[..., Page],
    look: Callable[..., Any],
    ana: User,
    dr_ito: User,
    cole: User,
    delicate: Version,
) -> None:
    here = f"/content/version/{delicate.pk}/reviewing/"
    signed_in(page, ana, here)
    expect(page.get_by_text("These are your own words.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve these words")).to_have_count(0)
    page.get_by_label("Comment").fill("I changed the first sentence after our talk.")
    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_text("I changed the first sentence")).to_be_visible()

    signed_in(page, dr_ito, "/content/reviews/")
    look(page, "desk")
    page.get_by_role("link", name="Look at the next").click()
    expect(page.get_by_role("heading", name="Your look: Clinical")).to_be_visible()
    look(page, "reviewing")
    page.get_by_role("button", name="Approve these words").focus()
    page.get_by_label("qualification", exact=False).first.fill("MD, MA 204417")
    page.get_by_role("button", name="Approve these words").press("Enter")
    expect(page.get_by_text("Your approval is noted.")).to_be_visible()
    expect(page.get_by_text("MD, MA 204417")).to_be_visible()

    signed_in(page, cole, here)
    page.get_by_role("button", name="Settled").click()
    expect(page.get_by_text("settled by Cole")).to_be_visible()
    while page.get_by_role("button", name="Approve these words").count():
        page.get_by_role("button", name="Approve these words").first.click()
        page.wait_for_load_state()
    expect(page.get_by_text("Approved. It can be sent now.")).to_be_visible()
    delicate.refresh_from_db()
    assert delicate.state == Version.State.PUBLISHED
    assert {one.kind for one in Approval.objects.filter(version=delicate, undone_at=None)} == {
        "marketing",
        "clinical",
        "compliance",
    }


def test_a_change_starts_every_look_again_and_shows_what_is_different(
    page: Page,
    signed_in: Callable[..., Page],
    look: Callable[..., Any],
    ana: User,
    dr_ito: User,
    cole: User,
    delicate: Version,
) -> None:
    now = clock.now()
    desk.approve(delicate, now, clinical=dr_ito, compliance=cole, marketing=cole)
    piece = delicate.piece
    second = reviewing.hand_in(
        by=ana, piece=piece, now=now, **{**desk.SAID, "subject": "An evening with our team, at six"}
    )
    desk.approve(second, now, compliance=cole)

    signed_in(page, ana, f"/content/piece/{piece.slug}/edit/")
    page.get_by_label("Subject").fill("An evening with our nurses, at six")
    page.get_by_role("button", name="Hand in for review").click()
    expect(page.get_by_text("waits for its reviews")).to_be_visible()
    expect(page.get_by_text("1 earlier approval was undone")).to_be_visible()
    expect(page.locator(".difference ins", has_text="nurses")).to_be_visible()
    expect(page.locator(".difference del", has_text="team")).to_be_visible()
    look(page, "difference")
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(page, "difference phone")


@pytest.mark.parametrize(
    "path", ["/content/", "/content/reviews/", "/content/piece/evening/", "/content/piece/evening/edit/", "REVIEW"]
)
def test_the_pages_of_words_are_for_everybodys_eyes(
    page: Page,
    signed_in: Callable[..., Page],
    look: Callable[..., Any],
    ana: User,
    delicate: Version,
    library: Any,
    path: str,
) -> None:
    address = path.replace("REVIEW", f"/content/version/{delicate.pk}/reviewing/")
    signed_in(page, ana, address)
    name = path.strip("/").replace("/", " ") or "library"
    look(page, f"{name} desktop")
    for width in (390, 360):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    look(page, f"{name} phone")


def test_the_library_leads_to_what_letters_are_made_of(
    page: Page, signed_in: Callable[..., Page], ana: User, library: Any
) -> None:
    signed_in(page, ana, "/content/")
    for name in ("Starters", "Snippets", "Pictures", "Brand"):
        page.get_by_role("navigation", name="What letters are made of").get_by_role("link", name=name).press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.go_back()


def test_the_sending_domain_says_what_to_publish(
    page: Page, signed_in: Callable[..., Page], look: Callable[..., Any], ana: User
) -> None:
    signed_in(page, ana, "/outbox/")
    page.get_by_role("link", name="Sending domain").click()
    expect(page.get_by_text("Nobody has looked yet")).to_be_visible()
    look(page, "domain empty")
    now = clock.now()
    found = DomainCheck(
        domain=sender_days.our_domain(), at=now,
        records=(
            DnsRecord("SPF", "good", "v=spf1 ip4:192.0.2.1 -all"),
            DnsRecord("DKIM", "bad", "No key is published under the selector “rapport”.",
                      'rapport._domainkey.clinic.example. TXT "v=DKIM1; k=rsa; p=' + "MIIBIjANBgkqhkiG9w0BAQ" * 16 + '"'),
            DnsRecord("DMARC", "warn", "The policy is “none”: forged mail is only counted.",
                      '_dmarc.clinic.example. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@clinic.example"'),
            DnsRecord("MX", "unknown", "The DNS did not answer (LifetimeTimeout). Try again."),
        ),
    )  # fmt: skip
    sending_domain._remember(by=ana, found=found, now=now)
    page.reload()
    expect(page.get_by_text("Large mailbox providers may refuse your mail")).to_be_visible()
    look(page, "domain")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the DMARC line").press("Enter")
    assert page.evaluate("navigator.clipboard.readText()").startswith("_dmarc.clinic.example. TXT")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    look(page, "domain phone")


def test_a_letter_that_asks_for_too_much_comes_back_with_what_was_typed(
    page: Page, signed_in: Callable[..., Page], ana: User
) -> None:
    piece = actions.start(by=ana, name="Loops", topic="newsletter", language="en", now=clock.now())
    actions.draft(by=ana, piece=piece, now=clock.now(), **desk.SAID)
    signed_in(page, ana, f"/content/piece/{piece.slug}/edit/")
    bomb = "{% for i in (1..2000) %}{% for j in (1..2000) %}b{% endfor %}{% endfor %}"
    page.get_by_label("Letter (MJML)").fill(desk.MJML.replace("Hello", bomb))
    page.get_by_role("button", name="Hand in for review").click()
    expect(page.get_by_text("The template can't be used").first).to_be_visible()
    expect(page.get_by_label("Letter (MJML)")).to_have_value(desk.MJML.replace("Hello", bomb))
