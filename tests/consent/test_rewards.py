"""Rewards are written down only within the caps, and the ledger of rewards refuses to be changed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from rapport.consent import rewards
from rapport.consent.inducements import Gift
from rapport.consent.models import Reward
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
BOTTLE = Gift(kind="item", what="Water bottle", retail_cents=1500, payer_class="medicare")


def give(by, who, gift=BOTTLE, now=NOW):
    return rewards.give(by=by, person_id=who.pk, gift=gift, now=now)


def test_a_sixth_bottle_in_a_year_is_refused_and_leaves_no_row(bea, pat, quinn):
    """Golden 22."""
    for month in range(5):
        give(bea, pat, now=NOW - timedelta(days=30 * month))
    with pytest.raises(rewards.NotAllowed, match=r"\$90.00.*1003.110"):
        give(bea, pat)
    assert Reward.objects.filter(person=pat).count() == 5
    assert AuditEntry.objects.filter(verb="reward.give").count() == 5
    give(bea, quinn)  # another person's account is her own


def test_a_gift_card_is_refused(bea, pat):
    """Golden 21."""
    card = Gift(kind="cash_equivalent", what="Gift card", retail_cents=2000, payer_class="medicare")
    with pytest.raises(rewards.NotAllowed, match="Cash"):
        give(bea, pat, card)
    assert not Reward.objects.exists()


@pytest.mark.parametrize(("what", "cents"), [("", 500), ("Mug", 0)])
def test_a_reward_without_name_or_value_is_refused(bea, pat, what, cents):
    with pytest.raises(rewards.NotAllowed, match="costs"):
        give(bea, pat, Gift(kind="item", what=what, retail_cents=cents))


def test_a_reward_can_not_be_taken_out_of_the_list(bea, pat):
    reward = give(bea, pat)
    for wrong in (lambda: Reward.objects.update(retail_cents=1), reward.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            wrong()
