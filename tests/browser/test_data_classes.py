"""What must not be used says so on the screen: protected codes, complaints, machine translations."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.consent.models import LifeEvent
from rapport.content import actions as content
from rapport.content import starters
from rapport.kit import clock
from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.segments import store, sync
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.browser.test_segment_builder import add

pytestmark = pytest.mark.django_db(transaction=True)
Look = Callable[[Page, str], None]
Enter = Callable[..., Page]


@pytest.fixture
def sam(transactional_db: None) -> Any:
    """A patient with an opioid dependence, an aching knee, and a pregnancy that was lost."""
    store.forget()
    sam = people_cast.person(given="Sam", family="Ortiz")
    now = clock.now()
    codes = (("F11.20", "Opioid dependence", "sud_part2"), ("M17.11", "Osteoarthritis of right knee", "general"))
    events = [
        NewEvent(
            person_id=sam.pk, kind="condition", at=now - timedelta(days=90), source="test", source_key=uuid.uuid4(),
            code_system="icd10cm", code=code, label=label, data_class=data_class,
        )
        for code, label, data_class in codes
    ]  # fmt: skip
    timeline.append(events=events, now=now)
    LifeEvent.objects.create(
        person=sam, kind="pregnancy_loss", at=now - timedelta(days=30), source_key=uuid.uuid4(), recorded_at=now
    )
    sync.refresh(now=now)
    return sam


def narrow(page: Page, look: Look, name: str) -> None:
    """The same on a phone, and no sideways scrolling on the smallest."""
    page.set_viewport_size({"width": 360, "height": 740})
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"
    page.set_viewport_size({"width": 390, "height": 844})
    look(page, f"{name} phone")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_builder_refuses_a_protected_code_and_says_why(
    page: Page, signed_in: Enter, ana: Any, sam: Any, look: Look
) -> None:  # fmt: skip
    signed_in(page, ana, "/segments/new/")
    page.get_by_label("Name", exact=True).fill("In treatment")
    add(page, "Condition, procedure or other code")
    page.get_by_label("Find codes by words").press_sequentially("opioid", delay=20)
    found = page.get_by_role("button", name="Opioid dependence").first
    expect(found).to_contain_text("Not for this purpose")
    look(page, "codes with lock")
    found.press("Enter")
    answer = page.get_by_label("Who this is")
    expect(answer).to_contain_text("Not for this purpose")
    expect(answer).to_contain_text("Substance use treatment may not be used for “Our own health service”")
    expect(answer).to_contain_text("US-42CFR2-SUD")
    look(page, "refused segment")
    narrow(page, look, "refused segment")
    page.get_by_label("For messages of the kind").select_option("P1")
    expect(answer).to_contain_text("only for people who signed a consent under 42 CFR Part 2")


def test_a_complaint_is_noted_and_answered_at_the_desk(
    page: Page, signed_in: Enter, bea: Any, sam: Any, look: Look
) -> None:  # fmt: skip
    signed_in(page, bea, f"/people/{sam.pk}/")
    expect(page.get_by_text("A covered event")).to_be_visible()
    expect(page.get_by_text("pregnancy")).to_have_count(0)
    page.get_by_text("Note a complaint").click()
    page.get_by_label("What is it about?").select_option("bill")
    look(page, "complaint form")
    narrow(page, look, "complaint form")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_text("Open complaint")).to_be_visible()
    look(page, "complaint open")
    page.get_by_role("button", name="The complaint is answered").click()
    expect(page.get_by_text("Note a complaint")).to_be_visible()
    page.goto(page.url.split("?")[0] + "?part=clinical")
    expect(page.get_by_text("may not be used for")).to_be_visible()
    look(page, "covered entries")
    narrow(page, look, "covered entries")


def test_a_translator_reviews_what_a_machine_wrote(
    page: Page, signed_in: Enter, ana: Any, cole: Any, db: None, look: Look
) -> None:  # fmt: skip
    now = clock.now()
    letter = starters.load(by=SYSTEM, now=now)["annual-check-up-es"]
    piece = content.start(by=ana, name="Invitación", topic="health_services", language="es", now=now)
    content.draft(
        by=ana, piece=piece, subject=letter.subject, preheader="", mjml=letter.mjml, text="", now=now, is_machine=True
    )
    signed_in(page, ana, f"/content/piece/{piece.slug}/edit/")
    expect(page.get_by_text("no qualified human translator has reviewed them")).to_be_visible()
    look(page, "machine translation editor")
    narrow(page, look, "machine translation editor")
    signed_in(page, cole, f"/content/piece/{piece.slug}/")
    look(page, "translation waits")
    narrow(page, look, "translation waits")
    page.get_by_label("Your qualification").fill("Certified medical translator, CCHI 20145")
    page.get_by_role("button", name="I reviewed these words").press("Enter")
    expect(page.get_by_text("Cole Adeyemi reviewed them")).to_be_visible()
    look(page, "translation reviewed")
