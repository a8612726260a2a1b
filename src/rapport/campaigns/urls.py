from django.urls import path

from rapport.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<slug:slug>/", views.one, name="one"),
    path("<slug:slug>/save/", views.save, name="save"),
    path("<slug:slug>/check/", views.check, name="check"),
    path("<slug:slug>/channels/", views.by_channel, name="channels"),
    path("<slug:slug>/people/", views.people, name="people"),
    path("<slug:slug>/launch/", views.launch, name="launch"),
    path("<slug:slug>/schedule/", views.schedule, name="schedule"),
    path("<slug:slug>/stop/", views.stop, name="stop"),
    path("<slug:slug>/clone/", views.clone, name="clone"),
]
