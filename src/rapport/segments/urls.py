from django.urls import path

from rapport.segments import list_views, moves_views, ready_views, sheet_views, views

app_name = "segments"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("new/save/", views.create, name="create"),
    path("codes/", views.codes, name="codes"),
    path("overlap/", views.overlap, name="overlap"),
    path("sample/", views.sample, name="sample"),
    path("ready/", ready_views.ready, name="ready"),
    path("lists/new/", list_views.from_sheet, name="from_sheet"),
    path("lists/sheets/<int:number>/", sheet_views.progress, name="reading"),
    path("lists/sheets/<int:number>/stop/", sheet_views.stop, name="stop_reading"),
    path("lists/sheets/<int:number>/keep/", sheet_views.keep_empty, name="keep_empty"),
    path("<slug:slug>/", views.one, name="one"),
    path("<slug:slug>/people/", views.people, name="people"),
    path("<slug:slug>/people/put/", sheet_views.put_on, name="put_on"),
    path("<slug:slug>/people/<int:person_id>/off/", sheet_views.take_off, name="take_off"),
    path("<slug:slug>/save/", views.change, name="change"),
    path("<slug:slug>/keep/", list_views.keep, name="keep"),
    path("<slug:slug>/moves/", moves_views.moves, name="moves"),
    path("<slug:slug>/sheet/", list_views.sheet_taken, name="sheet"),
    path("<slug:slug>/sheet/download/", list_views.sheet_rejected, name="rejected"),
]
