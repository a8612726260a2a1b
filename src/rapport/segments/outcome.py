"""What the pages of lists show: what became of a sheet, and what a list of a segment would hold."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from rapport.segments import forms, permission, queries, screens, store
from rapport.segments.days import AsOf
from rapport.segments.language import Misformed, parse
from rapport.segments.membership import lists, reading
from rapport.segments.membership import queries as membership
from rapport.segments.models import Reckoning, Segment, SheetReading
from rapport.ui import formats

A_PAGE = 100
# What is wrong with a line of a sheet, and what helps.
WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "unknown": (later("Nobody we know answers to this."), later("Look for a typing mistake. Is this person a patient yet?")),
    "several": (later("Several people share this."), later("Add first name, last name and date of birth, or the number.")),
    "contradictory": (later("The columns point to different people."), later("Keep the column you trust, and empty the other.")),
    "deceased": (later("This person has died."), later("Take the line out.")),
    "unreadable": (later("A cell can't be read."), later("Write dates as 1964-11-30 or 11/30/1964, and numbers in digits.")),
    "too_little": (later("It does not say enough."), later("Give a number, an address, a telephone number, or name and birth date.")),
    "again": (later("This person stands on an earlier line."), later("Nothing to do: once is enough.")),
}  # fmt: skip


# Why a sheet was not read to its end.
PROBLEMS: dict[str, str | Promise] = {
    reading.LOST_RIGHTS: later("Whoever sent it may not ask for people any more."),
    reading.BROKEN: later("It could not be read to its end. Nothing of it was kept; send it again."),
}


@dataclass(frozen=True)
class Line:
    """A line that put nobody on the list."""

    number: int
    reason: str
    remedy: str


@dataclass(frozen=True)
class Outcome:
    """What became of a sheet, for one reader. `hidden`: small numbers, or single lines, are not for this reader."""

    lines: int
    people: str
    rejected: str
    hidden: bool
    reasons: list[dict[str, Any]]
    page: list[Line]
    number: int
    pages: int


def of(taken: lists.Taken, *, may_read_people: bool, page: str = "") -> Outcome:
    """Who may not open people sees no line, and no number from which a small one can be worked out."""
    rejected = len(taken.rejected)
    pages = max(1, -(-rejected // A_PAGE))
    number = min(max(int(page), 1), pages) if page.isdecimal() and len(page) < 7 else 1
    hidden = not may_read_people
    small = hidden and min(taken.people, taken.lines - taken.people) < queries.SMALLEST_SHOWN
    counts = Counter(one.problem for one in taken.rejected)
    chosen = taken.rejected[(number - 1) * A_PAGE : number * A_PAGE]
    return Outcome(
        lines=taken.lines,
        people=_("not shown") if small else formats.format_count(taken.people),
        rejected=_("not shown") if small else formats.format_count(rejected),
        hidden=hidden,
        reasons=[] if hidden else [{"label": str(WORDS[one][0]), "value": many} for one, many in counts.most_common()],
        page=[] if hidden else [_line(one) for one in chosen],
        number=number,
        pages=pages,
    )


@dataclass(frozen=True)
class Readout:
    """What a sheet that is being read, or was, shows to whoever sent it. `unclear`: all lines that name nobody but the unknown."""

    not_found: int
    unclear: int
    reasons: list[dict[str, Any]]
    problem: str


def of_reading(row: SheetReading) -> Readout:
    counts = Counter(problem for _line, problem in row.rejected)
    return Readout(
        not_found=counts["unknown"],
        unclear=counts.total() - counts["unknown"],
        reasons=[{"label": str(WORDS[one][0]), "value": many} for one, many in counts.most_common()],
        problem=str(PROBLEMS.get(row.problem, "")),
    )


def columns() -> tuple[str, ...]:
    return (_("Line"), _("Reason"), _("What helps"))


def rows(taken: lists.Taken) -> Iterator[tuple[int, str, str]]:
    """For a spreadsheet: the number of each line that put nobody on the list, and why."""
    for one in map(_line, taken.rejected):
        yield one.number, one.reason, one.remedy


def _line(one: lists.Rejected) -> Line:
    reason, remedy = WORDS[one.problem]
    return Line(one.line, str(reason), str(remedy))


def begun(segment: Segment, now: datetime) -> dict[str, Any]:
    """A form for a list of this segment, with a name that says of which day."""
    day = formats.local_date(now)
    return {**forms.begun(), "name": f"{segment.name[:100]}, {day}"}


def about(segment: Segment, *, now: datetime, may_read_people: bool) -> dict[str, Any]:
    """How many a list of this segment would hold now, in words as this reader may see it; or why none can be made."""
    people, obstacle = _how_many(segment, now)
    return {
        "people": screens.shown(people, may_read_people=may_read_people),
        "obstacle": obstacle,
        "nobody": people == 0 and may_read_people,
        "sentence": queries.sentence_of(segment, get_language() or "en"),
        "purpose": dict(permission.purposes(now.date())).get(segment.purpose, segment.purpose),
    }


def _how_many(segment: Segment, now: datetime) -> tuple[int | None, str]:
    try:
        node = parse(segment.definition)
        permission.check(node, segment.purpose, on=AsOf.at(now, settings.TIME_ZONE).day)
        if Reckoning.objects.filter(pk=segment.pk, segment_version=segment.version).exists():
            return membership.size(segment), ""
        return queries.count(node, now), ""
    except (permission.NotForThisPurpose, Misformed) as wrong:
        return None, str(wrong)
    except store.NoWarehouse:
        return None, _("Nobody can be counted yet: the copy for counting is being built.")
