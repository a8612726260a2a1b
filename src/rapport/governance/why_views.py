"""Why did, or didn't, this person get this: one sentence and its checks. And a receipt, repeated."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from rapport.campaigns.models import Campaign
from rapport.consent import plain_words
from rapport.consent import queries as consents
from rapport.governance import checks
from rapport.governance import why as asked
from rapport.governance.trace import NoSuchTrip
from rapport.kit import clock
from rapport.messaging import replay, state_words
from rapport.messaging.models import Receipt
from rapport.people import queries as people
from rapport.people.models import Person
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

CHANNELS = {
    "email": _("E-mail"),
    "sms": _("Text message"),
    "call": _("Telephone"),
    "print": _("Letter"),
    "portal": _("Portal"),
    "push": _("App"),
}
TOPICS = {
    "care": _("their care"),
    "health_services": _("our services"),
    "newsletter": _("the newsletter"),
    "survey": _("surveys"),
    "billing": _("bills"),
    "fundraising": _("fundraising"),
}
LISTED = 60


@requires("trust.trace")
@require_GET
def why(request: StaffRequest) -> HttpResponse:
    """Choose a person and a campaign, or a kind of message; the answer names the point where it stopped."""
    now = clock.now()
    number, slug = request.GET.get("person", ""), request.GET.get("campaign", "")
    channel, topic = request.GET.get("channel", ""), request.GET.get("topic", "")
    context: dict[str, Any] = {
        "number": number[:19],
        "slug": slug,
        "channel": channel if channel in consents.CHANNELS else "email",
        "topic": topic if topic in asked.STANDS_FOR else "",
        "campaigns": list(Campaign.objects.order_by("-created_at").values_list("slug", "name")[:LISTED]),
        "channels": [(key, CHANNELS[key]) for key in consents.CHANNELS],
        "topics": [(key, TOPICS[key]) for key in asked.STANDS_FOR],
        "now": now,
        "answer": None,
        "name": "",
        "lost": False,
    }
    if number.isdecimal() and len(number) < 19:
        context |= _answered(request, int(number), context)
    elif number:
        context["lost"] = True
    return page(request, "governance/why.html", context, fragment="answer")


def _answered(request: StaffRequest, person_id: int, wanted: dict[str, Any]) -> dict[str, Any]:
    now = wanted["now"]
    campaign = (
        Campaign.objects.select_related("segment", "version__piece").filter(slug=wanted["slug"]).first()
        if wanted["slug"]
        else None
    )
    try:
        if campaign is not None:
            found = asked.of_campaign(by=request.user, person_id=person_id, campaign=campaign, now=now)
        elif wanted["topic"]:
            wish = asked.Wish(wanted["channel"], asked.STANDS_FOR[wanted["topic"]], wanted["topic"])
            found = asked.of_wish(by=request.user, person_id=person_id, wish=wish, now=now)
        else:
            found = None
        name = people.card(by=request.user, person_id=person_id, now=now).display if request.may("people.read") else ""
    except (NoSuchTrip, Person.DoesNotExist):
        return {"lost": True}
    return {"answer": found, "name": name, "campaign": campaign}


@requires("receipts.replay")
@require_GET
def receipt(request: StaffRequest, receipt_id: int) -> HttpResponse:
    """One decision as it was taken, and repeated just now."""
    now = clock.now()
    found = Receipt.objects.filter(pk=receipt_id).first()
    if found is None:
        raise Http404
    again = replay.replay(by=request.user, receipt_id=receipt_id, now=now)
    name = ""
    if request.may("people.read"):
        name = people.card(by=request.user, person_id=found.person_id, now=now).display
    others = Receipt.objects.filter(intent_id=found.intent_id).exclude(pk=found.pk).order_by("at", "id")
    context = {
        "receipt": found,
        "again": again,
        "checks": checks.of_receipt(found),
        "others": list(others),
        "gate_word": plain_words.gate,
        "state_word": state_words.of,
        "name": name,
        "now": now,
    }
    return page(request, "governance/receipt.html", context)
