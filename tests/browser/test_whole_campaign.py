"""A marketer's whole campaign in the browser: who, what and its variants, when, control, check, launch, pause, resume, results."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.campaigns.models import Assignment, Campaign
from rapport.kit import clock
from rapport.messaging.models import Intent
from rapport.segments import store, sync
from rapport.trust.models import User
from tests.campaigns import clinic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 360, "height": 780}


@pytest.fixture
def stage() -> Iterator[None]:
    """Forty people who agreed, a segment of all, and two wordings."""
    now = clock.now()
    store.forget()
    clinic.patients(40, now)
    clinic.segment(now)
    for _ in range(2):
        clinic.wording(now)
    clinic.line()
    sync.refresh(now=now)
    yield
    store.forget()


def fits(page: Page, name: str) -> None:
    before = page.viewport_size
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    assert before is not None
    page.set_viewport_size(before)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Save and go on").click()


def test_a_marketers_whole_campaign(
    page: Page, stage: None, ana: User, signed_in: Callable[..., Page], look: Callable[[Page, str], None]
) -> None:
    def seen(name: str) -> None:
        look(page, f"campaign {name}")
        fits(page, name)

    signed_in(page, ana, "/campaigns/objectives/")
    page.get_by_label("Name").fill("More knees seen")
    page.get_by_label("How many").fill("20")
    page.get_by_label("From").fill("2026-01-01")
    page.get_by_label("Until").fill("2027-12-31")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("heading", name="More knees seen")).to_be_visible()
    seen("objectives")

    page.goto(page.url.replace("/objectives/", "/new/"))
    page.get_by_label("Name").fill("Knee seminar")
    page.get_by_label("Name").press("Enter")
    page.get_by_label("Segment", exact=True).select_option(index=1)
    seen("1 who")
    go_on(page)

    page.get_by_label("What is it for?").select_option("P2")
    page.get_by_label("No, we pay for it").check()
    page.get_by_label("Service line").select_option(label="Orthopedics")
    page.get_by_label("Wording").first.select_option(index=1)
    page.get_by_role("button", name="Compare two variants").click()
    expect(page.get_by_role("group", name="Variant B")).to_be_visible()
    page.get_by_role("group", name="Variant B").get_by_label("Wording").select_option(index=2)
    page.get_by_role("group", name="Variant B").get_by_label("Sender’s name").fill("Dr Ito")
    page.get_by_role("group", name="Variant B").get_by_label("Sender’s name").press("Tab")
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    expect(page.get_by_role("group", name="Variant B").get_by_label("Sender’s name")).to_have_value("Dr Ito")
    expect(page.get_by_text("Saved at")).to_be_visible()
    seen("2 what")
    go_on(page)

    expect(page.locator("#id_repeat")).to_be_hidden()
    page.get_by_label("Again and again").check()
    expect(page.locator("#id_repeat")).to_be_visible()
    page.get_by_label("Once", exact=True).check()
    expect(page.get_by_text("How is the hour reckoned?")).to_be_hidden()
    page.get_by_label("At the hour at which each person answers").check()
    expect(page.get_by_text("Of 0 of 40 people")).to_be_visible()
    seen("3 best hour")
    page.get_by_label("Spread evenly over some hours").check()
    page.get_by_label("Over how many hours?").fill("48")
    page.get_by_label("Count visits for how many days?").fill("60")
    seen("3 when")
    go_on(page)

    page.get_by_label("Control group, percent").fill("10")
    page.get_by_label("Try the variants on how many percent first?").fill("50")
    page.get_by_label("Fixed cost, dollars").fill("100")
    page.get_by_label("Cost of one message, dollars").fill("0.02")
    page.get_by_label("Never spend more than, dollars").fill("500")
    page.get_by_label("Objective").select_option(label="More knees seen")
    seen("4 control")
    go_on(page)

    expect(page.get_by_role("link", name="Would get it")).to_be_visible()
    expect(page.get_by_text("Counting the other ways")).to_have_count(0)
    seen("5 check")
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page.get_by_role("heading", name="Launch this campaign?")).to_be_visible()
    page.get_by_role("button", name="Yes, launch").click()

    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_text("Variants, run of")).to_be_visible()
    campaign = Campaign.objects.get(slug="knee-seminar")
    arms = Assignment.objects.filter(campaign=campaign)
    assert arms.filter(arm="holdout").count() == 4
    assert sorted(arms.filter(arm="contact").values_list("variant__label", flat=True), key=str).count("A") == 9
    assert arms.filter(arm="contact", variant=None).count() == 18
    assert Intent.objects.filter(cause_id=campaign.pk, state="queued").count() == 18
    seen("6 live")

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert Intent.objects.filter(cause_id=campaign.pk, state="held").count() == 18
    page.get_by_role("link", name="What was not sent, and why").click()
    expect(page.get_by_text("the campaign is paused")).to_be_visible()
    seen("7 not sent")
    page.go_back()
    page.get_by_role("button", name="Resume").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert Intent.objects.filter(cause_id=campaign.pk, state="queued").count() == 18

    live = page.url
    page.get_by_role("link", name="Campaigns", exact=True).first.click()
    page.get_by_role("link", name="Calendar").click()
    page.get_by_role("combobox", name="Objective").select_option(label="More knees seen")
    expect(page.get_by_role("link", name="Knee seminar").first).to_contain_text("More knees seen")
    expect(page.get_by_text("0 of 20")).to_be_visible()
    seen("7 calendar")
    page.goto(live)
    page.get_by_role("button", name="Give the rest B now").click()
    expect(page.get_by_text("A person decided.")).to_be_visible()
    campaign.refresh_from_db()
    seen("8 decided")
    page.get_by_role("link", name="Results", exact=True).last.click()
    expect(page.get_by_role("heading", level=1, name="Knee seminar")).to_be_visible()
    seen("9 results")


def test_open_visits_are_typed_week_by_week(
    page: Page, stage: None, ana: User, signed_in: Callable[..., Page], look: Callable[[Page, str], Any]
) -> None:
    signed_in(page, ana, "/campaigns/open-visits/?line=orthopedics")
    field = page.get_by_role("textbox", name="Visits that can be seen").nth(1)
    field.fill("25")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("textbox", name="Visits that can be seen").nth(1)).to_have_value("25")
    look(page, "campaign open visits")
    fits(page, "open visits")
