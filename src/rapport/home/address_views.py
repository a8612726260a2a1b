"""An address or a number that was given up works again: said by a person, with how they know."""

from django.contrib import messages as say
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.consent import undeliverable
from rapport.home import overview, views
from rapport.home.capture import VIA
from rapport.home.forms import WorksAgainForm
from rapport.people import queries
from rapport.people.models import ContactPoint
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("consent.write")
@require_http_methods(["GET", "POST"])
def works(request: StaffRequest, person_id: int, point_id: int) -> HttpResponse:
    """Ask how it is known, and use the address again."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    came_back = undeliverable.came_back(ask.person_id)
    given_up = Q(pk__in=list(came_back)) | Q(no_texts_at__isnull=False)
    point = ContactPoint.objects.filter(given_up, pk=point_id, person_id=ask.person_id).first()
    if point is None:
        raise Http404
    form = WorksAgainForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        how = f"{VIA}{form.cleaned_data['way']}: {form.cleaned_data['words']}"
        undeliverable.verify(by=ask.by, digests=[bytes(point.digest)], how=how, now=ask.now, kind=point.kind)
        is_phone = point.kind == ContactPoint.Kind.PHONE
        number = _("Texts may go to this number again, as everything else allows.")
        say.success(
            request, number if is_phone else _("Messages may go to this address again, as everything else allows.")
        )
        return HttpResponseRedirect(reverse("home:person", args=[ask.person_id]))
    opened = queries.points(point_ids=[point.pk]).get(point.pk)
    shown = overview.with_what_came_back(opened, came_back) if opened else None
    context = {"card": ask.card, "point": shown, "form": form}
    return page(request, "home/address.html", context, fragment="works", status=422 if form.errors else 200)
