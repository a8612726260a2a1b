from django.urls import path

from rapport.messaging import domain_views, testing_views, views

app_name = "messaging"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("domain/", domain_views.domain, name="domain"),
    path("domain/ask/", domain_views.ask_domain, name="ask_domain"),
    path("test/<int:version_id>/", testing_views.test_letter, name="test_letter"),
    path("<int:intent_id>/", views.message, name="message"),
    path("<int:intent_id>/letter/", views.letter, name="letter"),
    path("<int:intent_id>/settle/", views.settle, name="settle"),
]
