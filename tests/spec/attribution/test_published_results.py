"""Our intervals against published ones: the table is `intervals.yaml`."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rapport.attribution import roi

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "intervals.yaml").read_text())


def _arm(came: int, people: int) -> roi.Arm:
    """Everybody who came brought 1."""
    return roi.Arm(people, came, float(came), float(came))


@pytest.mark.parametrize("row", TABLE["newcombe"], ids=lambda row: f"{row['one']} against {row['other']}")
def test_the_interval_of_the_lift_is_newcombes(row: dict[str, Any]) -> None:
    found = roi.rate_difference(_arm(*row["one"]), _arm(*row["other"]))
    assert found.low == pytest.approx(row["low"], abs=6e-5)
    assert found.high == pytest.approx(row["high"], abs=6e-5)


@pytest.mark.parametrize("row", TABLE["hillstrom"], ids=lambda row: row["mail"])
def test_the_hillstrom_lift_is_the_reported_one(row: dict[str, Any]) -> None:
    found = roi.rate_difference(_arm(*row["mailed"]), _arm(*row["none"]))
    assert found.value == pytest.approx(row["effect"], abs=6e-5)
    assert (found.high - found.low) / (2 * 1.959964) == pytest.approx(row["error"], abs=6e-5)


@pytest.mark.parametrize("row", TABLE["hillstrom"], ids=lambda row: row["mail"])
def test_margins_that_are_all_one_give_nearly_the_interval_of_the_rate(row: dict[str, Any]) -> None:
    """With constant margins the interval of the mean is Wilson's with Student's quantile."""
    one, other = _arm(*row["mailed"]), _arm(*row["none"])
    rate, mean = roi.rate_difference(one, other), roi.mean_difference(one, other)
    assert (mean.value, mean.low, mean.high) == pytest.approx((rate.value, rate.low, rate.high), rel=1e-3)


@pytest.mark.parametrize("row", TABLE["hillstrom_money"], ids=lambda row: row["mail"])
def test_the_hillstrom_roi_is_the_reported_one(row: dict[str, Any]) -> None:
    """The squares are not published; the ratio of squares to sums is the one that gives the published standard error."""
    none, margin = TABLE["no_mail"], TABLE["assumed"]["margin"]
    arms = [(row["people"], row["buyers"], row["spend"]), (none["people"], none["buyers"], none["spend"])]
    ratio = (row["error"] ** 2 + sum(mean**2 / people for people, _, mean in arms)) / sum(
        mean / people for people, _, mean in arms
    )
    mailed, left = [
        roi.Arm(people, buyers, people * mean * margin, people * mean * ratio * margin**2)
        for people, buyers, mean in arms
    ]
    cost = row["people"] * TABLE["assumed"]["cost"]
    found = roi.incremental(mailed, left, cost)
    assert found.roi is not None
    assert mailed.total / cost == pytest.approx(row["gross"], abs=0.006)
    assert found.roi.value == pytest.approx(row["incremental"], abs=0.006)
    assert found.roi.low == pytest.approx(row["low"], abs=0.06)
    assert found.roi.high == pytest.approx(row["high"], abs=0.06)
