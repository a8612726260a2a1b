"""The doors of the providers of e-mail."""

from django.urls import path

from rapport.integrations.mail import webhook

app_name = "mail"
urlpatterns = [
    path("hooks/mail/<slug:provider>/", webhook.receive, name="events"),
    path("hooks/mail/<slug:provider>/inbound/", webhook.receive, {"kind": "inbound"}, name="inbound"),
]
