"""The desk of reviews, and one version on it: who must look, what changed, what was said."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.content import actions, lint, senders, telling
from rapport.content.forms import Approve, Remark, Review
from rapport.content.models import ReviewComment, Version
from rapport.content.reviewing import actions as reviewing
from rapport.content.reviewing import difference, queries, standing
from rapport.kit import clock
from rapport.trust.access import requires, staff
from rapport.ui.fragments import page


@requires("content.read")
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for a look, what waits for mine, what runs out."""
    now = clock.now()
    waiting = queries.on_the_desk(staff(request), now)
    context = {
        "waiting": waiting,
        "mine": sum(bool(one.mine) for one in waiting),
        "ending": queries.runs_out(now),
        "now": now,
    }
    return page(request, "content/desk.html", context)


@requires("content.read")
@require_safe
def reviewing_page(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version: what is needed, what changed, what the checks find, what was said; and my own look."""
    version = _version(version_id)
    return page(request, "content/reviewing.html", _context(request, version, clock.now()))


@requires("content.approve")
@require_POST
def approve(request: HttpRequest, version_id: int) -> HttpResponse:
    """One look at exactly the words that were on the screen."""
    version, form, now = _version(version_id), Approve(request.POST), clock.now()
    if not form.is_valid():
        return page(request, "content/reviewing.html", _context(request, version, now, approving=form), status=422)
    try:
        version = reviewing.approve(
            by=staff(request),
            version=version,
            kind=request.POST.get("kind", ""),
            digest_seen=request.POST.get("words", ""),
            credential=form.cleaned_data["credential"],
            expires_at=_end_of(form.cleaned_data["expires_on"]),
            now=now,
        )
        done = version.state == Version.State.PUBLISHED
        messages.success(request, _("Approved. It can be sent now.") if done else _("Your approval is noted."))
    except reviewing.CanNotApprove as refused:
        messages.error(request, str(refused))
    except actions.NotPublishable as refused:
        messages.error(request, _("Today's checks forbid these words: %(why)s") % {"why": refused})
    return _back(version)


@requires("content.review")
@require_POST
def review(request: HttpRequest, version_id: int) -> HttpResponse:
    """The look of a qualified translator."""
    version, form = _version(version_id), Review(request.POST)
    credential = form.cleaned_data["credential"] if form.is_valid() else ""
    try:
        version = reviewing.review_translation(
            by=staff(request), version=version, credential=credential, now=clock.now()
        )
        messages.success(request, _("Your review of the translation is noted."))
    except (actions.CanNotReview, actions.NotPublishable) as refused:
        messages.error(request, str(refused))
    if version.state == Version.State.REVIEW:
        return _back(version)
    return redirect(f"{reverse('content:one', args=[version.piece.slug])}?version={version.number}")


@requires("content.read")
@require_POST
def send_back(request: HttpRequest, version_id: int) -> HttpResponse:
    """Back to a draft, with a reason."""
    version = _version(version_id)
    try:
        reviewing.send_back(by=staff(request), version=version, words=request.POST.get("words", ""), now=clock.now())
        messages.success(request, _("It is a draft again, and its author can read why."))
    except reviewing.CanNotApprove as refused:
        messages.error(request, str(refused))
    return _back(version)


@requires("content.read")
@require_POST
def comment(request: HttpRequest, version_id: int) -> HttpResponse:
    """Say something about the words."""
    version, form, now = _version(version_id), Remark(request.POST), clock.now()
    if not form.is_valid():
        return page(request, "content/reviewing.html", _context(request, version, now, remark=form), status=422)
    reviewing.comment(by=staff(request), version=version, words=form.cleaned_data["words"], now=now)
    return _back(version)


@requires("content.read")
@require_POST
def settle(request: HttpRequest, comment_id: int) -> HttpResponse:
    """A comment has been talked about."""
    found = get_object_or_404(ReviewComment.objects.select_related("version__piece"), pk=comment_id)
    reviewing.settle(by=staff(request), comment=found, now=clock.now())
    return _back(found.version)


@requires("content.write")
@require_POST
def retire(request: HttpRequest, version_id: int) -> HttpResponse:
    """Take a version out of use."""
    version = get_object_or_404(Version.objects.select_related("piece"), pk=version_id, state=Version.State.PUBLISHED)
    actions.retire(by=staff(request), version=version, now=clock.now())
    messages.success(request, _("Version %(number)s is retired.") % {"number": version.number})
    return redirect("content:one", version.piece.slug)


def _context(
    request: HttpRequest,
    version: Version,
    now: datetime,
    approving: Approve | None = None,
    remark: Remark | None = None,
) -> dict[str, object]:
    me, piece = staff(request), version.piece
    earlier = (
        piece.versions.filter(number__lt=version.number)
        .exclude(state__in=[Version.State.DRAFT, Version.State.REVIEW])
        .order_by("-number")
        .first()
    )
    given = list(version.approvals.select_related("by").order_by("at", "id"))
    lines = standing.lines(version, given, now.date())
    findings = lint.of_version(version, now, senders.state(now))
    year = (now + reviewing.A_YEAR).astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return {
        "version": version,
        "piece": piece,
        "shown": telling.of_version(version),
        "lines": lines,
        "mine": standing.open_to(me, version, lines),
        "is_own": standing.is_author(me, version),
        "may_send_back": version.state == Version.State.REVIEW
        and (standing.is_author(me, version) or any(standing.role_for(me, one) for one in standing.ROLES)),
        "undone": [one for one in given if one.undone_at is not None],
        "earlier": earlier,
        "changes": difference.between(earlier, version),
        "findings": findings,
        "comments": list(version.comments.select_related("by", "resolved_by").order_by("at", "id")),
        "approving": approving or Approve(initial={"expires_on": year.isoformat()}),
        "translating": Review(),
        "remark": remark or Remark(),
        "now": now,
    }


def _version(version_id: int) -> Version:
    wanted = Version.objects.select_related("piece", "handed_in_by", "drafted_by", "reviewed_by", "published_by")
    return get_object_or_404(wanted, pk=version_id)


def _end_of(day: object) -> datetime | None:
    """The last instant of a day of the clinic's own calendar."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(settings.TIME_ZONE)) if day else None  # type: ignore[arg-type]


def _back(version: Version) -> HttpResponse:
    return redirect("content:reviewing", version.pk)
