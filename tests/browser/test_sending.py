"""Front-desk sends and the page Sending, in a real browser: by keyboard alone, on a phone, in both themes."""

import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from rapport.home import desk
from rapport.kit import clock
from rapport.messaging import breakers, pacing, pressure, receipts, send, warming
from rapport.messaging.models import Intent, SenderDay
from rapport.trust.models import User
from tests import people_cast
from tests.home import desk_stage
from tests.messaging import stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def today(ana: User, pat: Any) -> Any:
    """Pat comes today, and so does Patrice. Care by e-mail has no hours, so the time of day of the run does not matter."""
    now = clock.now()
    noon, _ = desk.bounds(now, ZoneInfo("America/New_York"))
    desk_stage.offered(ana, now)
    desk_stage.offered(ana, now, name="What to bring", slug="bring")
    place = desk_stage.lowell()
    other = people_cast.person(given="Patrice", family="Rivera", birth_date=date(1958, 1, 2))
    for person, minutes in ((pat, 40), (other, 70)):
        desk_stage.comes(person, place, noon + timedelta(hours=12, minutes=minutes), now)
    return pat


def test_bea_sends_in_three_steps_by_keyboard_and_takes_it_back(
    page: Page,
    signed_in: Callable[..., Page],
    bea: User,
    today: Any,
    view: tuple[str, str],
    axe: Callable[[Page], list[str]],
) -> None:
    signed_in(page, bea, "/?face=desk")
    fits(page)
    page.get_by_role("link", name="Send Pat Rivera a message").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Which message for Pat Rivera?")).to_be_focused()
    seen(page, view, axe, "send-1-choose")
    dialog.get_by_role("link", name="How to find us").press("Enter")
    expect(dialog.get_by_text("Also comes today: Patrice Rivera, born 1958")).to_be_visible()
    expect(dialog.get_by_role("checkbox")).to_be_focused()
    expect(dialog.frame_locator("iframe").get_by_text("Hello Pat, we are at")).to_be_visible()
    seen(page, view, axe, "send-2-look")
    page.keyboard.press("y")
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    expect(dialog.get_by_role("button", name="Send it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Goes in", exact=False).first).to_be_visible()
    assert Intent.objects.get().state == "queued"
    fits(page)
    seen(page, view, axe, "send-3-undo")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Taken back, nothing was sent")).to_be_visible()
    assert Intent.objects.get().state == "stopped"


def test_the_line_counts_down_by_itself_and_says_sent_and_delivered(
    page: Page, signed_in: Callable[..., Page], bea: User, today: Any, settings: Any, view: tuple[str, str],
    axe: Callable[[Page], list[str]],
) -> None:  # fmt: skip
    signed_in(page, bea, f"/people/{today.pk}/")
    page.get_by_role("link", name="Send", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="How to find us").click()
    expect(dialog.locator("iframe")).to_be_visible()
    seen(page, view, axe, "send-letter")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Send it").click()
    words = page.locator("[data-countdown]")
    first = seconds(words.inner_text())
    assert 24 <= first <= 30
    page.wait_for_timeout(2500)
    assert seconds(words.inner_text()) <= first - 2
    intent = Intent.objects.get()
    Intent.objects.update(due_at=clock.now() - timedelta(seconds=1))
    with stage.mailbox(settings):
        assert send.send_due(owner="t", now=clock.now(), limit=5).sent == 1
    expect(page.locator(".badge").get_by_text(re.compile("Sent .*, delivered"))).to_be_visible()
    expect(page.locator("#sends-said")).to_contain_text("delivered")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    fits(page)
    seen(page, view, axe, "send-4-delivered")
    intent.refresh_from_db()
    assert intent.channel == "email"


def test_without_script_the_same_steps_are_pages(
    page: Page,
    signed_in: Callable[..., Page],
    bea: User,
    today: Any,
    view: tuple[str, str],
    axe: Callable[[Page], list[str]],
) -> None:
    for path, name in (("", "send-page-choose"), ("?what=how-to-find-us", "send-page-look")):
        signed_in(page, bea, f"/people/{today.pk}/send/{path}")
        fits(page)
        seen(page, view, axe, name)


@pytest.fixture
def busy(ana: User) -> None:
    """A carrier that is away, a pause, rates, a plan, days of mail, dead letters."""
    now = clock.now()
    breakers.failed("sms", reason="HTTP 503 from the carrier", wait=90)
    pressure.pause(by=ana, channel="email", reason="The letterhead of the seminar is wrong.", now=now)
    pacing.limit(by=ana, name="email", per_second=40, now=now)
    pacing.limit(by=ana, name="email:gmail.com", per_second=0.5, now=now)
    warming.start(by=ana, first=50, growth=1.6, full=5_000, started_on=now.date() - timedelta(days=3), now=now)
    for number in range(1, 12):
        SenderDay.objects.create(
            sender=pressure.our_domain(), day=now.date() - timedelta(days=number), handed_over=1900 + 40 * number,
            delivered=1800 + 40 * number, bounced=20 + number, complaints=(7 if number == 4 else number % 4), source="t",
            noted_at=now,
        )  # fmt: skip
    stage.due(stage.people(3, now), stage.wording(now), now)
    Intent.objects.update(state="dead", attempt=5, settled_at=now)
    words = "Tried 5 times; it waits for somebody to look. 450 4.2.0 The mailbox is busy."
    with transaction.atomic():
        receipts.write([receipts.plain(one, "dead", words, now) for one in Intent.objects.all()])
    stage.due(stage.people(2, now), Intent.objects.all()[0].version, now, cause_id=2)


def test_the_page_sending_in_both_themes_and_on_a_phone(
    page: Page,
    signed_in: Callable[..., Page],
    ana: User,
    busy: None,
    view: tuple[str, str],
    axe: Callable[[Page], list[str]],
) -> None:
    for path, name in (
        ("/outbox/sending/", "sending"), ("/outbox/sending/dead/", "dead"), ("/outbox/?state=dead", "outbox-dead"), ("/", "today"),
    ):  # fmt: skip
        signed_in(page, ana, path)
        fits(page)
        seen(page, view, axe, name)
    page.goto(page.url.rstrip("/") + "/outbox/sending/")
    for words in ("Set a rate", "Change the plan"):
        page.get_by_text(words).press("Enter")
    page.get_by_role("button", name="Let it go on").first.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    seen(page, view, axe, "sending-dialog")
    dialog.get_by_label("Why?").fill("Mended.")
    dialog.get_by_label("Why?").press("Enter")
    expect(page.get_by_text("News and offers go out again.")).to_be_visible()
    assert not pressure.paused()


def test_a_quiet_installation_has_a_calm_page(
    page: Page, signed_in: Callable[..., Page], ana: User, view: tuple[str, str], axe: Callable[[Page], list[str]]
) -> None:
    for path, name in (("/outbox/sending/", "sending-quiet"), ("/outbox/sending/dead/", "dead-none")):
        signed_in(page, ana, path)
        fits(page)
        seen(page, view, axe, name)


def seconds(words: str) -> int:
    found = re.search(r"\d+", words)
    assert found is not None
    return int(found[0])


def seen(page: Page, view: tuple[str, str], axe: Callable[[Page], list[str]], name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.{'.'.join(view)}.png"), full_page=True)
    assert axe(page) == [], name


def fits(page: Page) -> None:
    """No sideways scrolling on a small phone."""
    before = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px too wide"
    assert before is not None
    page.set_viewport_size(before)
