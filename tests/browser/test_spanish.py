"""The pages of the front desk and of a campaign in Spanish, on the narrowest phone: none of our own English on them, nothing sideways."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from rapport.consent import representatives
from rapport.home import desk
from rapport.home.sockets import SOCKETS
from rapport.kit import clock
from rapport.people import profile, timeline
from rapport.people.models import Household, Relationship
from rapport.people.records import NewEvent, NewFact
from rapport.segments import store, sync
from rapport.trust.models import User
from tests import people_cast
from tests.campaigns import clinic
from tests.home import desk_stage
from tests.messaging import stage
from tools import catalogue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 360, "height": 740}
PLACE = re.compile(r"%\(|\{|%s|%d")
LINES = """() => {
  const lines = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement
    if (holder.closest('script, style, textarea, template') || holder.closest('[lang]').lang !== 'es') continue
    lines.push(walker.currentNode.textContent)
  }
  for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'data-label'])
    for (const one of document.body.querySelectorAll(`[${name}]`))
      if (one.closest('[lang]').lang === 'es') lines.push(one.getAttribute(name))
  return lines.map(line => line.replace(/\\s+/g, ' ').trim()).filter(line => line)
}"""


@pytest.fixture(scope="module")
def english() -> set[str]:
    """Every whole line that the sources say in English, and that is no Spanish of anything."""
    english, spanish = set[str](), set[str]()
    for one in catalogue.written():
        english |= {one.id} if isinstance(one.id, str) else set(one.id)
        spanish |= {one.string} if isinstance(one.string, str) else set(one.string or ())
    return {line for line in english - spanish if not PLACE.search(line)}


@pytest.fixture
def busy(ana: User, bea: User, pat: Any) -> Iterator[Any]:
    """Pat comes today, with something on every part of the page, and lives with Quinn, who speaks for Pat."""
    now = clock.now()
    store.forget()
    desk_stage.offered(ana, now)
    noon, _ = desk.bounds(now, ZoneInfo("America/New_York"))
    desk_stage.comes(pat, desk_stage.lowell(), noon + timedelta(hours=12, minutes=40), now)
    other = people_cast.quinn()
    _knows(pat, now)
    _lives_with(pat, other, bea, now)
    stage.says_yes(pat, now - timedelta(days=9))
    stage.says_no(other, now - timedelta(days=9))
    stage.due([pat], stage.wording(now, slug="news"), now)
    clinic.patients(8, now)
    clinic.campaign(ana, now, segment=clinic.segment(now))
    sync.refresh(now=now)
    yield pat
    store.forget()


def _knows(pat: Any, now: Any) -> None:
    clinic.visit(pat, now - timedelta(days=60))
    kinds = ["claim", "message_opened", "message_sent", "form_submitted", "consent", "booked", "complaint", "held_out"]
    told = {"topic": "care", "channel": "email", "status": "granted"}
    events = [
        NewEvent(
            person_id=pat.pk, kind=kind, at=now - timedelta(days=number), source="test", source_key=uuid.uuid4(),
            value=80 if kind == "claim" else None, code="email" if kind == "message_sent" else "",
            detail=told if kind == "consent" else {},
        )
        for number, kind in enumerate(kinds, 1)
    ]  # fmt: skip
    facts = [
        NewFact(
            person_id=pat.pk,
            kind=kind,
            source_key=uuid.uuid4(),
            code="1",
            label="Osteoarthritis",
            status=status,
            **more,
        )
        for kind, status, more in [
            ("condition", "active", {}),
            ("condition", "resolved", {}),
            ("condition", "active", {"data_class": "mental_health"}),
            ("appointment", "cancelled", {"starts_at": now - timedelta(days=20)}),
            ("coverage", "active", {}),
        ]
    ]
    timeline.append(events=events, now=now)
    profile.fold(facts=facts, now=now)


def _lives_with(pat: Any, other: Any, bea: User, now: Any) -> None:
    house = Household.objects.create(created_at=now)
    for one in (pat, other):
        Relationship.objects.create(person=one, household=house, kind="member")
    Relationship.objects.create(person=pat, other=other, kind="guarantor")
    representatives.appoint(
        by=bea, person_id=pat.pk, other_id=other.pk, kind="proxy", authority="Power of attorney", now=now
    )


def test_the_front_desk_reads_its_day_and_a_person_in_spanish(
    page: Page, signed_in: Callable[..., Page], spanish: Callable[[str], None], bea: User, busy: Any
) -> None:
    signed_in(page, bea, "/account/login/")
    for path in ["/", "/people/", *(f"/people/{busy.pk}/?part={one.key}" for one in SOCKETS)]:
        spanish(path)
    expect(page.get_by_text("Responsable del pago")).to_be_visible()


def test_a_marketer_reads_the_campaigns_and_a_check_in_spanish(
    page: Page, signed_in: Callable[..., Page], spanish: Callable[[str], None], ana: User, busy: Any
) -> None:
    signed_in(page, ana, "/account/login/")
    for path in ["/campaigns/", *(f"/campaigns/knee-seminar/?step={one}" for one in ("what", "when", "check"))]:
        spanish(path)


def test_a_line_of_english_would_be_found(page: Page, live_server: Any, english: set[str]) -> None:
    page.goto(live_server.url + "/account/login/")
    page.evaluate("""() => { document.documentElement.lang = 'es'
      document.body.innerHTML = '<p>Pat Rivera</p><p> Held\\n back </p><p lang="en">English</p><button aria-label="Undo"></button>' }""")
    assert set(page.evaluate(LINES)) & english == {"Held back", "Undo"}


@pytest.fixture
def spanish(page: Page, live_server: Any, english: set[str], axe: Callable[[Page], list[str]]) -> Callable[[str], None]:
    page.context.add_cookies([{"name": "language", "value": "es", "url": live_server.url}])
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]

    def look(path: str) -> None:
        page.goto(live_server.url + path)
        expect(page.locator("html")).to_have_attribute("lang", "es")
        expect(page.locator(".skeleton:visible")).to_have_count(0)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} scrolls sideways"
        assert sorted(set(page.evaluate(LINES)) & english) == [], path

    return look
