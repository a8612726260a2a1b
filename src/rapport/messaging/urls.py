from django.urls import path

from rapport.messaging import testing_views, views

app_name = "messaging"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("test/<int:version_id>/", testing_views.test_letter, name="test_letter"),
    path("<int:intent_id>/", views.message, name="message"),
    path("<int:intent_id>/letter/", views.letter, name="letter"),
    path("<int:intent_id>/settle/", views.settle, name="settle"),
]
