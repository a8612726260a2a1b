"""The page of the sending domain: how it stands, and what to publish where something is missing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.kit import clock
from rapport.messaging import sender_days, sending_domain
from rapport.trust.access import requires, staff
from rapport.ui.fragments import page

WORST_FIRST = ("bad", "unknown", "warn", "good")


@requires("sources.read")
@require_safe
def domain(request: HttpRequest) -> HttpResponse:
    """What was answered last. Looking asks nobody."""
    look, now = sending_domain.last(), clock.now()
    records = sorted(sending_domain.records_of(look), key=lambda one: WORST_FIRST.index(one.state)) if look else []
    context = {
        "domain": sender_days.our_domain(),
        "look": look,
        "records": records,
        "missing": [one for one in records if one.state == "bad"],
        "is_fresh": look is not None and sending_domain.is_fresh(look, now),
        "now": now,
    }
    return page(request, "messaging/domain.html", context)


@requires("sources.read")
@require_POST
def ask_domain(request: HttpRequest) -> HttpResponse:
    """Ask the name servers now. It changes nothing but what we remember of them."""
    look = sending_domain.ask(by=staff(request), now=clock.now())
    silent = [one.name for one in sending_domain.records_of(look) if one.state == "unknown"]
    if silent:
        messages.warning(request, _("No answer about %(names)s. Try again in a minute.") % {"names": ", ".join(silent)})
    else:
        messages.success(request, _("The name servers answered."))
    return redirect("messaging:domain")
