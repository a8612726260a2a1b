"""Before a launch: words that are approved, still are when they go out, and pass today's checks."""

import re
from datetime import datetime, timedelta

import pytest

from rapport.campaigns import actions, plan
from rapport.campaigns.models import Campaign
from rapport.content import lint
from rapport.content.lint import privacy
from rapport.content.models import Version
from rapport.trust.models import User
from tests.campaigns import clinic

pytestmark = pytest.mark.django_db


def said(campaign: Campaign, now: datetime) -> list[str]:
    return [one.text for one in plan.missing(campaign, now=now) if one.step == "what"]


def test_an_approved_wording_may_go_out(ana: User, now: datetime) -> None:
    assert said(clinic.campaign(ana, now), now) == []


def test_a_wording_that_was_never_approved_stops_the_launch(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now)
    campaign.version.state = Version.State.REVIEW
    assert said(campaign, now) == ["This wording is not approved; hand it in for review, or choose another."]


@pytest.mark.parametrize(
    ("ends", "sends", "expected"),
    [
        (timedelta(days=2), timedelta(days=1), None),
        (timedelta(days=2), None, None),
        (timedelta(0), None, "has run out"),
        (timedelta(hours=-1), timedelta(days=1), "has run out"),
        (timedelta(days=1), timedelta(days=1), "will have run out when it goes out"),
        (timedelta(days=1), timedelta(days=2), "will have run out when it goes out"),
    ],
)
def test_an_approval_must_last_until_it_goes_out(
    ana: User, now: datetime, ends: timedelta, sends: timedelta | None, expected: str | None
) -> None:
    campaign = clinic.campaign(ana, now, send_at=now + sends if sends is not None else None)
    campaign.version.expires_at = now + ends
    found = said(campaign, now)
    if expected is None:
        assert found == []
    else:
        assert found == [f"The approval of this wording {expected}; hand the words in for review again."]


def test_words_that_today_s_checks_forbid_stop_the_launch(
    ana: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = clinic.campaign(ana, now)
    # The list of words grew after the approval; a published wording itself can't change.
    monkeypatch.setattr(privacy, "_conditions", lambda: re.compile("see us"))
    found = said(campaign, now + timedelta(days=1))
    assert len(found) == 1
    assert found[0].startswith("This wording may not go out: “see us” in the subject")
    with pytest.raises(actions.Incomplete, match="see us"):
        actions.launch(by=ana, campaign=campaign, now=now + timedelta(days=1))


def test_advice_of_the_checks_does_not_stop_the_launch(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now)
    assert [one.severity for one in lint.of_version(campaign.version, now)].count("warning") > 0
    assert said(campaign, now) == []
