"""The carrier's door, and the pages for people."""

from django.urls import path

from rapport.integrations.sms import views, webhook

app_name = "sms"
urlpatterns = [
    path("hooks/sms/", webhook.receive, name="receive"),
    path("hooks/sms/status/<str:token>", webhook.status, name="status"),
    path("outbox/replies/", views.index, name="replies"),
    path("outbox/replies/<int:reply_id>/", views.one, name="reply"),
    path("outbox/replies/<int:reply_id>/settle/", views.settle, name="settle"),
]
