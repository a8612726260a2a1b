"""The tables of the handbook, row by row: worlds and the policy's answers, and one row for each requirement of the reference.

`docs/handbook/permission.md` is rendered from the same files (`tools/handbook.py`).
"""

from pathlib import Path

import pytest
import yaml

from rapport.consent import policy
from rapport.consent.gates import GATES
from tests.spec.policy import worlds

HERE = Path(__file__).parent
ROWS = yaml.safe_load((HERE / "handbook.yaml").read_text())
REQUIREMENTS = yaml.safe_load((HERE / "requirements.yaml").read_text())


def check(row: dict) -> policy.Verdict:
    expected = "yes" if row["expect"] is True else row["expect"]
    verdict = policy.decide(worlds.facts(row.get("given", {})))
    assert worlds.answer(verdict) == expected, [(one.gate, one.passed, one.reason) for one in verdict.gates]
    assert [one.gate for one in verdict.gates] == [one.name for one in GATES], "every gate leaves its verdict"
    assert verdict.allowed == (not verdict.reasons)
    if "because" in row:
        assert row["because"] in next(one.reason for one in verdict.gates if one.gate == row.get("gate", verdict.gate))
    return verdict


@pytest.mark.parametrize("row", ROWS, ids=[row["says"] for row in ROWS])
def test_the_handbook(row):
    check(row)


@pytest.mark.parametrize("row", REQUIREMENTS, ids=[f"{row['id']} {row['says']}" for row in REQUIREMENTS])
def test_each_requirement_that_concerns_a_message(row):
    verdict = check(row)
    if "rule" in row:
        gate = next(one for one in verdict.gates if one.gate == row.get("gate", verdict.gate))
        assert gate.rule == row["rule"]
