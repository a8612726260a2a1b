"""The addresses under /trust/desk/."""

from django.urls import path

from rapport.governance.desk import views, views_audiences, views_keeping, views_leaving, views_papers

urlpatterns = [
    path("", views.desk, name="desk"),
    path("ending/", views.ending, name="expiring"),
    path("taken-back/", views.revoked, name="revocations"),
    path("disclosures/", views_leaving.disclosures, name="disclosures"),
    path("disclosures/for/<int:person_id>/", views_leaving.record, name="disclosure_new"),
    path("audiences/", views_audiences.audiences, name="audiences"),
    path("audiences/switch/", views_audiences.switch, name="audience_switch"),
    path("audiences/make/", views_audiences.make, name="audience_make"),
    path("refusals/", views.refused, name="refusals"),
    path("papers/", views_papers.papers_list, name="papers"),
    path("papers/event/", views_papers.event, name="event"),
    path("papers/for/<int:person_id>/", views_papers.new_paper, name="new_paper"),
    path("papers/<int:record_id>/", views_papers.paper, name="paper"),
    path("papers/<int:record_id>/take-back/", views_papers.revoke_paper, name="revoke_paper"),
    path("vendors/", views_keeping.vendor_list, name="vendors"),
    path("vendors/new/", views_keeping.vendor_new, name="vendor_new"),
    path("vendors/<int:vendor_id>/", views_keeping.vendor, name="vendor"),
    path("vendors/<int:vendor_id>/end/", views_keeping.vendor_end, name="vendor_end"),
    path("training/", views_keeping.training_list, name="training"),
    path("training/note/", views_keeping.training_note, name="training_note"),
    path("calendar/", views_keeping.calendar_list, name="calendar"),
    path("calendar/plan/", views_keeping.calendar_plan, name="calendar_plan"),
    path("calendar/fill/", views_keeping.calendar_fill, name="calendar_fill"),
    path("calendar/<int:review_id>/", views_keeping.review, name="review"),
]
