from django.urls import path

from rapport.home import views

app_name = "home"
urlpatterns = [
    path("", views.today, name="today"),
    path("people/", views.people, name="people"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/consent/", views.consent, name="consent"),
    path("people/<int:person_id>/complaint/", views.complaint, name="complaint"),
    path("people/<int:person_id>/complaint/close/", views.close_complaint, name="close_complaint"),
    path("people/<int:person_id>/uncover/", views.uncover, name="uncover"),
]
