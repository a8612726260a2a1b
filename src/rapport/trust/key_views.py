"""The page of API keys: one's own, made here and shown once; an administrator sees and revokes everybody's."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.kit import clock
from rapport.trust import api_keys
from rapport.trust.access import StaffRequest, requires
from rapport.trust.forms import KeyForm
from rapport.trust.models import ApiKey
from rapport.trust.permissions import VERBS
from rapport.trust.tabs import tabs
from rapport.ui.fragments import page


@require_http_methods(["GET", "POST"])
@requires("keys.own")
def keys(request: StaffRequest) -> HttpResponse:
    """What keys there are. POST makes one; its secret stands on that answer and nowhere else."""
    now = clock.now()
    form = KeyForm(request.POST or None, verbs=[(verb, VERBS[verb]) for verb in api_keys.offered(request.user)])
    made = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        ends = now + timedelta(days=int(asked["days"]))
        made = api_keys.make(by=request.user, name=asked["name"], verbs=asked["verbs"], expires_at=ends, now=now)
        form = KeyForm(verbs=form.offered)
    found = ApiKey.objects.select_related("owner").order_by("-made_at")
    everyone = request.may("access.manage")
    context = {
        "keys": found if everyone else found.filter(owner=request.user),
        "everyone": everyone,
        "form": form,
        "made": made,
        "verbs": VERBS,
        "tabs": tabs(request),
        "now": now,
    }
    return page(request, "trust/keys.html", context, status=422 if form.errors else 200)


@require_POST
@requires("keys.own")
def revoke(request: StaffRequest, key_id: int) -> HttpResponse:
    """It opens nothing any more."""
    key = get_object_or_404(ApiKey, pk=key_id)
    try:
        api_keys.revoke(by=request.user, key=key, now=clock.now())
    except api_keys.NotYours as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Revoked. Programs that use it are refused from now on."))
    return redirect("trust:keys")
