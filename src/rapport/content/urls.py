from django.urls import path

from rapport.content import review_views, views

app_name = "content"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("version/<int:version_id>/", views.preview, name="preview"),
    path("version/<int:version_id>/frame/", views.frame, name="frame"),
    path("version/<int:version_id>/retire/", review_views.retire, name="retire"),
    path("version/<int:version_id>/review/", review_views.review, name="review"),
    path("reviews/", review_views.desk, name="desk"),
    path("version/<int:version_id>/reviewing/", review_views.reviewing_page, name="reviewing"),
    path("version/<int:version_id>/approve/", review_views.approve, name="approve"),
    path("version/<int:version_id>/send-back/", review_views.send_back, name="send_back"),
    path("version/<int:version_id>/comment/", review_views.comment, name="comment"),
    path("comment/<int:comment_id>/settle/", review_views.settle, name="settle"),
    path("piece/<slug:slug>/about/", views.about, name="about"),
    path("piece/<slug:slug>/", views.one, name="one"),
    path("piece/<slug:slug>/edit/", views.edit, name="edit"),
]
