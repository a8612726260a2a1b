"""Who may be invited to write a review: everybody who was seen, whatever they think of us (V-01)."""

import pytest

from rapport.consent import reviews


@pytest.mark.parametrize(
    "field",
    [
        "survey.nps",
        "nps",
        "lastNPSScore",
        "trait.csat",
        "score.sentiment",
        "stars",
        "complaint.open",
        "would_recommend",
    ],
)
def test_an_audience_chosen_by_contentment_is_refused(field):
    """Golden 23: a review invitation only to NPS >= 9."""
    sentence = reviews.refusal(["age", field, "visited"])
    assert f"“{field}”" in sentence
    assert "16 CFR 465" in sentence


@pytest.mark.parametrize(
    "field", ["age", "score.no_show", "gap.mammogram", "starships", "survey.answered", "visits", "persona"]
)
def test_an_audience_chosen_by_anything_else_is_fine(field):
    assert reviews.refusal([field]) == ""
    assert reviews.limits([field]) == ()


def test_each_offender_is_named_once():
    assert reviews.limits(["nps", "age", "nps", "csat"]) == ("nps", "csat")
