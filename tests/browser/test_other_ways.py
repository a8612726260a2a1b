"""Other ways in the browser: chosen in order by keyboard alone, said on every page; and the front desk sees what patients wrote."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from rapport.campaigns import actions
from rapport.campaigns.models import Campaign
from rapport.content.models import Piece, Version
from rapport.integrations.sms import hearing
from rapport.integrations.sms.reading import Inbound
from rapport.integrations.web import inbox_reply
from rapport.kit import clock
from rapport.segments import store, sync
from rapport.trust.actors import SYSTEM
from rapport.trust.models import User
from tests import people_cast
from tests.campaigns import clinic
from tests.messaging import paper_stage, sms_stage, stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 360, "height": 780}


@pytest.fixture
def campaign(ana: User) -> Iterator[Campaign]:
    """A draft by e-mail; the same words are there for a text, the inbox and a call."""
    now = clock.now()
    store.forget()
    clinic.patients(12, now)
    made = clinic.campaign(ana, now)
    assert made.version is not None
    Piece.objects.filter(pk=made.version.piece_id).update(family="knee")
    text = sms_stage.wording(now, slug="knee-sms", topic="health_services")
    Piece.objects.filter(pk=text.piece_id).update(family="knee")
    for channel in ("portal", "call"):
        paper_stage.wording(now, channel=channel, slug=f"knee-{channel}", topic="health_services", family="knee")
    stage.wording(now, slug="alone")
    sync.refresh(now=now)
    yield actions.save(by=ana, campaign=made, planned={"message_cost_cents": 0}, now=now)
    store.forget()


def fits(page: Page) -> None:
    before = page.viewport_size
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert before is not None
    page.set_viewport_size(before)


def test_three_ways_are_chosen_by_keyboard_and_the_plan_says_them(
    page: Page, campaign: Campaign, ana: User, signed_in: Callable[..., Page], look: Callable[[Page, str], None]
) -> None:
    signed_in(page, ana, f"/campaigns/{campaign.slug}/?step=what")
    first = page.get_by_label("If it can’t go that way")
    expect(page.get_by_label("If that fails too")).to_be_hidden()
    first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    expect(page.get_by_text("By e-mail; if it can’t go or comes back")).to_be_visible()
    expect(first).to_be_focused()
    first.select_option("sms")
    page.get_by_label("If that fails too").select_option("portal")
    page.get_by_label("And if that fails", exact=False).last.select_option("call")
    whole = (
        "By e-mail; if it can’t go or comes back, by text; if it can’t go or comes back, into the inbox; "
        "if it can’t go or is not opened within 3 days, by a call."
    )
    expect(page.get_by_text(whole)).to_be_visible()
    look(page, "ways what")
    fits(page)
    page.get_by_label("If that fails too").select_option("sms")
    expect(page.get_by_text("This way is taken already")).to_be_visible()
    look(page, "ways twice")
    page.get_by_label("If that fails too").select_option("portal")
    expect(page.get_by_text("Saved at")).to_be_visible()
    page.get_by_label("Wording").first.select_option(str(Version.objects.get(piece__slug="alone").pk))
    expect(page.get_by_text("There are approved words for this one way alone.")).to_be_visible()
    look(page, "ways alone")
    page.get_by_label("Wording").first.select_option(str(campaign.version_id))
    expect(first).to_be_visible()
    first.select_option("call")
    expect(page.get_by_text("By e-mail; if it can’t go or comes back, by a call.")).to_be_visible()
    page.goto(page.url.replace("step=what", "step=check"))
    expect(page.get_by_role("link", name="Would get it")).to_be_visible()
    expect(page.get_by_text("By e-mail; if it can’t go or comes back, by a call.")).to_be_visible()
    look(page, "ways check")
    fits(page)
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("button", name="Yes, launch").click()
    expect(page.get_by_text("By e-mail; if it can’t go or comes back, by a call.")).to_be_visible()
    look(page, "ways live")


def test_the_cost_of_a_text_is_said_where_it_is_typed_and_where_it_is_reckoned(
    page: Page, campaign: Campaign, ana: User, signed_in: Callable[..., Page], look: Callable[[Page, str], None]
) -> None:
    text = Version.objects.get(piece__slug="knee-sms")
    actions.save(by=ana, campaign=campaign, planned={"version": text, "channel": "sms"}, now=clock.now())
    signed_in(page, ana, f"/campaigns/{campaign.slug}/?step=control")
    expect(page.get_by_text("Left at 0: estimated at 0.8 ct a segment (Settings), 1 segment a text.")).to_be_visible()
    look(page, "cost control")
    page.goto(page.url.replace("step=control", "step=check"))
    expect(page.get_by_text("estimated at 0.8 ct a segment (Settings)")).to_be_visible()
    look(page, "cost check")


def test_the_front_desk_sees_what_patients_wrote(
    page: Page, bea: User, view: tuple[str, str], signed_in: Callable[..., Page], look: Callable[[Page, str], None]
) -> None:
    now = clock.now()
    rosa = people_cast.person(given="Rosa", family="Melendez")
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    (about,) = paper_stage.placed([rosa], version, now)
    inbox_reply.hear(
        by=SYSTEM, person_id=rosa.pk, intent_id=about.pk, words="May I come later?", language="en", now=now
    )
    raw = b"MessageSid=S1&From=%2B19784537009&Body=Hello"
    hearing.hear(by=SYSTEM, message=Inbound("S1", "+19784537009", "please cancel"), raw=raw, now=now)
    signed_in(page, bea, "/")
    expect(page.get_by_role("heading", name="Messages to read")).to_be_visible()
    look(page, f"desk {view[1]}")
    fits(page)
    page.get_by_role("link", name="Rosa Melendez").first.click()
    expect(page.get_by_text("May I come later?")).to_be_visible()
