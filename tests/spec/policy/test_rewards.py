"""The table of rewards, row by row (`rewards.yaml`), with the caps that are in force on that day."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from rapport.consent import inducements
from rapport.consent.inducements import Gift, Given

TODAY = date(2026, 3, 4)
ROWS = yaml.safe_load((Path(__file__).parent / "rewards.yaml").read_text())


@pytest.mark.parametrize("row", ROWS, ids=[row["says"] for row in ROWS])
def test_a_reward_is_given_or_refused_with_its_reason(row):
    wish = row["gift"]
    gift = Gift(
        kind=wish["kind"],
        what="a reward",
        retail_cents=round(wish["usd"] * 100),
        payer_class=wish.get("payer", ""),
        exception=wish.get("exception", ""),
    )
    before = [Given(one["day"], one["usd"] * 100, one.get("exception", "")) for one in row.get("before", [])]
    answer = inducements.may_give(gift, before=before, cap=inducements.cap_on(TODAY), on=TODAY)
    if row["expect"] is True:
        assert answer.allowed, answer.reason
    else:
        assert not answer.allowed
        assert answer.reason.startswith(row["expect"].removeprefix("no: ")), answer.reason
    assert answer.rule == "US-CMP-INDUCEMENTS"


def test_before_there_was_a_rule_nothing_may_be_given():
    with pytest.raises(inducements.NoRule):
        inducements.cap_on(date(2016, 12, 6))
