"""The table of safe harbor, row by row; what may not leave; and the manifest that answers for the file."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rapport.governance import deidentify
from rapport.governance.deidentify import NotSafe, safe_harbor

TABLE = yaml.safe_load(Path(__file__).with_name("deidentify.yaml").read_text())
ON = TABLE["as_of"]


def rows_of(case):
    if "each" not in case:
        return [case["given"]]
    ((field, values),) = case["each"].items()
    return [{field: value} for value in values]


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["id"])
def test_the_table(case):
    rows = rows_of(case)
    assert safe_harbor(rows, [case["column"]], on=ON).rows == tuple((case["expect"],) for _ in rows), case["says"]


def test_the_list_of_small_areas_has_seventeen():
    assert len(deidentify.table(ON).small) == 17


@pytest.mark.parametrize("column", TABLE["refused"])
def test_what_identifies_or_is_unknown_refuses_the_whole_export(column):
    with pytest.raises(NotSafe, match=column):
        safe_harbor([{column: "x"}], ["sex", column], on=ON)


def test_without_a_list_in_force_nothing_is_de_identified():
    with pytest.raises(NotSafe, match="No list"):
        safe_harbor([], ["zip3"], on=date(2001, 1, 1))


def test_the_manifest_says_what_was_done_by_which_edition():
    made = safe_harbor([{"zip5": "03601", "sex": "F"}], ["zip3", "sex"], on=ON, attestation="Cole, no other knowledge")
    told = made.manifest
    assert (told.zip3_rule, told.zip3_version, told.rows) == ("US-HIPAA-ZIP3-2000", 1, 1)
    assert "HHS guidance" in told.zip3_authority
    assert set(told.columns) == {"zip3", "sex"}
    assert told.digest != safe_harbor([{"zip5": "01852", "sex": "F"}], ["zip3", "sex"], on=ON).manifest.digest


TEXT = st.text(min_size=1, max_size=40)


@given(st.dictionaries(st.sampled_from(sorted({source for source, _, _ in deidentify.CHANGES.values()})), TEXT))
def test_no_free_text_gets_through_any_column(row):
    """Names are longer than a state and have no place in any vocabulary: with a capital, a blank or a comma they never leave."""
    named = {field: f"Zorblina {value}, Quixwaffel" for field, value in row.items()}
    made = safe_harbor([named], list(deidentify.CHANGES), on=ON)
    assert not any("Zorblina" in str(value) or "Quixwaffel" in str(value) for value in made.rows[0])


@given(st.dates(date(1880, 1, 1), ON))
def test_nobody_over_89_can_be_told_apart(born):
    age, year = safe_harbor([{"birth_date": born}], ["age", "birth_year"], on=ON).rows[0]
    assert (age == "90+") == (year == "90+") == (deidentify.age_on(born, ON) > 89)
