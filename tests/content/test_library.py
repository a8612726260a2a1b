"""The library: found by what a piece is about, with its owner, its uses and the end of its approval."""

from datetime import timedelta

import pytest

from rapport.campaigns.models import Campaign
from rapport.content import library
from rapport.directory.models import ServiceLine
from rapport.trust.models import AuditEntry, Role
from tests.content.reviewing import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(hire):
    return hire("Mia Ortiz", Role.MARKETER)


@pytest.fixture
def evening(ana, mia, cole, now):
    return desk.approve(desk.handed_in(ana, now), now, marketing=mia, compliance=cole).piece


def describe(ana, piece, now, **more):
    said = {"tags": [], "owner": ana, "is_paid": False, "service_line_id": None} | more
    return library.describe(by=ana, piece=piece, said=library.Said(**said), now=now)


def names(now, **asked):
    return [one.piece.name for one in library.rows(library.Filters(**asked), now)]


def test_tags_are_read_as_they_are_typed():
    said = {"condition": " Knee Pain, arthritis,,knee pain", "stage": "aware", "class": "reproductive,nonsense"}
    assert library.read_tags(said) == [
        "class:reproductive",
        "condition:arthritis",
        "condition:knee pain",
        "stage:aware",
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, True), ({"text": "even team"}, True), ({"text": "aware"}, True), ({"text": "nothing like it"}, False),
        ({"topic": "newsletter"}, True), ({"topic": "care"}, False), ({"language": "es"}, False), ({"channel": "email"}, True),
        ({"state": "published"}, True), ({"state": "draft"}, False), ({"tag": "stage:aware"}, True), ({"tag": "stage:x"}, False),
        ({"grade": "easy"}, True), ({"grade": "hard"}, False), ({"owner": "0"}, False), ({"line": "999"}, False),
    ],
)  # fmt: skip
def test_each_filter(ana, evening, now, asked, found):
    describe(ana, evening, now, tags=["stage:aware"])
    assert (names(now, **asked) == ["Evening"]) is found


def test_its_state_says_when_the_approval_ends(evening, now):
    (row,) = library.rows(library.Filters(), now)
    assert [row.state(now + timedelta(days=days)) for days in (0, 334, 336, 366)] == [
        "published",
        "published",
        "soon",
        "over",
    ]


def test_a_piece_says_in_which_campaigns_it_is_used(ana, evening, now):
    Campaign.objects.create(
        slug="spring", name="Spring", version=evening.versions.get(), created_by=ana, created_at=now
    )
    (row,) = library.rows(library.Filters(), now)
    assert [(one.name, one.version) for one in row.uses] == [("Spring", 1)]


def test_what_it_is_about_is_on_record(ana, evening, now):
    line = ServiceLine.objects.create(slug="ortho", name="Orthopedics")
    describe(ana, evening, now, tags=["stage:aware"], service_line_id=line.pk)
    assert names(now, line=str(line.pk)) == ["Evening"]
    assert AuditEntry.objects.get(verb="content.describe").details["tags"] == ["stage:aware"]


@pytest.mark.parametrize("more", [{"tags": ["class:reproductive"]}, {"tags": ["condition:depression"]}])
def test_approved_words_can_not_be_said_to_touch_what_nobody_has_looked_at(ana, evening, now, more):
    with pytest.raises(library.NeedsAnotherLook, match="clinical"):
        describe(ana, evening, now, **more)


def test_words_on_the_desk_go_back_when_other_looks_are_needed(ana, now):
    version = desk.handed_in(ana, now, topic="billing")
    describe(ana, version.piece, now, tags=["stage:aware"])
    version.refresh_from_db()
    assert version.state == "review"
    describe(ana, version.piece, now, is_paid=True)
    version.refresh_from_db()
    assert version.state == "draft"


def test_the_page_finds_and_the_form_keeps(client, ana, evening, now):
    client.force_login(ana)
    said = {"owner": ana.pk, "service_line": "", "condition": "", "stage": "Aware", "persona": "", "is_paid": ""}
    assert client.post(f"/content/piece/{evening.slug}/about/", said).status_code == 302
    assert "Evening" in client.get("/content/?tag=stage:aware").content.decode()
    assert "Nothing fits" in client.get("/content/?tag=stage:lapsed").content.decode()
    assert client.post(f"/content/piece/{evening.slug}/about/", {**said, "delicate": ["abuse"]}).status_code == 422
