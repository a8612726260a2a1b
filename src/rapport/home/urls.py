from django.urls import path

from rapport.home import capture_views, views

app_name = "home"
urlpatterns = [
    path("", views.today, name="today"),
    path("people/", views.people, name="people"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/complaint/", views.complaint, name="complaint"),
    path("people/<int:person_id>/complaint/close/", views.close_complaint, name="close_complaint"),
    path("people/<int:person_id>/consent/", capture_views.consent, name="consent"),
    path("people/<int:person_id>/consent/undo/", capture_views.undo, name="consent_undo"),
    path("people/<int:person_id>/consent/link/", capture_views.sign_link, name="sign_link"),
    path("people/<int:person_id>/consent/wishes/", capture_views.wanted, name="wishes"),
    path("people/<int:person_id>/uncover/", views.uncover, name="uncover"),
]
