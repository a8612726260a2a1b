"""The handbook page at /api/, the operations under /api/v1/."""

from django.urls import include, path

from rapport.api import root, views

app_name = "api"
urlpatterns = [
    path("", views.handbook, name="handbook"),
    path("v1/", include((root.patterns, "v1"))),
]
