"""Make tests/campaigns/experiment/experiments.json.xz: a thousand random experiments of ours with the answers of gbstats.

    uv venv build/oracle && uv pip install -p build/oracle -r requirements/oracle.lock && build/oracle/bin/python tools/experiment_oracle.py

gbstats (MIT, by GrowthBook) wants an old numpy, so it lives in an environment of its own and is no dependency of Rapport. Its
version is pinned in requirements/oracle.in and written into the file. The experiments are drawn by us from a fixed seed.
"""

import json
import lzma
import math
import random
from importlib.metadata import version
from pathlib import Path

from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import ProportionStatistic, SampleMeanStatistic
from gbstats.utils import check_srm

OUT = Path(__file__).resolve().parents[1] / "tests" / "campaigns" / "experiment" / "experiments.json.xz"
SEED, COUNT, PINNED = 20261126, 1_000, "0.8.0"


def main() -> None:
    if version("gbstats") != PINNED:
        raise SystemExit(f"this needs gbstats {PINNED}, here is {version('gbstats')}")
    luck = random.Random(SEED)
    told = {"gbstats": PINNED, "seed": SEED, "experiments": [experiment(luck) for _ in range(COUNT)]}
    OUT.write_bytes(lzma.compress(json.dumps(told, separators=(",", ":")).encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{OUT.name}: {COUNT} experiments, gbstats {PINNED}, {OUT.stat().st_size} bytes")


def experiment(luck: random.Random) -> dict:
    """One experiment of two to five arms, some with hardly anybody or without any success; every arm against the first."""
    is_share = luck.random() < 0.6
    weights = [round(luck.uniform(0.5, 3), 2) for _ in range(luck.randint(2, 5))]
    size = math.exp(luck.uniform(math.log(4), math.log(200_000)))
    base, spread = math.exp(luck.uniform(math.log(0.004), math.log(0.9))), luck.uniform(0.2, 3)
    arms = []
    for weight in weights:
        people = max(2, round(size * weight / sum(weights) * luck.uniform(0.9, 1.1)))
        arms.append(share(luck, people, base) if is_share else mean(luck, people, base * 300, spread))
    relative, alpha = luck.random() < 0.5, luck.choice([0.01, 0.05, 0.1])
    tuned = luck.choice([500, 5_000, 50_000])
    prior = [round(luck.uniform(-0.1, 0.1), 4), round(luck.uniform(0.001, 0.5), 4)] if luck.random() < 0.5 else None
    asked = {"relative": relative, "alpha": alpha, "tuned": tuned, "prior": prior}
    return {
        "arms": arms, "weights": weights, **asked,
        "srm": check_srm([one["people"] for one in arms], weights),
        "against_first": [answers(arms[0], one, **asked) for one in arms[1:]],
    }  # fmt: skip


def share(luck: random.Random, people: int, base: float) -> dict:
    rate = min(max(base * luck.uniform(0.7, 1.4), 0), 1)
    return {"people": people, "total": min(people, max(0, round(luck.gauss(people * rate, math.sqrt(people * rate)))))}


def mean(luck: random.Random, people: int, base: float, spread: float) -> dict:
    level = base * luck.uniform(0.7, 1.4)
    few = [max(0.0, luck.gauss(level, level * spread)) for _ in range(min(people, 60))]
    times = people / len(few)
    return {"people": people, "total": sum(few) * times, "squares": sum(one * one for one in few) * times}


def answers(one: dict, other: dict, *, relative: bool, alpha: float, tuned: float, prior: list[float] | None) -> dict:
    first, second, kind = statistic(one), statistic(other), "relative" if relative else "absolute"
    fixed = TwoSidedTTest(first, second, FrequentistConfig(difference_type=kind, alpha=alpha)).compute_result()
    running = SequentialTwoSidedTTest(
        first, second, SequentialConfig(difference_type=kind, alpha=alpha, sequential_tuning_parameter=tuned)
    ).compute_result()
    belief = GaussianPrior(*prior, proper=True) if prior else GaussianPrior()
    bayes = EffectBayesianABTest(
        first, second, EffectBayesianConfig(difference_type=kind, alpha=alpha, prior_effect=belief, prior_type=kind)
    ).compute_result()
    return {
        "fixed": None if fixed.error_message else [fixed.expected, *fixed.ci, fixed.p_value],
        "sequential": None if running.error_message else [running.expected, *running.ci, running.p_value],
        "bayes": None
        if bayes.error_message
        else [finite(one) for one in (bayes.expected, *bayes.ci, bayes.chance_to_win, *bayes.risk)],
    }


def statistic(arm: dict) -> ProportionStatistic | SampleMeanStatistic:
    if "squares" in arm:
        return SampleMeanStatistic(n=arm["people"], sum=arm["total"], sum_squares=arm["squares"])
    return ProportionStatistic(n=arm["people"], sum=arm["total"])


def finite(number: float) -> float | None:
    """gbstats has no number for a risk far out in the tail."""
    return float(number) if math.isfinite(number) else None


if __name__ == "__main__":
    main()
