from django.urls import path

from rapport.content import views

app_name = "content"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("version/<int:version_id>/", views.preview, name="preview"),
    path("version/<int:version_id>/frame/", views.frame, name="frame"),
    path("version/<int:version_id>/retire/", views.retire, name="retire"),
    path("version/<int:version_id>/review/", views.review, name="review"),
    path("piece/<slug:slug>/", views.one, name="one"),
    path("piece/<slug:slug>/edit/", views.edit, name="edit"),
]
