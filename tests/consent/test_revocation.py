"""How far a stop reaches, before and from the day of revoke-all."""

from datetime import date

import pytest

from rapport.consent.revocation import NoRule, reach_of
from rapport.consent.wishes import Wish, read

BEFORE, FROM = date(2027, 1, 30), date(2027, 1, 31)


@pytest.mark.parametrize("day", [BEFORE, FROM])
def test_a_stop_that_names_nothing_ends_everything_at_once(day):
    assert reach_of(read("STOP"), day).topics == ("all",)


def test_a_stop_that_names_one_kind_ends_that_kind_until_revoke_all_comes():
    newsletter = Wish("stop", 1.0, scope="newsletter")
    assert (reach_of(newsletter, BEFORE).topics, reach_of(newsletter, BEFORE).rule_version) == (("newsletter",), 1)
    assert (reach_of(newsletter, FROM).topics, reach_of(newsletter, FROM).rule_version) == (("all",), 2)


@pytest.mark.parametrize("day", [BEFORE, FROM])
def test_texts_and_automated_calls_end_together(day):
    assert reach_of(read("STOP"), day).channels == ("sms", "call")


def test_before_the_rule_there_is_none():
    with pytest.raises(NoRule):
        reach_of(read("STOP"), date(2010, 1, 1))
