from django.urls import path

from rapport.content import (
    design_views,
    desk_views,
    family_views,
    image_views,
    kit_views,
    print_views,
    review_views,
    views,
)

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
    path("piece/<slug:slug>/family/", family_views.begin, name="family"),
    path("piece/<slug:slug>/edit/", views.edit, name="edit"),
    path("piece/<slug:slug>/design/", design_views.design, name="design"),
    path("piece/<slug:slug>/design/frame/", design_views.design_frame, name="design_frame"),
    path("piece/<slug:slug>/code/", design_views.open_as_code, name="open_as_code"),
    path("piece/<slug:slug>/printed.pdf", print_views.printed, name="printed"),
    path("brand/", kit_views.brand_page, name="brand"),
    path("pictures/", image_views.index, name="pictures"),
    path("snippets/", kit_views.snippet_index, name="snippets"),
    path("snippets/<slug:slug>/", design_views.snippet, name="snippet"),
    path("snippets/<slug:slug>/frame/", design_views.snippet_frame, name="snippet_frame"),
    path("snippets/<slug:slug>/remove/", kit_views.remove_snippet, name="remove_snippet"),
    path("starters/", kit_views.gallery, name="starters"),
    path("starters/<slug:slug>/frame/", kit_views.starter_frame, name="starter_frame"),
    path("starters/<slug:slug>/take/", kit_views.take, name="take_starter"),
    path("piece/<slug:slug>/at-desk/", desk_views.offer, name="at_desk"),
]
public_urlpatterns = [path("picture/<str:token>", image_views.shown, name="picture")]
