"""A thousand random experiments, answered by gbstats 0.8.0 and by us (`tools/experiment_oracle.py` makes the file)."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from rapport.campaigns.experiment import compare, split
from rapport.campaigns.experiment.sample import Sample

FILE = Path(__file__).parent / "experiments.json.xz"
CLOSE = 1e-6


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lzma.decompress(FILE.read_bytes()))
    return found


def test_a_thousand_experiments_agree_with_gbstats_to_a_millionth(told: dict[str, Any]) -> None:
    assert told["gbstats"] == "0.8.0"
    assert len(told["experiments"]) == 1_000
    compared, silent, wrong = 0, 0, []
    for number, one in enumerate(told["experiments"]):
        arms = [Sample(**arm) for arm in one["arms"]]
        if not near(split.mismatch([arm.people for arm in arms], one["weights"]), one["srm"]):
            wrong.append(f"{number}: split")
        for other, answers in zip(arms[1:], one["against_first"], strict=True):
            for way, ours in ours_of(arms[0], other, one).items():
                compared += 1
                silent += answers[way] is None
                if not agree(ours, answers[way]):
                    wrong.append(f"{number} {way}: {ours} is not {answers[way]}")
    assert not wrong, "\n".join(wrong[:20])
    assert compared > 6_000
    assert 0 < silent < compared / 4, "some have nothing to say, most do"


def ours_of(first: Sample, other: Sample, asked: dict[str, Any]) -> dict[str, list[float] | None]:
    same = {"relative": asked["relative"], "alpha": asked["alpha"]}
    prior = compare.Prior(*asked["prior"]) if asked["prior"] else None
    fixed = compare.fixed(first, other, **same)
    running = compare.sequential(first, other, **same, tuned_to=asked["tuned"])
    bayes = compare.bayes(first, other, **same, prior=prior)
    return {
        "fixed": [fixed.value, fixed.low, fixed.high, fixed.p] if fixed else None,
        "sequential": [running.value, running.low, running.high, running.p] if running else None,
        "bayes": [
            bayes.value, bayes.low, bayes.high, bayes.chance_to_win, bayes.risk_first, bayes.risk_second,
        ] if bayes else None,
    }  # fmt: skip


def agree(ours: list[float] | None, theirs: list[float | None] | None) -> bool:
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return all(their is None or near(our, their) for our, their in zip(ours, theirs, strict=True))


def near(ours: float, theirs: float) -> bool:
    """To a millionth of the number itself, or to nothing."""
    return abs(ours - theirs) <= CLOSE * abs(theirs) + 1e-9
