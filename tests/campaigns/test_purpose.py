"""The HIPAA class of a campaign, from its purpose and from who pays."""

from datetime import date

import pytest

from rapport.campaigns import purpose
from rapport.campaigns.models import Campaign
from rapport.consent import rules

DAY = date(2026, 11, 23)


def test_our_own_service_is_not_marketing() -> None:
    found = purpose.classify("P2", remunerated=False, on=DAY)
    assert not found.is_marketing
    assert found.clause.endswith("(2)(ii)(B)")


def test_our_own_service_becomes_marketing_when_a_third_party_pays() -> None:
    found = purpose.classify("P2", remunerated=True, on=DAY)
    assert found.needs_authorization
    assert "164.508(a)(3)(ii)" in found.clause


def test_a_paid_refill_reminder_stays_exempt() -> None:
    assert not purpose.classify("P4", remunerated=True, on=DAY).needs_authorization


def test_a_gift_of_nominal_value_is_marketing_but_exempt() -> None:
    found = purpose.classify("P8", remunerated=False, on=DAY)
    assert found.is_marketing
    assert not found.needs_authorization


def test_every_purpose_of_a_campaign_has_its_row_and_no_other_has() -> None:
    assert set(rules.in_force(DAY).purposes) == set(Campaign.Purpose.values)
    with pytest.raises(purpose.UnknownPurpose):
        purpose.classify("P14", remunerated=False, on=DAY)


@pytest.mark.parametrize("name", sorted(Campaign.Purpose.values))
@pytest.mark.parametrize("remunerated", [False, True])
def test_the_class_agrees_with_the_rules_that_decide_at_sending(name: str, remunerated: bool) -> None:
    """What a page explains must be what decides."""
    found, decides = purpose.classify(name, remunerated, on=DAY), rules.in_force(DAY).purposes[name]
    needs = decides.marketing == "always" or (decides.marketing == "if_remunerated" and remunerated)
    assert (found.needs_authorization or found.regime == "blocked") == (needs or decides.blocked)
    assert not decides.topics or found.topic in decides.topics
    assert (found.regime == "blocked") == decides.blocked
