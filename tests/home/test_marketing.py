"""The marketer's Today: what moved is told of campaigns that can be measured."""

from decimal import Decimal
from types import SimpleNamespace

from rapport.campaigns import actions
from rapport.home import marketing
from tests.campaigns import clinic
from tests.campaigns.conftest import world

__all__ = ["world"]


def test_what_moved_leaves_out_what_has_no_control_group(world, ana, now):
    world(6)
    plain = clinic.campaign(ana, now, holdout_percent=Decimal(0))
    measured = clinic.campaign(ana, now, holdout_percent=Decimal(50))
    for one in (measured, plain):
        actions.launch(by=ana, campaign=one, now=now)
    told = marketing.last_results(SimpleNamespace(now=now))
    assert [one["campaign"] for one in told] == [measured]
