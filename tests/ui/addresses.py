"""Addresses for the tests of this room alone, so that they do not need the rooms above it."""

from django.http import HttpResponse
from django.urls import include, path

from rapport.ui import urls


def first(_request):
    return HttpResponse("Today")


urlpatterns = [
    path("", include(([path("", first, name="today")], "home"))),
    path("ui/", include((urls.guarded_by(lambda view: view), "ui"))),
]
