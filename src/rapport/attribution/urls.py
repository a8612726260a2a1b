from django.urls import path

from rapport.attribution import views

app_name = "attribution"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.one, name="one"),
    path("<slug:slug>/visits/", views.visits, name="visits"),
]
