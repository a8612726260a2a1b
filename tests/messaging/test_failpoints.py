"""Failpoints are for tests, and only for tests."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from rapport.messaging import failpoints


def test_production_refuses_failpoints(settings):
    settings.PRODUCTION, settings.FAILPOINTS = True, "before_commit:sleep:0"
    with pytest.raises(ImproperlyConfigured, match="production refuses"):
        failpoints.reach("before_commit")


@pytest.mark.parametrize("wrong", ["nowhere:exit", "before_commit:explode", "before_commit"])
def test_a_misspelt_failpoint_is_not_passed_over_in_silence(settings, wrong):
    settings.FAILPOINTS = wrong
    with pytest.raises(ImproperlyConfigured):
        failpoints.reach("before_commit")


def test_without_failpoints_nothing_happens(settings):
    settings.FAILPOINTS = ""
    failpoints.reach("before_commit")
