"""The written form: stable, published, and refused with a place and a remedy when it is wrong."""

import json
from datetime import date
from pathlib import Path

import pytest

from rapport import segments
from rapport.segments.language import (
    Age,
    All,
    Any_,
    CodeIs,
    Encountered,
    HasCode,
    Known,
    Last,
    LivesIn,
    Misformed,
    None_,
    Sex,
    classes_used,
    parse,
    schema,
    to_json,
)
from rapport.segments.language.reading import DEEPEST

PUBLISHED = Path(segments.__file__).with_name("schema.json")


def definition(who: object) -> str:
    return json.dumps({"version": 1, "who": who})


def test_the_published_schema_is_the_schema_of_the_code():
    assert json.loads(PUBLISHED.read_text()) == schema(), (
        "write it anew: json.dumps(schema(), indent=2, sort_keys=True)"
    )


def test_the_written_form_is_stable():
    node = All((Age(50, 74), None_((HasCode((CodeIs("cpt", "77067"),), kind="procedure", within=Last(27, "month")),))))
    assert to_json(node) == (
        '{"version":1,"who":{"is":"all","of":[{"is":"age","at_least":50,"at_most":74},{"is":"none","of":[{"is":"has_code",'
        '"codes":[{"system":"cpt","code":"77067"}],"kind":"procedure","within":{"window":"last","count":27,"unit":"month"}}]}]}}'
    )


@pytest.mark.parametrize(
    ("written", "place", "remedy"),
    [
        (definition({"is": "all", "of": [{"is": "sex", "one_of": ["F"]}, {"is": "age", "at_least": "x"}]}), "Part 2, “at_least”", "int"),
        (definition({"is": "any", "of": [{"is": "none", "of": [{"is": "age", "at_least": 9, "at_most": 3}]}]}),
        "Part 1 › part 1", "Correct"),
        (definition({"is": "al"}), "The definition", "“al” is no word"),
        (definition({"is": "age", "at_least": 900}), "“at_least”", "<= 130"),
        (definition({"is": "sex", "one_of": ["F"], "sql": "x"}), "The definition", "Remove “sql”"),
        (definition({"is": "lives_in", "zips": ["0'; DROP TABLE event"]}), "“zips[0]”", "wrong characters"),
        (definition({"is": "trait_is", "name": "nul\x00byte"}), "“name”", "wrong characters"),
        (json.dumps({"version": 2, "who": {"is": "all"}}), "“version”", "not a choice"),
        (json.dumps({"who": {"is": "all"}}), "The definition", "Add “version”"),
        ("{", "The definition", "Write {"),
        ("[" * 100_000, "The definition", "Write a value of the kind object"),
        (definition({"is": "all"})[:-1], "The definition", "Write {"),
        ('{"version":1,"who":' + '{"is":"all","of":[' * 3_000 + "]}" * 3_000 + "}", "The definition", ""),
        ('{"version":1,"who":' + '{"is":"all","of":[' * (DEEPEST + 2) + "]}" * (DEEPEST + 2) + "}", "Part 1", "fewer groups"),
        (definition({"is": "all", "of": [{"is": "all"}] * 1_200}), "The definition", "Split it"),
        ("\ud800".encode("utf-8", "surrogatepass"), "The definition", "Write {"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_place_and_a_remedy(written, place, remedy):
    with pytest.raises(Misformed) as refused:
        parse(written)
    assert place in refused.value.place
    assert remedy in refused.value.remedy


def test_a_definition_is_also_read_from_plain_values():
    assert parse({"version": 1, "who": {"is": "all", "of": []}}) == All()


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        (CodeIs("icd10cm", "M17.11"), set()),
        (CodeIs("icd10cm", "F11.20"), {"sud_part2"}),
        (CodeIs("icd10cm", "F17.210"), set()),
        (CodeIs("icd10cm", "F32.1"), {"mental_health"}),
        (CodeIs("icd10cm", "F", prefix=True), {"mental_health", "sud_part2"}),
        (CodeIs("icd10cm", "B", prefix=True), {"hiv_sti"}),
        (CodeIs("icd10cm", "O80"), set()),
        (CodeIs("icd10cm", "O", prefix=True), {"reproductive", "mental_health", "sud_part2", "hiv_sti", "abuse"}),
        (CodeIs("local", "D1"), {"sud_part2"}),
        (CodeIs("local", "D", prefix=True), {"sud_part2"}),
        (CodeIs("local", "E", prefix=True), set()),
    ],
)
def test_the_delicate_classes_that_a_definition_touches_are_known(code, classes):
    known = Known(codes={("local", "D1"): "sud_part2", ("local", "G1"): "general"})
    node = Any_((Sex(("F",)), None_((HasCode((code,)),))))
    assert classes_used(node, known) == classes


def test_an_empty_question_about_places_is_refused():
    with pytest.raises(ValueError, match="Name at least one"):
        LivesIn()


def test_days_are_written_as_dates():
    assert '"on":"2026-03-04"' in to_json(Age(18, on=date(2026, 3, 4)))
    assert parse(to_json(Encountered(within=Last(3)))) == Encountered(within=Last(3))
