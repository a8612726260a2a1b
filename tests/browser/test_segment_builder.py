"""A stranger builds a segment in the browser by what stands on the screen, with keyboard and on a phone."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.consent.models import ConsentRecord
from rapport.kit import clock
from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.segments import store, sync
from rapport.segments.language import parse, say
from rapport.segments.models import Segment
from tests import people_cast
from tests.browser.conftest import SIZES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(transactional_db: None) -> None:
    """Fourteen women with an aching knee who said yes to e-mail, of whom two had a visit last week; three men."""
    store.forget()
    now = clock.now()
    for number in range(17):
        person = people_cast.person(sex="F" if number < 14 else "M")
        what = [
            (
                "condition",
                now - timedelta(days=400),
                {"code_system": "icd10cm", "code": "M17.11", "label": "Osteoarthritis of right knee"},
            )
        ]
        if number < 2:
            what.append(("encounter", now - timedelta(days=7), {}))
        events = [
            NewEvent(person_id=person.pk, kind=kind, at=at, source="test", source_key=uuid.uuid4(), **more)
            for kind, at, more in what
        ]
        timeline.append(events=events, now=now)
        ConsentRecord.objects.create(
            person=person, channel="email", topic="health_services", status="granted", at=datetime(2025, 1, 1, tzinfo=UTC),
            text_version="1", via="test", source_key=uuid.uuid4(), recorded_at=now,
        )  # fmt: skip
    sync.refresh(now=now)


def test_ana_builds_a_segment_by_the_words_on_the_screen(
    page: Page, signed_in: Callable[..., Page], ana: Any, crowd: None, look: Callable[..., Any]
) -> None:
    signed_in(page, ana, "/segments/")
    page.get_by_role("link", name="New segment").first.click()
    page.get_by_label("Name", exact=True).fill("Knees, long not seen")

    add(page, "Sex")
    page.get_by_label("Women").check()
    answer = page.get_by_label("Who this is")
    expect(answer).to_contain_text("14")
    expect(answer).to_contain_text("People who are women.")

    add(page, "Condition, procedure or other code")
    page.get_by_label("Find codes by words").press_sequentially("osteo knee", delay=20)
    page.get_by_role("button", name="Osteoarthritis of right knee").click()
    expect(page.get_by_role("list", name="Chosen codes")).to_contain_text("M17.11")

    add(page, "Visits")
    page.get_by_label("How often").select_option("not once")
    page.get_by_label("When", exact=True).last.select_option("in the last")
    page.get_by_label("How many", exact=True).last.fill("90")
    expect(answer).to_contain_text("had no visits in the last 90 days")
    expect(answer).to_contain_text("12")

    add(page, "Permission to contact")
    expect(answer).to_contain_text("said yes to news of health services by e-mail")
    look(page, "segment builder")

    page.get_by_label("Move: Visits", exact=True).click()
    page.get_by_role("button", name="Move up").locator("visible=true").click()
    page.get_by_role("button", name="Show five people").click()
    expect(page.get_by_text("Why is TP in?").first).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as version 1.")).to_be_visible()
    assert say(parse(Segment.objects.get().definition)).startswith(
        "People who are women, had no visits in the last 90 days, have the entry icd10cm M17.11"
    )
    page.goto(page.url.rsplit("/segments/", 1)[0] + "/segments/")
    look(page, "segments")


def test_the_builder_fits_a_phone_and_needs_no_mouse(
    page: Page, signed_in: Callable[..., Page], ana: Any, crowd: None, look: Callable[..., Any]
) -> None:
    page.set_viewport_size(SIZES["phone"])
    signed_in(page, ana, "/segments/new/")
    page.locator("summary", has_text="Add a criterion").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Age", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("At least (years)")).to_be_focused()
    page.keyboard.type("50")
    expect(page.get_by_label("Who this is")).to_contain_text("People who are 50 years old or older.")
    expect(page.get_by_label("At least (years)")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    look(page, "segment builder on a phone")


def add(page: Page, criterion: str) -> None:
    page.get_by_text("Add a criterion", exact=True).click()
    page.get_by_role("button", name=criterion, exact=True).click()
    # New fields listen only when htmx has settled them; a test types faster than any person.
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
