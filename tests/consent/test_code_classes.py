"""How delicate a code is: the sets of clinical.md 3.5, by code and by name."""

import time

import pytest

from rapport.consent import code_classes
from rapport.consent.code_classes import class_of, touched
from rapport.people.models import DataClass


@pytest.mark.parametrize(
    ("system", "code", "wanted"),
    [
        ("icd10cm", "F11.20", "sud_part2"), ("icd10cm", "F17.210", "general"), ("icd10cm", "F19", "sud_part2"),
        ("icd10cm", "F32.9", "mental_health"), ("icd10cm", "F329", "mental_health"), ("icd10cm", " f32.9 ", "mental_health"),
        ("icd10cm", "F03.90", "mental_health"), ("icd10cm", "F64.0", "mental_health"),
        ("icd10cm", "B20", "hiv_sti"), ("icd10cm", "Z21", "hiv_sti"), ("icd10cm", "Z71.7", "hiv_sti"), ("icd10cm", "A50.9", "hiv_sti"),
        ("icd10cm", "A64", "hiv_sti"), ("icd10cm", "A49.9", "general"),
        ("icd10cm", "Z33.2", "reproductive"), ("icd10cm", "Z33.1", "general"), ("icd10cm", "O02.1", "reproductive"),
        ("icd10cm", "O03.9", "reproductive"), ("icd10cm", "O04.5", "reproductive"), ("icd10cm", "O36.4XX0", "reproductive"),
        ("icd10cm", "Z30.011", "reproductive"), ("icd10cm", "Z34.01", "general"),
        ("icd10cm", "Z15.01", "genetic"), ("icd10cm", "Z14.1", "genetic"), ("icd10cm", "Z31.430", "genetic"),
        ("icd10cm", "Z80.3", "genetic"),
        ("icd10cm", "T74.11XA", "abuse"), ("icd10cm", "T76.1", "abuse"), ("icd10cm", "M17.11", "general"),
        ("icd10cm", "Z51.5", "general"), ("icd10cm", "Z66", "general"),
        ("snomed", "7200002", "sud_part2"), ("snomed", "19169002", "reproductive"), ("snomed", "72000021", "general"),
        ("loinc", "44261-6", "mental_health"), ("cpt", "90837", "mental_health"), ("cpt", "59840", "reproductive"),
        ("cpt", "27447", "general"), ("hcpcs", "H0020", "sud_part2"), ("rxnorm", "351266", "sud_part2"),
    ],
)  # fmt: skip
def test_the_sets_say_how_delicate_a_code_is(system, code, wanted):
    assert class_of([(system, code)]) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Buprenorphine 2 MG / Naloxone 0.5 MG Sublingual Film", "sud_part2"), ("naltrexone 50 mg tab", "sud_part2"),
        ("Methadone Hydrochloride 10 MG", "sud_part2"), ("emtricitabine/tenofovir (Truvada)", "hiv_sti"),
        ("DOLUTEGRAVIR 50 MG", "hiv_sti"), ("nirmatrelvir 150 MG / ritonavir 100 MG", "general"),
        ("Misoprostol 0.2 MG Oral Tablet", "reproductive"), ("mifepristone 200 MG", "reproductive"),
        ("olanzapine 10 MG", "mental_health"), ("Lithium Carbonate 300 MG", "mental_health"),
        ("Atorvastatin 20 MG", "general"), ("", "general"),
    ],
)  # fmt: skip
def test_the_name_of_a_drug_gives_its_class_away(name, wanted):
    assert class_of([], [name]) == wanted


def test_the_strictest_class_of_a_record_wins():
    assert class_of([("icd10cm", "M17.11"), ("icd10cm", "F32.9"), ("icd10cm", "F11.20")]) == "sud_part2"
    assert class_of([("icd10cm", "F32.9")], ["buprenorphine"]) == "sud_part2"
    assert class_of([]) == "general"


@pytest.mark.parametrize(
    ("system", "code"),
    [("", ""), ("icd10cm", ""), ("icd10cm", "?!"), ("icd10cm", "." * 300), ("example.org/ours", "F11.20"), (None, None), ("icd10cm", 7),
     ("icd10cm", "FÜ")],
)  # fmt: skip
def test_what_is_no_code_is_general_and_no_error(system, code):
    assert class_of([(system, code)]) == "general"


@pytest.mark.parametrize(
    ("system", "code", "by_beginning", "classes"),
    [
        ("icd10cm", "F11.20", False, {"sud_part2"}),
        ("icd10cm", "F", True, {"sud_part2", "mental_health"}),
        ("icd10cm", "F17", True, set()),
        ("icd10cm", "M17", True, set()),
        (
            "icd10cm",
            "Z",
            True,
            {"hiv_sti", "reproductive", "genetic", "abuse", "mental_health", "sud_part2", "end_of_life"},
        ),
        ("icd10cm", "Z51.5", False, {"end_of_life"}),
        ("cpt", "90", True, {"mental_health"}),
        ("snomed", "7", True, {"sud_part2", "mental_health", "hiv_sti", "reproductive", "abuse"}),
    ],
)
def test_a_criterion_touches_every_class_that_it_may_match(system, code, by_beginning, classes):
    found = touched(system, code, by_beginning=by_beginning)
    assert {one.data_class for one in found} == classes


def test_every_class_written_on_a_record_is_one_we_know():
    written = {class_of([(system, code)]) for system, code in [("icd10cm", c) for c in ("Z51.5", "F11", "B20", "F2")]}
    assert written <= set(DataClass.values)
    assert set(DataClass.values) <= set(code_classes.STRICTNESS)


def test_a_look_up_is_quick():
    began = time.perf_counter()
    for _ in range(20_000):
        class_of([("icd10cm", "M17.11"), ("snomed", "239873007")])
    assert time.perf_counter() - began < 2.0
