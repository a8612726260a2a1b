"""Programs ask who is meant: read, make, change, count and check segments, and list people where they may."""

import json

import pytest

from rapport.directory.models import Location, Organization
from rapport.people.models import Person
from rapport.segments import actions, queries, store, sync
from rapport.segments.language import All, CodeIs, HasCode, Sex, schema, to_json
from rapport.segments.membership import full, lists
from rapport.segments.models import Segment, SegmentVersion
from rapport.trust.models import AuditEntry, Role
from tests import people_cast
from tests.api.test_gate import is_problem
from tests.segments.conftest import happen, warehouse  # noqa: F401 - the fixture


def written(node):
    return json.loads(to_json(node))


KNEES = written(All((Sex(("F",)), HasCode((CodeIs("icd10cm", "M17", prefix=True),)))))
WOMEN, MEN, EVERYBODY = written(Sex(("F",))), written(Sex(("M",))), written(All())
OPIOIDS = written(HasCode((CodeIs("icd10cm", "F11.20"),)))


@pytest.fixture
def crowd(warehouse, still):  # noqa: F811 - as pytest means it
    """Twelve women, two men; three of the women with a knee that hurts."""
    women = [people_cast.person(sex="F") for _ in range(12)]
    for _ in range(2):
        people_cast.person(sex="M", zip5="02139")
    for woman in women[:3]:
        happen(woman, "condition", still, code_system="icd10cm", code="M17.11", label="Osteoarthritis of right knee")
    sync.refresh(now=still)
    return women


def post(browser, address, **body):
    return browser.post(f"/api/v1{address}", body, content_type="application/json")


def put(browser, address, **body):
    return browser.put(f"/api/v1{address}", body, content_type="application/json")


def test_a_segment_is_made_read_changed_and_keeps_what_it_meant(crowd, program, ana):
    browser = program(ana)
    made = post(browser, "/segments", name="Sore knees", definition=KNEES, purpose="P2", note="For the class")
    assert made.status_code == 201
    told = made.json()
    assert (told["slug"], told["version"], told["people"], told["hidden"]) == ("sore-knees", 1, 3, False)
    assert told["sentence"]["en"].startswith("People who are women and have")
    assert told["sentence"]["es"] != told["sentence"]["en"]
    assert told["definition"] == KNEES
    assert AuditEntry.objects.get(verb="segment.save").actor == ana

    changed = put(browser, "/segments/sore-knees", name="Sore knees", definition=WOMEN, purpose="P2", seen_version=1)
    assert changed.status_code == 200
    whole = browser.get("/api/v1/segments/sore-knees").json()
    assert (whole["version"], whole["people"], whole["note"]) == (2, 12, "")
    assert [(one["version"], one["definition"]) for one in whole["versions"]] == [(1, KNEES), (2, WOMEN)]
    assert {one["saved_by"] for one in whole["versions"]} == {"Ana Marsh"}
    sizes = browser.get("/api/v1/segments/sore-knees/sizes").json()
    assert [(one["version"], one["people"]) for one in sizes["items"]] == [(2, 12), (1, 3)]


def test_the_same_again_is_no_new_version(crowd, program, ana):
    browser = program(ana)
    post(browser, "/segments", name="Women", definition=WOMEN)
    again = put(browser, "/segments/women", name="Women", definition=WOMEN, purpose="P2", seen_version=1)
    assert again.json()["version"] == 1
    assert SegmentVersion.objects.count() == 1


def test_who_did_not_see_the_last_version_changes_nothing(crowd, program, ana):
    browser = program(ana)
    post(browser, "/segments", name="Women", definition=WOMEN)
    put(browser, "/segments/women", name="Women", definition=EVERYBODY, seen_version=1)
    late = put(browser, "/segments/women", name="Women", definition=MEN, seen_version=1)
    assert is_problem(late, 409, "changed-meanwhile")
    assert "seen_version" in late.json()["do"]
    assert Segment.objects.get().definition == EVERYBODY


def test_the_list_says_each_in_two_languages_with_its_size(crowd, program, ana, still):
    browser = program(ana)
    post(browser, "/segments", name="Women", definition=WOMEN)
    post(browser, "/segments", name="Knees", definition=KNEES)
    old = actions.save(by=ana, now=still, name="From another version", node=Sex(("F",)))
    Segment.objects.filter(pk=old.pk).update(definition={"version": 1, "who": {"is": "unheard_of"}})
    told = browser.get("/api/v1/segments").json()
    assert [(one["name"], one["people"]) for one in told["items"]] == [
        ("From another version", 12), ("Knees", 3), ("Women", 12),
    ]  # fmt: skip
    assert told["items"][2]["sentence"] == {"en": "People who are women.", "es": "Personas que son mujeres."}
    assert "no word of the language" in told["items"][0]["sentence"]["en"]
    assert browser.get("/api/v1/segments?limit=1&page=3").json()["items"][0]["slug"] == "women"


