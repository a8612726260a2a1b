"""What patients wrote back, and the texts we send, in a real browser."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.content import texting
from rapport.integrations.models import Reply
from rapport.integrations.sms import hearing
from rapport.integrations.sms.reading import Inbound
from rapport.kit import clock
from rapport.messaging import mailbox, tracking
from rapport.messaging.models import Intent
from rapport.messaging.phone import as_letter
from rapport.trust.actors import SYSTEM
from rapport.trust.models import Grant, Role, User
from tests import people_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")
SAID = ("STOP", "Wrong number, sorry", "please cancel my appointment on Monday", "Thank you, see you then!", "HELP")


@pytest.fixture
def desk(bea: User) -> User:
    """Bea, who also writes content, with five messages before her."""
    now = clock.now()
    Grant.objects.create(user=bea, role=Role.MARKETER, granted_at=now)
    for number, words in enumerate(SAID):
        phone = f"+1978453660{number}"
        if number != 3:
            people_cast.person(given=f"Person{chr(97 + number)}", phones=((phone, "mobile"),))
        told = Inbound(f"SM{number}", phone, words)
        raw = f"MessageSid=SM{number}&From=%2B1978453660{number}&Body={words.replace(' ', '+')}".encode()
        hearing.hear(by=SYSTEM, message=told, raw=raw, now=now)
    intent = Intent.objects.order_by("id").first()
    assert intent is not None
    words = "Riverbend Health: You are unsubscribed. To keep visit reminders only, reply CARE."
    raw = as_letter(
        to="+19784536600", sender="+19785550111", body=words, reference=tracking.message_id(intent.pk), at=now
    )
    mailbox.keep([mailbox.letter(raw, now)])
    texting.starter(by=SYSTEM, slug="sms-stopped-es", now=now)
    return bea


@pytest.mark.parametrize(
    "path",
    [
        "/outbox/",
        "/outbox/replies/",
        "/outbox/replies/doubtful/",
        "/outbox/text/",
        "/content/piece/sms-stopped-es/edit/",
    ],
)
def test_pages_of_texts_are_for_everybodys_eyes(
    page: Page,
    desk: User,
    signed_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    theme: str,
    screen: str,
    path: str,
):
    doubtful = Reply.objects.get(kind="none", needs_review=True)
    first = Intent.objects.order_by("id").values_list("pk", flat=True)[0]
    real = path.replace("doubtful", str(doubtful.pk)).replace("/text/", f"/{first}/")
    signed_in(page, desk, real)
    expect(page.locator("h1")).to_be_visible()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"sms{path.replace('/', '-')}{theme}-{screen}.png", full_page=True)
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def test_a_reply_is_read_and_taken_for_a_stop_by_keyboard_alone(
    page: Page, desk: User, signed_in: Callable[..., Page], axe: Any
):
    doubtful = Reply.objects.get(kind="none", needs_review=True)
    signed_in(page, desk, f"/outbox/replies/{doubtful.pk}/")
    expect(page.get_by_text("please cancel my appointment on Monday")).to_be_visible()
    page.get_by_role("button", name="This means stop").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stopped. No more text messages")).to_be_visible()
    doubtful.refresh_from_db()
    assert doubtful.state == "done"
