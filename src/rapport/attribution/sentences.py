"""The answer in one sentence, before any table. Pure over a result."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from rapport.attribution.queries import Result
from rapport.ui.formats import format_count, format_money


@dataclass(frozen=True)
class Answer:
    """What a person reads first. tone: good, bad, or neutral when nothing can be told."""

    headline: str
    detail: str
    tone: str


def answer(result: Result) -> Answer:
    """Is it worth its money? "Cannot be told from zero" is an answer too."""
    found = result.headline
    objective = result.objective
    if not objective.contact.people:
        return Answer(_("Nobody was contacted."), _("There is nothing to measure."), "neutral")
    if not objective.holdout.people:
        return Answer(
            _("Nobody can tell what it was worth."),
            _(
                "There was no control group. What contacted people brought is shown below, but they might have come anyway."
            ),
            "neutral",
        )
    if found is None:
        return Answer(
            _("Nobody has come yet."), _("No visit of either group has been counted in the window so far."), "neutral"
        )
    visits = _("%(extra)s more visitors than without it (between %(low)s and %(high)s).") % {
        "extra": format_count(found.visits.value),
        "low": format_count(found.visits.low),
        "high": format_count(found.visits.high),
    }
    if found.roi is None:
        return Answer(_("It cost nothing, so there is no return on cost."), visits, "neutral")
    if not found.roi.is_known:
        return Answer(_("The return cannot yet be told from zero."), visits, "neutral")
    span = {
        "value": format_money(found.roi.value, 2),
        "low": format_money(found.roi.low, 2),
        "high": format_money(found.roi.high, 2),
    }
    if not found.roi.is_clear:
        return Answer(
            _("The return cannot be told from zero yet.")
            if result.is_provisional
            else _("The return cannot be told from zero."),
            _("For every $1 it may have brought anything between %(low)s and %(high)s.") % span + " " + visits,
            "neutral",
        )
    text = _("Every $1 brought back %(value)s (between %(low)s and %(high)s).") % span
    return Answer(text, visits, "good" if found.roi.low > 0 else "bad")
