from django.urls import path

from rapport.campaigns import calendar_views, objective_views, running_views, views

app_name = "campaigns"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("calendar/", calendar_views.month, name="calendar"),
    path("objectives/", objective_views.index, name="objectives"),
    path("open-visits/", objective_views.open_visits, name="open_visits"),
    path("<slug:slug>/", views.one, name="one"),
    path("<slug:slug>/save/", views.save, name="save"),
    path("<slug:slug>/check/", views.check, name="check"),
    path("<slug:slug>/channels/", views.by_channel, name="channels"),
    path("<slug:slug>/best-hour/", running_views.explain_hour, name="best_hour"),
    path("<slug:slug>/people/", views.people, name="people"),
    path("<slug:slug>/launch/", views.launch, name="launch"),
    path("<slug:slug>/schedule/", views.schedule, name="schedule"),
    path("<slug:slug>/stop/", views.stop, name="stop"),
    path("<slug:slug>/pause/", running_views.pause, name="pause"),
    path("<slug:slug>/resume/", running_views.resume, name="resume"),
    path("<slug:slug>/variants/", running_views.variants, name="variants"),
    path("<slug:slug>/compare/", running_views.compare, name="compare"),
    path("<slug:slug>/decide/", running_views.decide, name="decide"),
    path("<slug:slug>/not-sent/", running_views.not_sent, name="not_sent"),
    path("<slug:slug>/not-sent/download/", running_views.not_sent_file, name="not_sent_file"),
    path("<slug:slug>/clone/", views.clone, name="clone"),
]
