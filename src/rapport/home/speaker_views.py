"""Who speaks for a person: appointing somebody, ending it, and care about which a minor decides alone."""

from typing import Any

from django.contrib import messages as say
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.consent import choices, representatives
from rapport.consent.models import Representative
from rapport.home import views
from rapport.home.ask import Ask
from rapport.home.capture import VIA
from rapport.home.forms import AloneForm, EndSpeakerForm, SpeakerForm
from rapport.home.kinds import class_label
from rapport.home.standing import is_minor
from rapport.people import queries
from rapport.people.models import Person
from rapport.people.queries import PersonCard
from rapport.trust import audit
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

FOUND = 8


@requires("consent.write")
@require_http_methods(["GET", "POST"])
def speaker(request: StaffRequest, person_id: int) -> HttpResponse:
    """Find the other person (typed text travels in the body), then say by what right they speak."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    chosen = request.POST.get("other", "") or request.GET.get("other", "")
    if not chosen:
        return _search(request, ask)
    other = _other(ask, chosen)
    today = timezone.localtime(ask.now).date()
    form = SpeakerForm(request.POST if request.method == "POST" else None, initial={"starts_on": today})
    if form.is_valid() and _appoint(ask, other, form):
        said = (
            _("%(who)s speaks for them now.") if form.cleaned_data["starts_on"] <= today else _("%(who)s is appointed.")
        )
        say.success(request, said % {"who": other.display})
        return views.to_permission(person_id)
    context = {"card": ask.card, "other": other, "form": form, "text": "", "found": []}
    return page(request, "home/speaker.html", context, fragment="speaking", status=422 if form.errors else 200)


@requires("consent.write")
@require_http_methods(["GET", "POST"])
def end_speaker(request: StaffRequest, person_id: int, representative_id: int) -> HttpResponse:
    """Until which day they speak."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    one = Representative.objects.filter(pk=representative_id, person_id__in=choices.records_of(person_id)).first()
    if one is None:
        raise Http404
    today = timezone.localtime(ask.now).date()
    form = EndSpeakerForm(request.POST if request.method == "POST" else None, initial={"on": max(today, one.starts_on)})
    if form.is_valid():
        try:
            representatives.end(by=ask.by, representative=one, on=form.cleaned_data["on"], now=ask.now)
        except representatives.WrongOrder:
            form.add_error("on", _("They speak only from a later day on. Take that day, or a later one."))
        else:
            say.success(request, _("Written down. Until that day they still speak."))
            return views.to_permission(person_id)
    name = next((card.display for card in queries.cards(by=ask.by, person_ids=[one.other_id], now=ask.now)), "")
    context = {"card": ask.card, "one": one, "name": name, "form": form}
    return page(request, "home/speaker_end.html", context, fragment="speaking", status=422 if form.errors else 200)


@requires("people.unmask")
@requires("consent.write")
@require_http_methods(["GET", "POST"])
def alone(request: StaffRequest, person_id: int) -> HttpResponse:
    """Care to which a minor consents alone. It names delicate care, so looking at it is on record."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    stands = representatives.alone(person_id)
    form = AloneForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _decide(ask, form, request.POST.get("answer", ""), stands):
        say.success(request, _("Written down."))
        return views.to_permission(person_id)
    audit.record(
        by=ask.by, verb="consent.read", now=ask.now, person=person_id, details={"asked": "minor_alone"}
    )  # fmt: skip
    named = [class_label(one) for one in sorted(stands - {"minor_confidential"})]
    context = {"card": ask.card, "form": form, "stands": named, "is_minor": is_minor(ask.card)}
    return page(request, "home/alone.html", context, fragment="speaking", status=422 if form.errors else 200)


def _search(request: StaffRequest, ask: Ask) -> HttpResponse:
    text = request.POST.get("q", "")[:200]
    found = queries.search(by=ask.by, text=text, now=ask.now, limit=FOUND) if text.strip() else []
    context: dict[str, Any] = {
        "card": ask.card,
        "other": None,
        "text": text,
        "found": [one for one in found if one.id != ask.person_id and not one.deceased_at],
    }
    return page(request, "home/speaker.html", context, fragment="found" if request.method == "POST" else "speaking")


def _other(ask: Ask, chosen: str) -> PersonCard:
    """Who was chosen, if they are in sight, alive, and somebody else."""
    other_id = int(chosen) if chosen.isdigit() and len(chosen) < 19 else 0
    if other_id == ask.person_id or not Person.objects.filter(pk=other_id, erased_at=None, merged_into=None).exists():
        raise Http404
    card = queries.card(by=ask.by, person_id=other_id, now=ask.now)
    if card.deceased_at:
        raise Http404
    return card


def _appoint(ask: Ask, other: PersonCard, form: SpeakerForm) -> bool:
    """Write it down; or say at the field what is wrong."""
    said = form.cleaned_data
    try:
        representatives.appoint(by=ask.by, person_id=ask.person_id, other_id=other.id, now=ask.now, **said)
    except representatives.WrongOrder:
        form.add_error("ends_on", _("It would end before it begins. Take a later day, or leave it empty."))
        return False
    return True


def _decide(ask: Ask, form: AloneForm, answer: str, stands: frozenset[str]) -> bool:
    """Write down what was answered; or say at the field why not."""
    said = form.cleaned_data
    same: dict[str, Any] = {"by": ask.by, "person_id": ask.person_id, "now": ask.now}
    data_class, via = said["data_class"], f"{VIA}{said['way']}"
    if answer == "yes" and not is_minor(ask.card):
        form.add_error("data_class", _("They are of age: they decide alone about all their care."))
    elif answer == "yes":
        representatives.consent_alone(**same, data_class=data_class, via=via)
    elif answer == "no" and data_class in stands:
        representatives.end_alone(**same, data_class=data_class, via=via)
    else:
        form.add_error("data_class", _("They do not decide alone about this now."))
    return not form.errors
