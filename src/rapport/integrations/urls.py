from django.urls import path

from rapport.integrations import arrival, views

app_name = "integrations"
urlpatterns = [
    path("", views.index, name="index"),
    path("upload/", views.upload, name="upload"),
    path("arrival/<uuid:trace>/", arrival.arrival, name="arrival"),
    path("ambiguous/", views.ambiguous, name="ambiguous"),
    path("ambiguous/<int:row_id>/", views.settle, name="settle"),
    path("held/<int:row_id>/", views.held, name="held"),
    path("held/<int:row_id>/replay/", views.replay, name="replay"),
    path("held/<int:row_id>/let-in/", views.let_in, name="let_in"),
    path("held/<int:row_id>/dismiss/", views.dismiss, name="dismiss"),
    path("feed/<slug:slug>/", views.source, name="source"),
]
