"""The table of papers, row by row: all there is valid, each element missing is void with its code (`authorizations.yaml`)."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
import yaml

from rapport.consent import authorizations
from rapport.consent.authorizations import DEFECTS, Paper

TODAY = date(2026, 3, 4)
ROWS = yaml.safe_load((Path(__file__).parent / "authorizations.yaml").read_text())
COMPLETE = {
    "information": "Date and type of my knee surgery",
    "discloser": "Riverbend Clinic",
    "recipient": "Riverbend marketing",
    "purposes": ["P7"],
    "expires_at": "2027-02-01T05:00:00Z",
    "signed_on": "2026-02-01",
    "signature": "on paper",
    "says_revocation": True,
    "says_conditioning": True,
    "says_redisclosure": True,
    "says_remuneration": True,
    "says_refusal": True,
    "is_plain": True,
    "copy_given_at": "2026-02-01T15:00:00Z",
}


def found(row: dict) -> tuple[str, ...]:
    paper = msgspec.convert(COMPLETE | row.get("change", {}), Paper)
    return authorizations.defects(paper, on=TODAY, ended=row.get("ended", False))


@pytest.mark.parametrize("row", ROWS, ids=[row["says"] for row in ROWS])
def test_a_paper_is_void_exactly_for_what_it_lacks(row):
    expected = () if row["expect"] == "valid" else tuple(row["expect"])
    assert found(row) == expected


def test_every_defect_has_a_row_of_its_own():
    alone = {row["expect"][0] for row in ROWS if row["expect"] != "valid" and len(row["expect"]) == 1}
    assert alone == set(DEFECTS)


def test_an_empty_paper_has_every_missing_element_named_once():
    codes = authorizations.defects(Paper(kind="part2"), on=TODAY, ended=False)
    assert len(codes) == len(set(codes)) == 13


def test_each_defect_reads_as_a_sentence_with_its_clause():
    for defect in authorizations.explain(list(DEFECTS)):
        assert defect.sentence.endswith("."), defect.code
        assert "CFR" in defect.clause_for("authorization"), defect.code
        assert "CFR" in defect.clause_for("part2"), defect.code
    assert DEFECTS["no_purpose"].clause_for("part2") == "42 CFR 2.31(a)(5)"
