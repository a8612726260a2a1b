"""The pages under /access/: the permission table, emergency access with its review, and the audit trail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.kit import clock
from rapport.trust import audit_seal, audit_search, breakglass
from rapport.trust.access import requires, staff
from rapport.trust.forms import AuditForm, GlassForm, ReviewForm
from rapport.trust.models import AuditSeal, BreakGlass, Role
from rapport.trust.permissions import PERMISSIONS, REACH, VERBS, Reach
from rapport.trust.tabs import tabs
from rapport.ui.fragments import page

REACH_TEXT = {
    Reach.EVERYWHERE: _lazy("everywhere"),
    Reach.LOCATIONS: _lazy("own locations"),
    Reach.LINES: _lazy("own service lines"),
}


@require_GET
@requires("trust.rules")
def permissions(request: HttpRequest) -> HttpResponse:
    """The permission table, as the program obeys it."""
    roles = [(role.value, role.label) for role in Role]
    verbs = [
        {"text": text, "reach": REACH_TEXT[REACH[verb]], "may": [verb in PERMISSIONS[role] for role, _label in roles]}
        for verb, text in VERBS.items()
    ]
    return page(request, "trust/permissions.html", {"roles": roles, "verbs": verbs, "tabs": tabs(request)})


@require_http_methods(["GET", "POST"])
@requires("breakglass.use")
def break_glass(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask for a reason, then open this one person for an hour."""
    form = GlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        breakglass.open(by=staff(request), person_id=person_id, reason=form.cleaned_data["reason"], now=clock.now())
        messages.warning(request, _("Open for 60 minutes. Compliance has been told."))
        return redirect(_person_page(person_id))
    return page(request, "trust/break_glass.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires("breakglass.review")
def glass_list(request: HttpRequest) -> HttpResponse:
    """Who opened whom in an emergency; what waits for a review stands first."""
    opened = BreakGlass.objects.select_related("user", "reviewed_by").order_by("-opened_at")
    context = {
        "waiting": opened.filter(reviewed_at=None),
        "reviewed": opened.exclude(reviewed_at=None)[:50],
        "form": ReviewForm(),
        "tabs": tabs(request),
        "now": clock.now(),
    }
    return page(request, "trust/glass_list.html", context)


@require_POST
@requires("breakglass.review")
def review_glass(request: HttpRequest, glass_id: int) -> HttpResponse:
    glass = get_object_or_404(BreakGlass, pk=glass_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write in a few words what you found."))
        return redirect("trust:glass_list")
    try:
        breakglass.review(by=staff(request), glass=glass, note=form.cleaned_data["note"], now=clock.now())
    except (breakglass.OwnReview, breakglass.AlreadyReviewed) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Reviewed."))
    return redirect("trust:glass_list")


@require_http_methods(["GET", "POST"])
@requires("trust.audit")
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Look something up. The question goes by POST, so that no person stands in an address."""
    form = AuditForm(request.POST if request.method == "POST" else {})
    now = clock.now()
    valid = form.is_valid()
    found = audit_search.search(by=staff(request), question=form.question(), now=now) if valid else []
    context = {
        "form": form,
        "lines": found,
        "older": found[-1].pk if len(found) == audit_search.PAGE else None,
        "seal": AuditSeal.objects.order_by("-number").first(),
        "waiting": audit_seal.unsealed(),
        "tabs": tabs(request),
        "now": now,
    }
    return page(request, "trust/audit.html", context, fragment="results", status=200 if valid else 422)


def _person_page(person_id: int) -> str:
    try:
        return reverse("home:person", args=[person_id])
    except NoReverseMatch:
        return "/"
