"""Who sees a block."""

from datetime import date

import pytest

from rapport.content import fields, showing
from rapport.content.showing import Condition, Facts, holds

PAT = Facts(language="en", age=54, sex="F", location_id=3, traits={"gap.mammogram": "open"}, segments=frozenset({7}))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("language", ("en",)), True),
        (Condition("language", ("es",)), False),
        (Condition("language", ("es",), is_not=True), True),
        (Condition("age", ("50-64",)), True),
        (Condition("age", ("65-",)), False),
        (Condition("age", ("-54",)), True),
        (Condition("sex", ("F",)), True),
        (Condition("location", ("3",)), True),
        (Condition("location", ("4",)), False),
        (Condition("segment", ("7",)), True),
        (Condition("segment", ("8",), is_not=True), True),
        (Condition("trait", ("open",), "gap.mammogram"), True),
        (Condition("trait", ("closed",), "gap.mammogram"), False),
        (Condition("trait", (), "gap.mammogram"), True),
        (Condition("stage", ("imaging",), "pathway.knee"), False),
        (Condition("trait", ("open",), "gap.colon", is_not=True), True),
    ],
)
def test_a_condition_is_true_of_pat(condition, expected):
    assert holds(condition, PAT) is expected


@pytest.mark.parametrize("is_not", [False, True])
@pytest.mark.parametrize("kind", ["language", "age", "sex", "location"])
def test_what_is_not_known_shows_nothing_also_not_to_a_not(kind, is_not):
    assert holds(Condition(kind, ("1",), is_not=is_not), Facts()) is False


def test_a_block_shown_by_a_record_is_use_of_that_record():
    asked = (Condition("trait", ("open",), "x", data_classes=("sud_part2",)), Condition("language", ("es",)))
    assert showing.marks(asked) == {"show:sud_part2"}
    assert fields.classes_of(showing.marks(asked)) == {"sud_part2"}
    [told] = fields.forbidden(showing.marks(asked), "P2", on=date(2026, 3, 4))
    assert "some people see" in told.sentence
    assert showing.classes_of((Condition("segment", ("7",)),)) == {"general"}


def test_age_counts_whole_years_of_the_month():
    assert showing.age_in(date(1972, 3, 1), date(2026, 2, 28)) == 53
    assert showing.age_in(date(1972, 3, 1), date(2026, 3, 1)) == 54
