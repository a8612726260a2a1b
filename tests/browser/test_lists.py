"""Ready segments, a list from a sheet, keeping a segment, and the segments of a person, in the browser and by keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.kit import clock
from rapport.segments import actions, store, sync
from rapport.segments.language import Sex
from rapport.segments.membership import full
from rapport.trust.actors import System
from tests import people_cast

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def women(transactional_db: None) -> Any:
    """Twelve women and a segment that holds them."""
    store.forget()
    now = clock.now()
    for _ in range(12):
        people_cast.person(sex="F")
    sync.refresh(now=now)
    segment = actions.save(by=System("test"), now=now, name="Women", node=Sex(("F",)))
    full.refresh_due(now=now)
    return segment


def fits(page: Page) -> None:
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate(WIDE) <= 0, page.url
    page.set_viewport_size(size)


def test_ana_takes_a_ready_segment_by_keyboard(
    page: Page, signed_in: Callable[..., Page], ana: Any, women: Any, look: Callable[..., Any]
) -> None:
    signed_in(page, ana, "/segments/ready/")
    expect(page.get_by_text("Being counted").first).to_have_count(0)
    fits(page)
    look(page, "ready segments")
    page.get_by_role("link", name="Take it").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Mammogram overdue")
    expect(page.get_by_label("Who this is")).to_contain_text("Mammogram on record in the last 27 months")


def test_ana_makes_a_list_and_keeps_a_segment_as_one(
    page: Page, signed_in: Callable[..., Page], ana: Any, women: Any, look: Callable[..., Any]
) -> None:
    pat = people_cast.pat()
    signed_in(page, ana, "/segments/lists/new/")
    fits(page)
    look(page, "list from a sheet")
    page.get_by_label("Name", exact=True).fill("Spring fair")
    page.get_by_label("Or paste the lines here").fill("email\npat.rivera@mail.example\nnobody@mail.example\nx")
    page.get_by_role("button", name="Make the list").press("Enter")
    expect(page.get_by_text("Nobody we know answers to this.").last).to_be_visible()
    fits(page)
    look(page, "what became of a sheet")

    page.goto(page.url.split("/segments/")[0] + "/segments/women/")
    expect(page.get_by_text("in the last 30 days").first).to_be_visible()
    fits(page)
    look(page, "segment with who came and went")
    page.get_by_role("link", name="Keep as a list").press("Enter")
    expect(page.get_by_text("Nobody is added any more")).to_be_visible()
    fits(page)
    look(page, "keep as a list")
    page.get_by_role("button", name="Keep as a list").press("Enter")
    expect(page.get_by_text("Kept as a list.")).to_be_visible()
    page.goto(page.url.split("/segments/")[0] + f"/people/{pat.pk}/?part=segments")
    expect(page.get_by_text("Put on the list")).to_be_visible()
    fits(page)
    look(page, "segments of a person")
    page.goto(page.url.split("/people/")[0] + "/segments/")
    fits(page)
    look(page, "list of segments")
