"""The public doors: links in messages lead here."""

from django.urls import path

from rapport.integrations.web import booking, inbox, join, preferences, tracking, unsubscribe

app_name = "web"
urlpatterns = [
    path("c/<str:token>", tracking.click, name="click"),
    path("o/<str:token>.gif", tracking.opened, name="open"),
    path("t/<str:token>", tracking.trapped, name="trap"),
    path("u/<str:token>", unsubscribe.page, name="unsubscribe"),
    path("p/<str:token>", preferences.page, name="preferences"),
    path("p/<str:token>/permissions.<str:form>", preferences.download, name="permissions"),
    path("inbox/worker.js", inbox.worker, name="inbox-worker"),
    path("inbox/<str:token>", inbox.page, name="inbox"),
    path("inbox/<str:token>/<int:message_id>", inbox.page, name="inbox-message"),
    path("join/", join.join, name="join"),
    path("join/<str:token>", join.confirm, name="confirm"),
    path("book/<str:token>", booking.book, name="book"),
]
