"""The compiled text of definitions that matter, kept in files: a change of it is seen in review."""

import os
from datetime import date
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from rapport.segments import compiler
from rapport.segments.days import AsOf
from rapport.segments.language import (
    GROUPS,
    LEAVES,
    Age,
    All,
    Anniversary,
    Any_,
    AtLocation,
    Bucket,
    Calendar,
    Capped,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    Held,
    HouseholdSize,
    InSegment,
    Insured,
    IsKnown,
    KnownSince,
    Last,
    LivesIn,
    LivesWith,
    Money,
    Next,
    None_,
    Observed,
    Sequence,
    Sex,
    Speaks,
    Step,
    TraitIs,
    Wishes,
    leaves,
    walk,
)  # fmt: skip

KEPT = Path(__file__).parent / "sql"
TODAY = AsOf(date(2026, 3, 4))
DEFINITIONS = {
    "everybody": All(),
    "nobody": Any_(),
    "mammogram overdue": All((
        Age(50, 74), Sex(("F",)), LivesIn(zips=("01852", "018")),
        None_((HasCode((CodeIs("cpt", "77067"), CodeIs("icd10cm", "Z12.3", True)), kind="procedure", within=Last(27, "month")),)),
        Consented("email", "health_services"),
        Any_((Happened("message_opened", within=Last(90)), Happened("portal_login", within=Last(30)))),
    )),
    "counts": All((Encountered(3), Encountered(2, 4, service_lines=(1, 2)), Encountered(at_most=0), Encountered(0, 2), Encountered(0))),
    "diabetes out of control": All((
        HasCode((CodeIs("icd10cm", "E11", True),), but_not=(CodeIs("icd10cm", "E11.9"),), active=True, held=Held(at_least=90)),
        Observed((CodeIs("loinc", "4548-4"),), above=9, unit="%", within=Last(1, "year")), None_((HasAppointment(),)),
    )),
    "consult without surgery": Sequence(
        Step("encounter", service_lines=(2,)), Step("procedure", codes=(CodeIs("cpt", "2744", True),)), 90, True, Last(1, "year")
    ),
    "consult and then surgery": Sequence(Step("encounter"), Step("procedure")),
    "valuable and insured": All((Money("margin", at_least=500, within=Last(3, "year")), Insured(("commercial",)))),
    "spent little": Money("payments", at_most=20),
    "families": All((HouseholdSize(3), LivesWith((Age(at_most=17), Encountered(within=Last(1, "year")))))),
    "measured again and again": Any_((
        Observed((CodeIs("loinc", "8480-6"),), "all", at_least=140), Observed((CodeIs("loinc", "8480-6"),), "any", at_most=90),
        Observed((CodeIs("loinc", "8480-6"),), "earliest", below=120.5),
    )),
    "birthdays and anniversaries": Any_((
        Anniversary("birth_month", Calendar("month", 1)), Anniversary("first_visit", Next(1)), KnownSince(Calendar("quarter", -1)),
    )),
    "a drawn pilot": Capped(5_000, "pilot", (Bucket("pilot", 0, 999), InSegment((4,), Held(at_most=30)), IsKnown("household"))),
    "leave me alone": Any_((Wishes(("too_much", "paused", "limited")), Consented("email", "care", "withdrawn", Held(at_most=30)))),
    "active knee": HasCode((CodeIs("snomed", "239873007"),), active=True, within=Last(1, "year")),
    "deep": None_((Any_((None_((Sex(("F",)), TraitIs("gap.mammogram", ("open",)))), All((Age(at_most=17), TraitIs("s", at_least=0.1))))),)),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_statement_is_the_one_that_was_looked_at(name):
    node = DEFINITIONS[name]
    parts = [compiler.compile(node, TODAY), *(compiler.leaf_set(leaf, TODAY) for leaf in leaves(node))]
    text = ";\n\n".join(part.sql(dialect="duckdb", pretty=True) for part in parts) + ";\n"
    file = KEPT / f"{name.replace(' ', '_')}.sql"
    if os.environ.get("REWRITE_SNAPSHOTS"):
        file.write_text(text)
    assert text == file.read_text(), "if the new text is meant, run again with REWRITE_SNAPSHOTS=1"


def test_every_word_of_the_language_stands_in_a_statement_that_was_looked_at():
    words = {type(one) for node in DEFINITIONS.values() for _path, one in walk(node)}
    plain = {Age, Sex, AtLocation, Speaks}  # seen in the statements of others, or as simple as these
    assert {*LEAVES, *GROUPS} - words <= plain


def test_a_criterion_that_stands_twice_is_one_step():
    visit = Encountered(within=Last(30))
    made = compiler.compile(Any_((All((visit, Sex(("F",)))), None_((visit,)))), TODAY)
    assert [step.alias for step in made.find_all(exp.CTE)] == ["step_1_encountered"]


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "postgres"])
def test_the_same_tree_is_readable_sql_for_other_engines(dialect):
    for node in DEFINITIONS.values():
        text = compiler.sql(compiler.compile(node, TODAY), dialect)
        assert isinstance(sqlglot.parse_one(text, dialect=dialect), exp.Select)
