"""The geometry of charts, and the table behind each."""

import re
from itertools import pairwise

import pytest
from django.template import engines

from rapport.ui import charts


@pytest.mark.parametrize(
    ("values", "zero", "ticks"),
    [
        ([31, 83], True, (0, 25, 50, 75, 100)),
        ([0.012, 0.05], True, (0, 0.02, 0.04, 0.06)),
        ([-3, 9], True, (-5, 0, 5, 10)),
        ([], True, (0, 0.25, 0.5, 0.75, 1)),
        ([None, 4], True, (0, 1, 2, 3, 4)),
        ([100, 101], False, (100, 100.25, 100.5, 100.75, 101)),
    ],
)
def test_a_scale_has_round_ticks_and_holds_every_value(values, zero, ticks) -> None:
    by = charts.scale(values, zero=zero)
    assert by.ticks == pytest.approx(ticks)
    assert all(by.low <= value <= by.high for value in values if value is not None)


def test_a_value_lands_where_the_scale_says() -> None:
    by = charts.scale([0, 100])
    assert (by.at(25), by.up(25), by.percent(25), by.percent(130)) == (25, 75, "25%", "100%")


def test_a_missing_value_breaks_the_line_and_leaves_no_area() -> None:
    by = charts.scale([0, 100])
    assert charts.line_path([0, None, 100], by) == "M0.00 100.00 M100.00 0.00"
    assert charts.area_path([0, None, 100], by) == ""
    assert charts.area_path([0, 100], by) == "M0.00 100.00 L100.00 0.00 L100 100.00 L0 100.00 Z"


def test_a_band_goes_along_the_top_and_back_along_the_bottom() -> None:
    by = charts.scale([0, 100])
    assert charts.band_path([0, 20], [50, 100], by) == "M0.00 50.00 L100.00 0.00 L100.00 80.00 L0.00 100.00 Z"


def test_a_share_of_nothing_is_nothing() -> None:
    assert [charts.share(1, 4), charts.share(0, 4), charts.share(3, 0), charts.share(None, 4)] == [
        "25.00%", "0%", "0%", "0%",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 12, 13, 52, 365])
def test_labels_are_few_evenly_spaced_and_end_with_the_newest(count: int) -> None:
    chosen = charts.spread(count)
    assert len(chosen) <= 5
    assert len({b - a for a, b in pairwise(chosen)}) <= 1
    assert chosen[-1:] == ([count - 1] if count else [])


def test_each_step_of_a_funnel_is_a_share_of_its_beginning() -> None:
    assert charts.steps_kept([10, 5, 0, 6]) == [None, 0.5, 0, 0.6]


def test_a_funnel_that_begins_with_nobody_has_no_shares() -> None:
    assert charts.steps_kept([0, 0]) == [None, None]


def test_ticks_get_as_many_decimals_as_they_need() -> None:
    assert charts.tick_digits((0, 0.05, 0.1), "percent") == 0
    assert charts.tick_digits((0, 0.025, 0.05), "percent") == 1
    assert charts.tick_digits((0, 25, 50), "money") == 0


DRAWN = {
    "bar_chart": "{{ ui.bar_chart('T', [{'label': 'E-mail', 'value': 812}, {'label': 'Letter', 'value': 96}]) }}",
    "funnel": "{{ ui.funnel('T', [{'label': 'Sent', 'value': 812}, {'label': 'Came', 'value': 96}]) }}",
    "line_chart": "{{ ui.line_chart('T', ['Sep', 'Oct'], [{'label': 'Visits', 'points': [812, 96]}]) }}",
    "forest": "{{ ui.forest('T', [{'label': 'Knee', 'value': 812, 'low': 96, 'high': 900}], kind='count') }}",
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_has_its_numbers_in_a_table_behind_a_disclosure(name: str) -> None:
    html = engines["jinja2"].from_string(DRAWN[name]).render({})
    twin = re.search(r"<details[^>]*>.*?<table.*?</table>.*?</details>", html, re.DOTALL)
    assert "<svg" in html
    assert twin
    for figure in ("812", "96"):
        assert figure in twin[0]
    assert '<caption class="unseen">T</caption>' in twin[0]


@pytest.mark.parametrize("name", ["bar_chart", "funnel"])
def test_a_chart_of_nothing_still_draws(name: str) -> None:
    assert "<table" in engines["jinja2"].from_string(f"{{{{ ui.{name}('T', []) }}}}").render({})
