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
    Age,
    All,
    Any_,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasCode,
    Last,
    LivesIn,
    None_,
    Sex,
    TraitIs,
    leaves,
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


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "postgres"])
def test_the_same_tree_is_readable_sql_for_other_engines(dialect):
    for node in DEFINITIONS.values():
        text = compiler.sql(compiler.compile(node, TODAY), dialect)
        assert isinstance(sqlglot.parse_one(text, dialect=dialect), exp.Select)
