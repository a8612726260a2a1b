"""Which looks words need: the table of the desk."""

import pytest

from rapport.content.reviewing import needs

NEWS = {"topic": "newsletter", "is_commercial": True}
SERVICE = {"topic": "health_services", "is_commercial": True}
CARE = {"topic": "care"}


@pytest.mark.parametrize(
    ("says", "asked", "expect"),
    [
        ("a bill is looked at by marketing alone", {"topic": "billing"}, "marketing"),
        ("a newsletter is commercial", NEWS, "marketing compliance"),
        ("a newsletter about a condition is no clinical advice to one person", {**NEWS, "conditions": ("knee pain",)},
         "marketing compliance"),
        ("an evening about no condition", SERVICE, "marketing compliance"),
        ("an evening about knees", {**SERVICE, "conditions": ("knee pain",)}, "marketing clinical compliance"),
        ("our service, and the letter speaks of cancer", {**SERVICE, "condition_words": ("cancer",)},
         "marketing clinical compliance"),
        ("our service, with the day of a visit in it", {**SERVICE, "care_fields": ("Day of the next appointment",)},
         "marketing clinical compliance"),
        ("the person's own care", CARE, "marketing clinical"),
        ("paid care", {**CARE, "is_paid": True}, "marketing clinical compliance"),
        ("a delicate class, whatever the topic", {"topic": "survey", "data_classes": ("reproductive",)},
         "marketing clinical compliance"),
        ("a machine translated it", {**NEWS, "is_machine_translated": True}, "marketing compliance translation"),
        ("a machine wrote it and hides it", {**NEWS, "is_machine_written": True}, "marketing clinical compliance"),
        ("a machine wrote it and says so", {**NEWS, "is_machine_written": True, "has_ai_notice": True}, "marketing compliance"),
    ],
)  # fmt: skip
def test_who_must_look(says, asked, expect):
    found = needs.of(needs.Asked(**asked))
    assert " ".join(one.kind for one in found) == expect
    assert all(one.why for one in found), "every look says why"
