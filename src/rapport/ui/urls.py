"""The gallery. This room stands below the permission table, so whoever includes it brings the gate."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from rapport.ui import views

app_name = "ui"
View = Callable[..., HttpResponse]


def guarded_by(gate: Callable[[View], View]) -> list[URLPattern]:
    """The pages of the gallery behind a gate: `guarded_by(requires("gallery.see"))`."""
    return [
        path("", gate(views.gallery), name="gallery"),
        path("public/", gate(views.public_gallery), name="public"),
    ]


urlpatterns = guarded_by(lambda view: view)
