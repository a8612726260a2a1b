"""Codes by words: our own people's first, then what the reference knows; labels fall back to the reference."""

import pytest
from django.urls import reverse

from rapport.segments import reference, vocabulary
from rapport.segments.models import CodeName

pytestmark = pytest.mark.django_db
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def ours():
    for kind, system, code, label in (
        ("condition", "icd10cm", "M17.11", "Osteoarthritis of right knee"),
        ("condition", "icd10cm", "E11.9", ""),
        ("procedure", "local", "KNEE-1", "Knee class"),
        ("procedure", "cpt", "27447", "Total knee replacement"),
    ):
        CodeName.objects.create(kind=kind, code_system=system, code=code, label=label, data_class="general")


def keys(found):
    return [one.key for one in found]


def test_what_our_people_have_stands_first_and_the_catalogue_after_it(ours):
    found = vocabulary.find_codes("knee osteoarthritis")
    assert keys(found)[:3] == ["icd10cm|M17.11", "icd10cm|M17|prefix", "icd10cm|M17.9"]
    assert [one.ours for one in found[:3]] == [True, False, False]


def test_a_code_that_stands_high_is_offered_with_all_below_it():
    first = vocabulary.find_codes("M17")[0]
    assert (first.key, first.label) == ("icd10cm|M17|prefix", "Osteoarthritis of knee")
    assert vocabulary.find_codes("M17.11")[0].key == "icd10cm|M17.11"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("breast cancer screening", "icd10cm|Z12.3|prefix"),
        ("screening mammogram", "cpt|77067"),
        ("27447", "cpt|27447"),
        ("new knee", "cpt|27447"),
        ("hemoglobin a1c", "cpt|83036"),
        ("high-dose flu", "cvx|135"),
    ],
)
def test_an_empty_clinic_still_finds_codes(typed, first):
    assert first in keys(vocabulary.find_codes(typed)[:5])


def test_a_code_stands_once_in_our_own_words(ours):
    found = [one for one in vocabulary.find_codes("knee") if one.code == "27447"]
    assert [(one.label, one.ours) for one in found] == [("Total knee replacement", True)]


def test_many_of_our_own_leave_some_places_to_the_reference():
    CodeName.objects.bulk_create(
        CodeName(kind="condition", code_system="local", code=f"D{n}", label=f"Diabetes {n}", data_class="general")
        for n in range(30)
    )
    found = vocabulary.find_codes("diabetes", limit=12)
    assert [one.ours for one in found] == [True] * 8 + [False] * 4


def test_a_kind_that_is_asked_for_bounds_what_is_offered(ours):
    assert {one.system for one in vocabulary.find_codes("knee", "procedure")} <= {"cpt", "hcpcs", "snomed", "local"}
    assert {one.system for one in vocabulary.find_codes("flu", "immunization")} == {"cvx"}
    assert vocabulary.find_codes("knee osteoarthritis", "medication") == []


def test_what_is_protected_says_so_also_from_the_reference():
    first = vocabulary.find_codes("opioid dependence")[0]
    assert first.code.startswith("F11")
    assert first.data_class == "sud_part2"
    wide = reference.CodeFound("icd10cm", "F", "", "", "", prefix=True)
    assert reference.class_of(wide) == "sud_part2"
    assert vocabulary.find_codes("knee osteoarthritis")[0].data_class == "general"


def test_labels_fall_back_to_the_reference(ours):
    asked = {
        ("icd10cm", "M17.11"), ("icd10cm", "E11.9"), ("icd10cm", "I10"), ("cpt", "77067"), ("local", "nothing"), ("cpt", "00000"),
    }  # fmt: skip
    assert vocabulary.code_names(asked) == {
        ("icd10cm", "M17.11"): "Osteoarthritis of right knee",
        ("icd10cm", "E11.9"): "Type 2 diabetes mellitus without complications",
        ("icd10cm", "I10"): "Essential (primary) hypertension",
        ("cpt", "77067"): "screening mammogram of both breasts",
    }
    assert vocabulary.find_codes("E11.9")[0].label == "Type 2 diabetes mellitus without complications"


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "'; DROP TABLE segments_codename; --", "\\m(", "a" * 200, "é", "*", "(((("]
)
def test_whatever_is_typed_is_no_error(typed, ours):
    assert isinstance(vocabulary.find_codes(typed), list)


def test_the_list_of_the_builder_tells_ours_from_the_catalogue(client, ana, ours):
    client.force_login(ana)
    asked = {"path": "0", "field": "codes", "s-0-codes": "M17", "here": "/", "purpose": "P2"}
    said = client.post(reverse("segments:codes"), asked, **HTMX).content.decode()
    assert said.count('value="choose:0:codes:icd10cm|M17|prefix"') == 1
    assert "All codes that begin with M17: Osteoarthritis of knee" in said
    assert said.index("Osteoarthritis of right knee") < said.index("From the catalogue") < said.index("M17.0")
