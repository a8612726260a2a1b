from django.urls import include, path

from rapport.governance import views, why_views

app_name = "governance"
urlpatterns = [
    path("", views.index, name="index"),
    path("desk/", include("rapport.governance.desk.urls")),
    path("why/", why_views.why, name="why"),
    path("receipts/<int:receipt_id>/", why_views.receipt, name="receipt"),
    path("rules/", views.rules, name="rules"),
    path("trace/<int:intent_id>/", views.trace_intent, name="trace"),
    path("trace/assignment/<int:assignment_id>/", views.trace_assignment, name="assignment"),
]
