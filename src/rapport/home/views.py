"""Today, People, and the page of one person."""

from typing import Any

from django.contrib import messages as say
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.content.reviewing import queries as reviews
from rapport.home import capture, clinical, complaints, faces, found, kinds, sends, sockets
from rapport.home.ask import Ask
from rapport.kit import clock
from rapport.people import queries
from rapport.people.models import ContactPoint, DataClass, Person
from rapport.trust import breakglass
from rapport.trust.access import StaffRequest, requires
from rapport.trust.forms import GlassForm
from rapport.ui.fragments import page


@requires("today.see")
@require_GET
def today(request: StaffRequest) -> HttpResponse:
    """What is due today, for the role of who looks."""
    now = clock.now()
    faces_open = faces.open_to(request.may)
    face = next((one for one in faces_open if one.key == request.GET.get("face", "")), faces_open[0])
    context = {"now": now, "faces": faces_open, "face": face, **face.fill(faces.Look(request.user, request.may, now))}
    context["reviews"] = reviews.waits_for(request.user, now) if request.may("content.approve") else []
    return page(request, "home/today.html", context)


@requires("people.search")
@require_http_methods(["GET", "POST"])
def people(request: StaffRequest) -> HttpResponse:
    """Search as you type. What is typed travels in the body, never in the address."""
    asked = request.POST
    filters = found.Filters(
        location=asked.get("location", ""),
        reach=asked.get("reach", "") or request.GET.get("reach", ""),
        seen=asked.get("seen", ""),
    )
    text = asked.get("q", "")[:200]
    now = clock.now()
    context = {
        "text": text,
        "filters": filters,
        "locations": found.locations(),
        "found": found.find(by=request.user, text=text, filters=filters, now=now),
        "now": now,
    }
    return page(request, "home/people.html", context, fragment="results")


@requires("people.read")
@require_GET
def person(request: StaffRequest, person_id: int) -> HttpResponse:
    """One person: who, what is allowed, and one part of the wall."""
    ask = ask_about(request, person_id)
    if ask is None:
        return out_of_sight(request, person_id)
    parts = sockets.open_to(request.may)
    part = next((one for one in parts if one.key == request.GET.get("part", "")), parts[0])
    context = {
        "card": ask.card,
        "parts": parts,
        "part": part,
        "now": ask.now,
        **(_asking(ask) if request.may("consent.write") else {}),
        **({"sends": sends.of_person(person_id, ask.now), "back": "person"} if request.may("desk.send") else {}),
        **part.fill(ask),
    }
    return page(request, "home/person.html", context, fragment="part")


@requires("consent.write")
@require_POST
def complaint(request: StaffRequest, person_id: int) -> HttpResponse:
    """A complaint is open: what is not care stops."""
    ask = ask_about(request, person_id)
    if ask is None:
        return out_of_sight(request, person_id)
    try:
        complaints.note(by=request.user, person_id=person_id, kind=request.POST.get("kind", ""), now=ask.now)
    except complaints.NotAKind:
        say.error(request, _("Please say what the complaint is about."))
    else:
        say.success(request, _("Noted. Until it is answered, only messages about care and bills go out."))
    return HttpResponseRedirect(reverse("home:person", args=[person_id]))


@requires("consent.write")
@require_POST
def close_complaint(request: StaffRequest, person_id: int) -> HttpResponse:
    """The complaint is answered."""
    ask = ask_about(request, person_id)
    if ask is None:
        return out_of_sight(request, person_id)
    complaints.close(by=request.user, person_id=person_id, now=ask.now)
    say.success(request, _("The complaint is answered; messages go out again as the person allows."))
    return HttpResponseRedirect(reverse("home:person", args=[person_id]))


@requires("people.unmask")
@require_POST
def uncover(request: StaffRequest, person_id: int) -> HttpResponse:
    """Open one delicate class, once, with a reason that goes on record."""
    ask = ask_about(request, person_id)
    if ask is None:
        return out_of_sight(request, person_id)
    data_class = request.POST.get("data_class", "")
    if data_class not in DataClass.values:
        raise Http404
    context: dict[str, Any] = {
        "card": ask.card,
        "label": kinds.class_label(data_class),
        "data_class": data_class,
        "problem": "",
    }
    try:
        rows = clinical.open_class(
            by=request.user,
            person_id=person_id,
            data_class=data_class,
            reason=request.POST.get("reason", ""),
            now=ask.now,
        )
    except clinical.ReasonMissing:
        return page(
            request,
            "home/uncover.html",
            {**context, "rows": [], "problem": _("Please write why you need to see this.")},
            status=422,
        )
    return page(request, "home/uncover.html", {**context, "rows": rows})


def _asking(ask: Ask) -> dict[str, Any]:
    """What the front desk could ask next, and what it has just written down."""
    points = set(ContactPoint.objects.filter(person_id=ask.person_id, is_valid=True).values_list("kind", flat=True))
    just = capture.just_said(by=ask.by, person_id=ask.person_id, now=ask.now)
    return {
        "chips": capture.chips(ask.person_id, ask.now, sorted(points)),
        "just_said": just,
        "just_said_words": capture.said_in_words(just) if just else "",
    }


def ask_about(request: StaffRequest, person_id: int) -> Ask | None:
    """The question, if the person exists for this member of staff."""
    now = clock.now()
    if not Person.objects.filter(pk=person_id, erased_at__isnull=True).exists():
        return None
    card = queries.card(by=request.user, person_id=person_id, now=now)
    return Ask(by=request.user, card=card, may=request.may, query=request.GET, now=now)


def to_permission(person_id: int) -> HttpResponse:
    """Back to the part about permission, where what was just written stands."""
    return HttpResponseRedirect(reverse("home:person", args=[person_id]) + "?part=permission")


def out_of_sight(request: StaffRequest, person_id: int) -> HttpResponse:
    """Nobody of that number, as far as this member of staff may know; the way in of an emergency, for those who have it.

    The same page for a person of another location and for a number that nobody has: who may not see a person does not learn
    whether there is one. Only who has broken the glass already is told that the number is nobody's.
    """
    opened = person_id in breakglass.opened(by=request.user, now=clock.now())
    may_open = request.may("breakglass.use") and not request.sight.everyone and not opened
    context = {"person_id": person_id, "opened": opened, "form": GlassForm() if may_open else None}
    return page(request, "home/out_of_sight.html", context, status=404)
