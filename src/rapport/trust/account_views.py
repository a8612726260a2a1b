"""The pages under /access/people/: who has an account, what each may do, and how that is changed."""

from collections.abc import Callable

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.kit import clock
from rapport.trust import accounts, factors, places
from rapport.trust.access import requires, staff
from rapport.trust.forms import GrantForm, InviteForm
from rapport.trust.models import Grant, User
from rapport.trust.tabs import tabs
from rapport.ui.fragments import page

REFUSALS = (accounts.LastAdministrator, accounts.OwnAccount, accounts.AlreadyGranted, accounts.EmailTaken)


@require_GET
@requires("access.manage")
def people(request: HttpRequest) -> HttpResponse:
    return _list(request, InviteForm())


@require_POST
@requires("access.manage")
def invite(request: HttpRequest) -> HttpResponse:
    """An account with its first role, and a mail with the link to set a password."""
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                user = accounts.create(
                    by=staff(request), email=form.cleaned_data["email"], name=form.cleaned_data["name"], now=clock.now()
                )
                accounts.grant(by=staff(request), user=user, role=form.cleaned_data["role"], now=clock.now())
                _send_link(request, user)
        except accounts.EmailTaken as taken:
            form.add_error("email", str(taken))
        except OSError:
            form.add_error(
                "email", _("The mail with the link could not be sent, so nothing was changed. Try again later.")
            )
        else:
            messages.success(request, _("Invited."))
            return redirect("trust:account", user.pk)
    return _list(request, form)


@require_http_methods(["GET", "POST"])
@requires("access.manage")
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """One account; POST gives it a further role."""
    user = get_object_or_404(User, pk=user_id)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.grant(
                by=staff(request),
                user=user,
                role=form.cleaned_data["role"],
                location_id=form.cleaned_data["location"],
                service_line_id=form.cleaned_data["service_line"],
                now=clock.now(),
            )
        except REFUSALS as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Granted. It holds from the next click."))
            return redirect("trust:account", user.pk)
    context = {
        "account": user,
        "form": form,
        "grants": user.grants.order_by("role", "id"),
        "locations": dict(places.locations()),
        "lines": dict(places.service_lines()),
        "strong": user.pk in factors.holders(),
        "own": user.pk == request.user.pk,
    }
    return page(request, "trust/account.html", context, status=422 if form.errors else 200)


@require_POST
@requires("access.manage")
def revoke(request: HttpRequest, grant_id: int) -> HttpResponse:
    grant = get_object_or_404(Grant.objects.select_related("user"), pk=grant_id)
    return _do(
        request, grant.user, _("Revoked."), lambda: accounts.revoke(by=staff(request), grant=grant, now=clock.now())
    )


@require_POST
@requires("access.manage")
def close(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    return _do(request, user, _("Closed."), lambda: accounts.close(by=staff(request), user=user, now=clock.now()))


@require_POST
@requires("access.manage")
def reopen(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    return _do(request, user, _("Open again."), lambda: accounts.reopen(by=staff(request), user=user, now=clock.now()))


@require_POST
@requires("access.manage")
def forget_factors(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    told = _("The next sign-in asks for a new second factor.")
    return _do(request, user, told, lambda: accounts.forget_factors(by=staff(request), user=user, now=clock.now()))


def _list(request: HttpRequest, form: InviteForm) -> HttpResponse:
    users = User.objects.prefetch_related("grants").order_by("-is_active", "name")
    context = {"users": users, "strong": factors.holders(), "form": form, "tabs": tabs(request)}
    return page(request, "trust/accounts.html", context, status=422 if form.errors else 200)


def _do(request: HttpRequest, user: User, told: str, verb: Callable[[], object]) -> HttpResponse:
    try:
        with transaction.atomic():
            verb()
    except REFUSALS as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told)
    return redirect("trust:account", user.pk)


def _send_link(request: HttpRequest, user: User) -> None:
    form = ResetPasswordForm(data={"email": user.email})
    if form.is_valid():
        form.save(request)
