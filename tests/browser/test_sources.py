"""The Sources pages in Chromium: no accessibility violation in either theme, nothing sideways on a phone."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.integrations.models import Quarantine
from tests.integrations.conftest import feed, take_file  # noqa: F401 - fixtures
from tests.integrations.fhir_samples import condition, ndjson, observation, patient
from tests.people_cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def filled(take_file: Any) -> None:  # noqa: F811
    """A feed with people, three kinds of trouble, and a possible double."""
    take_file(
        "Patient.ndjson",
        ndjson(patient("1"), patient("2", birthDate="0000-00-00"), condition("c", "1"), observation("o", "77")),
    )
    take_file("broken.json", b'{"resourceType": "Bundle", "entry": [')
    for name in ("1", "2"):
        person(given="Mia", family="Stone", identifiers=(("lab:Patient", name),))


def test_the_pages_are_accessible_in_both_themes_and_fit_a_phone(
    page: Page, signed_in: Any, axe: Any, theme: str, filled: None, dee: Any, bea: Any
) -> None:
    row = Quarantine.objects.order_by("id").first()
    for user, paths in (
        (dee, ["/sources/", "/sources/feed/ehr/", f"/sources/held/{row.pk}/"]),
        (bea, ["/sources/ambiguous/"]),
    ):
        for path in paths:
            signed_in(page, user, path)
            page.set_viewport_size({"width": 1440, "height": 900})
            assert axe(page) == [], path
            page.set_viewport_size(PHONE)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_dee_mends_a_record_in_the_browser(page: Page, signed_in: Any, filled: None, dee: Any) -> None:
    signed_in(page, dee, "/sources/feed/ehr/")
    expect(page.get_by_text("0000-00-00 is no date", exact=True)).to_be_visible()
    row = Quarantine.objects.get(resource_type="Patient")
    page.goto(page.url.split("/sources/")[0] + f"/sources/held/{row.pk}/")
    page.get_by_label("The record").fill(json.dumps(patient("2", birthDate="1980-03-05")))
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("Taken in.", exact=True)).to_be_visible()
    row.refresh_from_db()
    assert row.state == "replayed"
