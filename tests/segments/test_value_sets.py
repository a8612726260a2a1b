"""Value sets: every code well formed, every ICD-10-CM code in the official list, nothing twice, what is protected known as such."""

import re

import pytest
import yaml

from rapport.consent import code_classes
from rapport.consent import rules as rulebook
from rapport.segments import value_sets
from rapport.segments.catalogue import catalogue
from rapport.segments.language import CodeIs, HasCode
from rapport.segments.value_sets import BrokenValueSet

PROTECTED = {
    "substance-use": "sud_part2",
    "hiv-sti": "hiv_sti",
    "mental-health": "mental_health",
    "reproductive": "reproductive",
    "pregnancy-loss": "reproductive",
    "genetic": "genetic",
    "abuse": "abuse",
    "end-of-life-care": "end_of_life",
    "dementia": "mental_health",
    "depression-screening": "mental_health",
}
UNUSED = {"A61", "A62"}  # of the range A50 to A64 that the house policy names; ICD-10-CM has no code there
every = pytest.mark.parametrize("one", value_sets.all_sets(), ids=lambda one: one.slug)


def luhn(digits):
    """The check digit of LOINC (mod 10)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return (10 - total % 10) % 10


def verhoeff(digits):
    """Zero for a SNOMED CT identifier that is written without a slip."""
    times = [[(a + b) % 5 if a < 5 and b < 5 else 0 for b in range(10)] for a in range(10)]
    for a in range(10):
        for b in range(10):
            if a < 5 <= b:
                times[a][b] = 5 + (a + b - 5) % 5
            elif b < 5 <= a:
                times[a][b] = 5 + (a - 5 - b) % 5
            elif a >= 5:
                times[a][b] = (a - b) % 5
    turn, kept = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], list(range(10))
    check = 0
    for place, digit in enumerate(reversed(digits)):
        image = kept
        for _ in range(place % 8):
            image = [turn[one] for one in image]
        check = times[check][image[int(digit)]]
    return check


def is_well_formed(code: CodeIs) -> bool:
    text = code.code
    if code.prefix:
        begins = {"icd10cm": r"[A-Z][0-9A-Z]{0,2}(\.[0-9A-Z]{1,4})?", "cpt": r"\d{2,4}", "hcpcs": r"[A-V]\d{1,3}"}
        return bool(re.fullmatch(begins[code.system], text))
    if code.system == "loinc":
        return bool(re.fullmatch(r"\d{1,7}-\d", text)) and luhn(text[:-2]) == int(text[-1])
    if code.system == "snomed":
        return bool(re.fullmatch(r"\d{6,18}", text)) and verhoeff(text) == 0
    shapes = {
        "cpt": r"\d{4}[0-9FTU]",
        "hcpcs": r"[A-V]\d{4}",
        "cvx": r"\d{2,3}",
        "rxnorm": r"\d{1,8}",
        "icd10pcs": r"[0-9A-HJ-NP-Z]{7}",
    }
    return bool(re.fullmatch(shapes[code.system], text))


def test_the_checks_know_a_slip():
    assert is_well_formed(CodeIs("snomed", "44054006"))
    assert not is_well_formed(CodeIs("snomed", "44054016"))
    assert is_well_formed(CodeIs("loinc", "4548-4"))
    assert not is_well_formed(CodeIs("loinc", "4548-5"))
    assert not is_well_formed(CodeIs("cpt", "7706"))


@every
def test_every_code_is_well_formed(one):
    assert [code for code in one.codes if not is_well_formed(code)] == []


@every
def test_every_icd_code_stands_in_the_official_list(one):
    asked = [code.code for code in one.codes if code.system == "icd10cm"]
    assert [code for code in asked if not catalogue().covers(code) and code not in UNUSED] == []


@every
def test_a_set_says_where_it_is_from_and_what_it_is_called(one):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.slug)
    assert len(one.slug) <= 40
    assert one.name
    assert one.name_es
    assert one.source
    assert one.unverified or not re.search(r"memory|secondary", one.source)


@every
def test_a_set_fits_into_one_criterion_and_holds_no_code_twice(one):
    assert len(set(one.codes)) == len(one.codes) <= 2_000
    HasCode(codes=one.codes)


def test_no_two_sets_share_a_slug_or_a_name():
    told = [row for file in value_sets.FOLDER.glob("*.yaml") for row in yaml.safe_load(file.read_text())]
    assert len(told) == len(value_sets.all_sets()) > 90
    for said in ("slug", "name", "name_es"):
        assert len({row[said] for row in told}) == len(told), said


@pytest.mark.parametrize(("slug", "data_class"), sorted(PROTECTED.items()))
def test_a_protected_set_is_known_as_protected(slug, data_class):
    assert data_class in value_sets.get(slug).data_classes


@pytest.mark.parametrize("slug", ["substance-use", "hiv-sti", "mental-health", "abuse", "end-of-life-care"])
def test_every_code_of_a_protected_set_is_protected(slug):
    one = value_sets.get(slug)
    open_ = [code for code in one.codes if not code_classes.touched(code.system, code.code, by_beginning=code.prefix)]
    assert open_ == [] or slug == "end-of-life-care"


def test_what_marketing_chooses_by_is_not_protected():
    delicate = {one.slug for one in value_sets.all_sets() if one.data_classes}
    assert delicate == set(PROTECTED)


def test_a_set_takes_its_codes_from_the_rule_and_has_none_of_its_own():
    programme = next(row for row in rulebook.rows() if row.id == "HOUSE-PROGRAMME-MAMMOGRAM")
    done = next(part for part in programme.parameters["done"] if part["words"] == "a mammogram")
    told = {(system, code) for system, codes in done["codes"].items() for code in codes}
    assert {(one.system, one.code) for one in value_sets.get("mammogram").codes} == told


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("diabetes", "diabetes"),
        ("mamo", "mammogram"),
        ("breast cancer screening", "mammogram-screening"),
        ("colonoscopy", "colonoscopy"),
        ("hip knee repl", "joint-replacement"),
        ("flu", "flu-shot"),
        ("heart attack", "heart-attack"),
        ("cirugia peso", "bariatric-surgery"),
        ("presión alta", "high-blood-pressure"),
        ("ER", "emergency-visit"),
    ],
)
def test_a_set_is_found_by_words_of_either_language(typed, slug):
    assert slug in [one.slug for one in value_sets.find(typed)[:2]]


@pytest.mark.parametrize("typed", ["", "  ", "!?", "xyzzy", "diabetes xyzzy"])
def test_other_words_find_nothing(typed):
    assert value_sets.find(typed) == []


def test_a_set_is_asked_by_its_slug():
    assert value_sets.get("diabetes").name_in("es-MX") == "Diabetes"
    assert CodeIs("icd10cm", "E11", prefix=True) in value_sets.get("diabetes").codes
    with pytest.raises(KeyError):
        value_sets.get("no-such-set")


def test_codes_have_our_short_words():
    assert value_sets.words_of("cpt", "27447") == "new knee"
    assert value_sets.words_of("cpt", "00000") == ""


@pytest.mark.parametrize(
    "told",
    [
        "- {slug: a, name: A, name_es: A, source: s}",
        "- {slug: a, name: A, name_es: A, source: s, takes: [{rule: NO-SUCH-RULE}]}",
        "- {slug: a, name: A, name_es: A, source: s, takes: [{rule: HOUSE-PROGRAMME-COLON, done: nothing}]}",
        "- {slug: a, name: A, name_es: A, source: s, code: {cpt: ['1']}}",
        "- {slug: a, name: A, name_es: A, source: s, codes: {cpt: [1]}}",
        "- {slug: a, name: A, name_es: A, source: s, codes: {cpt: ['27447']}}\n" * 2,
        "- [",
    ],
)
def test_a_broken_file_is_refused(told, tmp_path, monkeypatch):
    (tmp_path / "sets.yaml").write_text(told)
    monkeypatch.setattr(value_sets, "FOLDER", tmp_path)
    with pytest.raises(BrokenValueSet):
        value_sets._sets.__wrapped__()
