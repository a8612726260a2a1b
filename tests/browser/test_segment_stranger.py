"""A stranger builds the named segment of issue 4 from an empty builder, by the words on the screen alone; and with keys alone."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from rapport.consent.models import ConsentRecord
from rapport.kit import clock
from rapport.people import timeline
from rapport.people.models import Person, Trait
from rapport.people.records import NewEvent
from rapport.segments import store, sync
from rapport.segments.language import parse, say
from rapport.segments.models import Segment
from tests import people_cast
from tests.browser.conftest import SIZES

pytestmark = pytest.mark.django_db(transaction=True)
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"
ZIPS = ["01850", "01851", "02139"]


@pytest.fixture
def women(transactional_db: None) -> None:
    """Fourteen who fit, and for each condition three who fail in that alone."""
    store.forget()
    now = clock.now()
    failing = ("age", "sex", "screened", "no yes", "zip", "silent", "in the journey")
    for number in range(14):
        live(now, "", number)
    for flaw in failing:
        for number in range(3):
            live(now, flaw, number)
    sync.refresh(now=now)


def live(now: datetime, flaw: str, number: int) -> Person:
    person = people_cast.person(
        sex="M" if flaw == "sex" else "F",
        zip5="03060" if flaw == "zip" else ZIPS[number % 3],
        birth_date=date(2001, 2, 3) if flaw == "age" else date(1966, 2, 3),
    )
    events: list[tuple[str, datetime, dict[str, Any]]] = []
    if flaw != "silent":
        events.append(("message_opened" if number % 2 else "portal_login", now - timedelta(days=10 + number), {}))
    else:
        events.append(("portal_login", now - timedelta(days=45), {}))
    seen = now - timedelta(days=200 if flaw == "screened" else 1_200)
    events.append(("procedure", seen, {"code_system": "cpt", "code": "77067", "label": "Screening mammography"}))
    timeline.append(
        events=[
            NewEvent(person_id=person.pk, kind=kind, at=at, source="test", source_key=uuid.uuid4(), **more)
            for kind, at, more in events
        ],
        now=now,
    )
    if flaw != "no yes":
        ConsentRecord.objects.create(
            person=person, channel="email", topic="health_services", status="granted", at=datetime(2025, 1, 1, tzinfo=UTC),
            text_version="1", via="test", source_key=uuid.uuid4(), recorded_at=now,
        )  # fmt: skip
    if flaw == "in the journey":
        Trait.objects.create(person=person, name="journey.breast_health", text="invited", source="test", at=now)
    return person


def settled(page: Page) -> None:
    # New fields listen only when htmx has settled them; a test types faster than any person.
    expect(page.locator(BUSY)).to_have_count(0)


def add(page: Page, group: Locator, typed: str, criterion: str) -> Locator:
    """What a stranger does: opens the menu, types what she has in mind, takes what is offered."""
    group.get_by_text("Add a criterion", exact=True).last.click()
    page.get_by_label("Find a criterion").locator("visible=true").fill(typed)
    page.get_by_role("button", name=criterion, exact=True).locator("visible=true").click()
    settled(page)
    return page.get_by_role("group", name=criterion, exact=True).last


def test_a_stranger_builds_the_named_segment_without_a_manual(
    page: Page, signed_in: Callable[..., Page], ana: Any, women: None, look: Callable[..., Any]
) -> None:
    signed_in(page, ana, "/segments/")
    page.get_by_role("link", name="New segment").first.click()
    answer = page.get_by_label("Who this is")
    whole = page.get_by_role("group", name="Group", exact=True).first
    expect(answer).to_contain_text("35")

    age = add(page, whole, "age", "Age")
    age.get_by_label("At least (years)").fill("50")
    age.get_by_label("At most (years)").fill("74")
    expect(answer).to_contain_text("32")

    add(page, whole, "women", "Sex").get_by_label("Women").check()
    expect(answer).to_contain_text("29")

    page.get_by_role("button", name="Add a group").last.click()
    settled(page)
    without = page.get_by_role("group", name="Group", exact=True).nth(1)
    without.get_by_label("How the parts are joined").select_option("None of these is true")
    mammogram = add(page, without, "mammogram", "Condition, procedure or other code")
    mammogram.get_by_label("Find codes by words").press_sequentially("mammogram", delay=20)
    page.get_by_role("button", name="Mammogram").first.click()
    expect(page.get_by_role("list", name="Chosen codes")).to_contain_text("Mammogram")
    settled(page)
    mammogram.get_by_label("When", exact=True).select_option("in the last")
    mammogram.get_by_label("How many", exact=True).fill("27")
    mammogram.get_by_label("Unit", exact=True).select_option("months")
    expect(answer).to_contain_text("26")

    consent = add(page, whole, "consent", "Permission to contact")
    expect(consent.get_by_label("By", exact=True)).to_have_value("email")
    expect(answer).to_contain_text("23")

    home = add(page, whole, "zip list", "Where they live")
    home.get_by_label("ZIP codes").fill("\n".join(ZIPS))
    expect(answer).to_contain_text("20")

    whole.get_by_role("button", name="Add a group").last.click()
    settled(page)
    either = page.get_by_role("group", name="Group", exact=True).nth(2)
    opened = add(page, either, "opened", "Something that happened")
    opened.get_by_label("What", exact=True).select_option("opened a message")
    opened.get_by_label("When", exact=True).select_option("in the last")
    opened.get_by_label("How many", exact=True).fill("90")
    settled(page)
    login = add(page, either, "portal login", "Something that happened")
    login.get_by_label("What", exact=True).select_option("logged in to the portal")
    login.get_by_label("When", exact=True).select_option("in the last")
    login.get_by_label("How many", exact=True).fill("30")
    expect(answer).to_contain_text("17")

    journey = add(page, without, "journey", "Journey")
    journey.get_by_label("Which", exact=True).select_option("breast health")
    expect(answer.locator(".number-value")).to_have_text("14")
    expect(answer).to_contain_text("of 35 living people")
    look(page, "the named segment")

    page.get_by_label("Name", exact=True).fill("Mammogram reminder")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as version 1.")).to_be_visible()
    saved = Segment.objects.get()
    assert say(parse(saved.definition)).startswith(
        "People who are 50 to 74 years old, are women, (are not among those who"
    )
    assert saved.counts.get().people == 14

    answer.get_by_role("link", name="14").click()
    expect(page.get_by_text("14 people in your sight, as of now.")).to_be_visible()
    look(page, "people of a segment")


def test_a_criterion_and_a_group_are_added_with_keys_alone(
    page: Page, signed_in: Callable[..., Page], ana: Any, women: None
) -> None:
    signed_in(page, ana, "/segments/new/")
    answer = page.get_by_label("Who this is")
    tab_to(page, "Add a criterion")
    page.keyboard.press("Enter")
    in_menu(page)
    page.keyboard.type("lives")
    page.keyboard.press("Enter")
    settled(page)
    expect(page.get_by_label("ZIP codes")).to_be_focused()
    page.keyboard.type("0306")
    expect(answer).to_contain_text("People who live in ZIP 0306.")
    expect(page.get_by_label("ZIP codes")).to_be_focused()

    tab_to(page, "Add a group")
    page.keyboard.press("Enter")
    settled(page)
    focused = page.evaluate("document.activeElement.id")
    assert focused == "how-1", focused
    tab_to(page, "Add a criterion")
    page.keyboard.press("Enter")
    in_menu(page)
    page.keyboard.type("sex")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settled(page)
    expect(page.get_by_label("Women")).to_be_focused()
    page.keyboard.press("Space")
    expect(answer).to_contain_text("live in ZIP 0306 and are women")

    tab_to(page, "Add a criterion")
    page.keyboard.press("Enter")
    in_menu(page)
    page.keyboard.type("code")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent").strip() == "Add a criterion"
    page.keyboard.press("Enter")
    in_menu(page)
    page.keyboard.type("diagnosis")
    page.keyboard.press("Enter")
    settled(page)
    tab_to(page, "Find codes by words")
    page.keyboard.type("mammo", delay=20)
    expect(page.get_by_role("button", name="Mammogram").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Chosen codes")).to_contain_text("Mammogram")


def in_menu(page: Page) -> None:
    expect(page.get_by_label("Find a criterion").locator("visible=true")).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Tab until this has the focus, as somebody without a mouse does."""
    said = "el => el.labels?.[0]?.textContent ?? el.textContent"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"({said})(document.activeElement)").strip() == name:
            return
    raise AssertionError(f"{name} is not reached by keys")


def test_every_criterion_fits_the_smallest_phone(
    page: Page, signed_in: Callable[..., Page], ana: Any, women: None, look: Callable[..., Any]
) -> None:
    signed_in(page, ana, "/segments/new/")
    for criterion in (
        "One thing after another",
        "Measured value",
        "Appointment",
        "Birthday or anniversary",
        "Random share",
    ):
        add(page, page.get_by_role("group", name="Group", exact=True).first, "", criterion)
    for more in page.locator("details.builder-more > summary").all():
        more.click()
    look(page, "many criteria")
    for width in (390, 360):
        page.set_viewport_size({"width": width, "height": SIZES["phone"]["height"]})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"the builder scrolls sideways by {wide} px at {width}"
    page.set_viewport_size(SIZES["phone"])
    look(page, "many criteria on a phone")
    page.get_by_text("Add a criterion", exact=True).first.click()
    expect(page.get_by_label("Find a criterion").locator("visible=true")).to_be_focused()
    box = page.locator("[data-pick][open] .menu-list").bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= SIZES["phone"]["width"]