def test_a_definition_is_counted_as_a_whole_and_part_by_part(crowd, program, ana):
    told = post(program(ana), "/segment-definitions/count", definition=KNEES).json()
    assert told["people"] == 3
    assert [(one["path"], one["people"]) for one in told["parts"]] == [([], 3), ([0], 12), ([1], 3)]
    assert told["data_until"]
    assert not Segment.objects.exists()


def test_small_numbers_are_hidden_from_keys_that_may_not_read_people(crowd, program, ana, hire):
    analyst = program(hire("Ann Alyst", Role.ANALYST))
    told = post(analyst, "/segment-definitions/count", definition=KNEES).json()
    assert (told["people"], told["hidden"]) == (None, True)
    assert [(one["people"], one["hidden"]) for one in told["parts"]] == [(None, True), (12, False), (None, True)]
    post(analyst, "/segments", name="Knees", definition=KNEES)
    for address in ("/segments", "/segments/knees", "/segments/knees/sizes"):
        answer = analyst.get(f"/api/v1{address}").json()
        assert '"people": 3' not in str(answer).replace("'", '"')
    # The owner may read people, but this key of hers was made with less.
    narrow = program(ana, ["segments.read"])
    assert post(narrow, "/segment-definitions/count", definition=KNEES).json()["hidden"] is True


def test_what_the_purpose_may_not_use_is_refused_with_the_rule(crowd, program, ana):
    browser = program(ana)
    for address, more in (("/segments", {"name": "No"}), ("/segment-definitions/count", {})):
        refused = post(browser, address, definition=OPIOIDS, purpose="P2", **more)
        assert is_problem(refused, 422, "not-for-this-purpose")
        told = refused.json()
        assert "Substance use treatment may not be used" in told["where"][0]["says"]
        assert told["where"][0]["at"] == "body/wanted/definition [US-42CFR2-SUD]"
    assert not Segment.objects.exists()


def test_what_is_no_definition_is_told_with_its_place_and_a_remedy(crowd, program, ana):
    wrong = {"version": 1, "who": {"is": "all", "of": [{"is": "sex", "one_of": ["X"]}]}}
    for address, more in (("/segments", {"name": "No"}), ("/segment-definitions/count", {})):
        refused = post(program(ana), address, definition=wrong, **more)
        assert is_problem(refused, 422, "misformed")
        assert refused.json()["where"][0]["at"].startswith("body/wanted/definition: Part 1")
        assert "schema" in refused.json()["do"]
    deep = {"is": "all"}
    for _ in range(300):
        deep = {"is": "all", "of": [deep]}
    assert is_problem(
        post(program(ana), "/segment-definitions/count", definition={"version": 1, "who": deep}), 422, "misformed"
    )


def test_a_definition_is_validated_without_counting(program, ana, still):
    browser = program(ana)
    fine = post(browser, "/segment-definitions/validate", definition=KNEES).json()
    assert (fine["valid"], fine["permitted"], fine["flaw"], fine["refusals"]) == (True, True, None, [])
    assert "Osteoarthritis of knee (M17…)" in fine["sentence"]["en"]
    delicate = post(browser, "/segment-definitions/validate", definition=OPIOIDS).json()
    assert (delicate["valid"], delicate["permitted"]) == (True, False)
    assert delicate["refusals"][0]["rule"] == "US-42CFR2-SUD"
    assert delicate["data_classes"] == ["sud_part2"]
    wrong = post(
        browser, "/segment-definitions/validate", definition={"version": 1, "who": {"is": "any", "off": []}}
    ).json()
    assert (wrong["valid"], wrong["permitted"], wrong["sentence"]) == (False, False, None)
    assert "off" in wrong["flaw"]["problem"]
    assert wrong["flaw"]["remedy"]


def test_the_schema_is_the_one_that_is_published(program, ana):
    assert program(ana).get("/api/v1/segment-definitions/schema").json() == schema()


