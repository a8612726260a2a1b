"""The calendar of campaigns: a month of what went out and what is planned, and which objective each serves."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.campaigns import calendar, objectives, occasions, queries
from rapport.campaigns.models import Objective
from rapport.kit import clock
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

NONE = "none"
YEARS = 5  # so far back and ahead can be leafed


@requires("campaigns.read")
@require_GET
def month(request: StaffRequest) -> HttpResponse:
    """One month, of all campaigns or of those that serve one objective, or none."""
    now = clock.now()
    today = occasions.day_of(now)
    first = month_of(request.GET.get("month", ""), today)
    aims = list(objectives.in_sight(request.sight))
    wanted = request.GET.get("objective", "")
    chosen = next((one for one in aims if one.slug == wanted), None)
    found = list(_campaigns(request, chosen, wanted))
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    entries = calendar.entries(found, *calendar.page_of(first), now)
    with queries.addressable(request.sight):
        outlooks = _outlooks([chosen] if chosen else aims, first, last, now)
    context = {
        "weeks": calendar.weeks(entries, first, today),
        "lasting": calendar.lasting(found, first, last, now),
        "is_empty": not any(first <= occasions.day_of(one.at) <= last for one in entries),
        "month_name": date_format(first, "F Y"),
        "month": f"{first:%Y-%m}",
        "before": _question(first - timedelta(days=1), wanted),
        "after": _question(last + timedelta(days=1), wanted),
        "choices": _choices(aims),
        "wanted": chosen.slug if chosen else wanted if wanted == NONE else "",
        "outlooks": outlooks,
        "today": today,
        "now": now,
    }
    return page(request, "campaigns/calendar.html", context)


def month_of(text: str, today: date) -> date:
    """The first day of the month asked for as 2026-03, if it is not too far away; else of the present one."""
    try:
        asked = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return today.replace(day=1)
    return asked if abs(asked.year - today.year) <= YEARS else today.replace(day=1)


def _campaigns(request: StaffRequest, chosen: Objective | None, wanted: str) -> Any:
    found = queries.in_sight(request.sight)
    if chosen is not None:
        return found.filter(objective=chosen)
    return found.filter(objective=None) if wanted == NONE else found


def _outlooks(aims: list[Objective], first: date, last: date, now: datetime) -> list[objectives.Outlook]:
    """How the objectives stand whose time touches this month."""
    return [objectives.outlook(one, now) for one in aims if one.from_on <= last and one.until_on >= first]


def _choices(aims: list[Objective]) -> list[tuple[str, str]]:
    return [("", _("All")), *((one.slug, one.name) for one in aims), (NONE, _("No objective"))]


def _question(day: date, wanted: str) -> str:
    return "?" + urlencode({"month": f"{day:%Y-%m}", **({"objective": wanted} if wanted else {})})
