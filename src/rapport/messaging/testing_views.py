"""The button “Send me a test”, wherever words are shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.content.models import Version
from rapport.kit import clock
from rapport.messaging import testing_letter
from rapport.trust.access import requires, staff


@requires("content.read")
@require_POST
def test_letter(request: HttpRequest, version_id: int) -> HttpResponse:
    """To the address of who asks; there is no field for another."""
    version = get_object_or_404(Version.objects.select_related("piece"), pk=version_id)
    try:
        testing_letter.send(by=staff(request), version=version, now=clock.now())
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": staff(request).email})
    except testing_letter.CanNotTest as wrong:
        messages.error(request, str(wrong))
    return redirect("content:preview", version.pk)