def test_people_are_listed_by_id_page_by_page_and_every_page_is_recorded(crowd, program, ana):
    browser = program(ana)
    post(browser, "/segments", name="Women", definition=WOMEN)
    found, after, pages = [], 0, 0
    while after is not None:
        told = browser.get(f"/api/v1/segments/women/people?after={after}&limit=5").json()
        found += told["items"]
        after, pages = told["next_after"], pages + 1
        assert (told["total"], told["version"]) == (12, 1)
    assert found == sorted(one.pk for one in crowd)
    assert pages == 3
    lines = AuditEntry.objects.filter(verb="segment.people").order_by("id")
    assert [line.person_ids for line in lines] == [found[:5], found[5:10], found[10:]]
    assert {(line.actor, line.thing) for line in lines} == {(ana, "segment:women")}


def test_who_may_not_do_both_lists_nobody(crowd, program, ana, bea, hire):
    post(program(ana), "/segments", name="Women", definition=WOMEN)
    for browser in (program(ana, ["segments.read"]), program(hire("Ann Alyst", Role.ANALYST))):
        assert is_problem(browser.get("/api/v1/segments/women/people"), 403, "forbidden")
    for browser in (program(ana, ["people.read"]), program(bea)):
        assert is_problem(browser.get("/api/v1/segments/women/people"), 404, "not-found")
    assert not AuditEntry.objects.filter(verb="segment.people").exists()


def test_a_key_lists_only_people_of_its_places(crowd, program, ana, hire, still):
    house = Organization.objects.create(name="Riverbend")
    north = Location.objects.create(organization=house, name="North", slug="north")
    Person.objects.filter(pk=crowd[0].pk).update(home_location=north)
    post(program(ana), "/segments", name="Women", definition=WOMEN)
    near = program(hire("Nora North", Role.MARKETER, location_id=north.pk))
    told = near.get("/api/v1/segments/women/people").json()
    assert (told["items"], told["total"]) == ([crowd[0].pk], 1)


def test_a_list_is_listed_as_it_was_chosen_and_has_no_definition_to_change(crowd, program, ana, still):
    browser = program(ana)
    post(browser, "/segments", name="Women", definition=WOMEN)
    full.refresh_due(now=still)
    chosen = lists.freeze(by=ana, segment=Segment.objects.get(), name="Guests", now=still)
    people_cast.person(sex="F")
    sync.refresh(now=still)
    assert browser.get("/api/v1/segments/women").json()["version"] == 1
    assert len(browser.get("/api/v1/segments/women/people").json()["items"]) == 13
    assert browser.get("/api/v1/segments/guests/people").json()["items"] == sorted(one.pk for one in crowd)
    assert chosen.slug == "guests"
    told = browser.get("/api/v1/segments/guests").json()
    assert (told["kind"], told["sentence"]["en"]) == ("list", "People who are in “Guests”.")
    changed = put(browser, "/segments/guests", name="Guests", definition=WOMEN, seen_version=1)
    assert is_problem(changed, 409, "a-list")


def test_who_may_only_read_makes_nothing(crowd, program, cole):
    browser = program(cole)
    assert browser.get("/api/v1/segments").status_code == 200
    assert is_problem(post(browser, "/segments", name="No", definition=WOMEN), 403, "forbidden")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"definition": WOMEN, "name": "  "}, "body/wanted/name"),
        ({"definition": WOMEN, "name": "A", "purpose": "P99"}, "body/wanted/purpose"),
        ({"definition": WOMEN}, "body/wanted/name"),
        ({"definition": WOMEN, "name": "A", "slug": "a"}, "body/wanted/slug"),
        ({"definition": "women", "name": "A"}, "body/wanted/definition"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(program, ana, still, body, where):
    refused = post(program(ana), "/segments", **body)
    assert refused.status_code == 422
    assert [one["at"] for one in refused.json()["where"]] == [where]


def test_a_segment_that_is_not_there_is_not_found(program, ana, still):
    browser = program(ana)
    assert is_problem(browser.get("/api/v1/segments/nothing"), 404, "not-found")
    assert is_problem(browser.get("/api/v1/segments/nothing/sizes"), 404, "not-found")
    assert is_problem(browser.get("/api/v1/segments/nothing/people"), 404, "not-found")
    assert is_problem(put(browser, "/segments/nothing", name="A", definition=WOMEN, seen_version=1), 404, "not-found")


def test_before_the_first_refresh_nobody_can_be_counted(warehouse, still, program, ana):  # noqa: F811
    browser = program(ana)
    assert is_problem(post(browser, "/segment-definitions/count", definition=WOMEN), 503, "no-warehouse")
    made = post(browser, "/segments", name="Women", definition=WOMEN)
    assert (made.status_code, made.json()["people"], made.json()["hidden"]) == (201, None, False)
    assert is_problem(browser.get("/api/v1/segments/women/people"), 503, "no-warehouse")
    assert queries.freshness() is None
    with pytest.raises(store.NoWarehouse):
        store.snapshot()
