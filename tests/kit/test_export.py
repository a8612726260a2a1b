"""Tables for spreadsheets: no cell can be taken for a formula, and numbers stay numbers."""

import ast
import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.kit import export
from tests.house.tree import imports, modules, place


def read(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1 617", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_what_a_spreadsheet_could_take_for_a_formula_is_defused(text):
    assert read(export.table(["a"], [[text]]))[1][0] == "'" + text


def test_numbers_dates_and_nothing_stay_what_they_are():
    rows = read(export.table(["a"], [[-5, Decimal("-1.5"), date(2026, 3, 4), None, True, "plain"]]))
    assert rows[1] == ["-5", "-1.5", "2026-03-04", "", "yes", "plain"]


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1))
def test_every_text_comes_back_whole_and_harmless(cells):
    back = read(export.table(["x"] * len(cells), [cells]))[1]
    for was, now in zip(cells, back, strict=True):
        assert now in {was, "'" + was}
        assert not now.lstrip(" ").startswith(export.DANGEROUS)


def test_no_other_module_writes_csv():
    """Reading is free; a writer of one's own would let formulas through."""
    writers = {"writer", "DictWriter"}
    found = [
        place(p)
        for p, tree in modules().items()
        if "csv" in imports(tree)
        and p.name != "export.py"
        and any(isinstance(node, ast.Attribute | ast.alias) and _name(node) in writers for node in ast.walk(tree))
    ]
    assert found == []


def _name(node: ast.Attribute | ast.alias) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.name
