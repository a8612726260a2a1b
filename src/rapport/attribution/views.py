"""The pages of results: all campaigns side by side, one campaign with its answer first, the visits behind a number."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from rapport.attribution import behind, queries, sentences
from rapport.campaigns.models import Campaign
from rapport.campaigns.queries import in_sight
from rapport.kit import clock
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("results.read")
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Every launched campaign with its return and its interval, newest first."""
    now = clock.now()
    launched = in_sight(request.sight).filter(launched_at__isnull=False).order_by("-launched_at")
    results = [queries.result(campaign, now) for campaign in launched]
    context = {
        "lines": [{"result": one, "answer": sentences.answer(one)} for one in results],
        "forest": _forest(results),
        "now": now,
    }
    return page(request, "attribution/index.html", context)


@requires("results.read")
@require_GET
def one(request: StaffRequest, slug: str) -> HttpResponse:
    """The answer, then how it is known."""
    now = clock.now()
    result = queries.result(_launched(request, slug), now)
    context = {"result": result, "campaign": result.campaign, "answer": sentences.answer(result), "now": now}
    return page(request, "attribution/one.html", context)


@requires("results.read")
@require_GET
def visits(request: StaffRequest, slug: str) -> HttpResponse:
    """The visits behind a number. Names only for those who may read people, and only of people they may see."""
    campaign = _launched(request, slug)
    wish = behind.Wish(arm=request.GET.get("arm", ""), only=request.GET.get("only", ""), page=_page(request))
    found = behind.visits(campaign, wish)
    now = clock.now()
    names = behind.names(found, by=request.user, now=now) if request.may("people.read") else {}
    return page(
        request,
        "attribution/visits.html",
        {"campaign": campaign, "wish": wish, "found": found, "names": names, "now": now},
    )


def _launched(request: StaffRequest, slug: str) -> Campaign:
    found = in_sight(request.sight).filter(slug=slug, launched_at__isnull=False).first()
    if found is None:
        raise Http404
    return found


def _forest(results: list[queries.Result]) -> list[dict[str, Any]]:
    """Returns that have an interval, for the plot."""
    return [
        {
            "label": one.campaign.name,
            "value": one.headline.roi.value,
            "low": one.headline.roi.low,
            "high": one.headline.roi.high,
            "href": reverse("attribution:one", args=[one.campaign.slug]),
        }
        for one in results
        if one.headline is not None and one.headline.roi is not None and one.headline.roi.is_known
    ]


def _page(request: StaffRequest) -> int:
    typed = request.GET.get("page", "1")
    return max(1, int(typed)) if typed.isdecimal() and len(typed) < 7 else 1
