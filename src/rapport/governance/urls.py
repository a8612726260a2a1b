from django.urls import include, path

from rapport.governance import views, why_views
from rapport.governance.rights import views as rights

app_name = "governance"
urlpatterns = [
    path("", views.index, name="index"),
    path("desk/", include("rapport.governance.desk.urls")),
    path("why/", why_views.why, name="why"),
    path("receipts/<int:receipt_id>/", why_views.receipt, name="receipt"),
    path("rules/", views.rules, name="rules"),
    path("rights/", rights.index, name="rights"),
    path("rights/new/", rights.new, name="rights_new"),
    path("rights/<int:request_id>/", rights.one, name="rights_one"),
    path("rights/<int:request_id>/extend/", rights.extend, name="rights_extend"),
    path("rights/<int:request_id>/decide/", rights.decide, name="rights_decide"),
    path("rights/<int:request_id>/export/", rights.export, name="rights_export"),
    path("rights/<int:request_id>/accounting/", rights.accounting, name="rights_accounting"),
    path("rights/<int:request_id>/erase/", rights.erase, name="rights_erase"),
    path("trace/<int:intent_id>/", views.trace_intent, name="trace"),
    path("trace/assignment/<int:assignment_id>/", views.trace_assignment, name="assignment"),
]
