from django.urls import path

from rapport.segments import views

app_name = "segments"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("new/save/", views.create, name="create"),
    path("codes/", views.codes, name="codes"),
    path("overlap/", views.overlap, name="overlap"),
    path("sample/", views.sample, name="sample"),
    path("<slug:slug>/", views.one, name="one"),
    path("<slug:slug>/people/", views.people, name="people"),
    path("<slug:slug>/save/", views.change, name="change"),
]
