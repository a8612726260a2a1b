from django.urls import path

from rapport.messaging import call_list_views as calls
from rapport.messaging import print_batch_views as letters
from rapport.messaging import testing_views, views

app_name = "messaging"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("test/<int:version_id>/", testing_views.test_letter, name="test_letter"),
    path("<int:intent_id>/", views.message, name="message"),
    path("<int:intent_id>/letter/", views.letter, name="letter"),
    path("<int:intent_id>/settle/", views.settle, name="settle"),
    path("letters/", letters.index, name="letters"),
    path("letters/print/", letters.print_waiting, name="print"),
    path("letters/<int:batch_id>/", letters.batch, name="batch"),
    path("letters/<int:batch_id>/sheet.pdf", letters.sheet, name="sheet"),
    path("letters/<int:batch_id>/addresses.csv", letters.addresses, name="addresses"),
    path("letters/<int:batch_id>/post/", letters.post, name="post"),
    path("letters/<int:batch_id>/spoiled/", letters.spoil, name="spoil"),
    path("calls/", calls.index, name="calls"),
    path("calls/next/", calls.take_next, name="next-call"),
    path("calls/<int:call_id>/", calls.one, name="call"),
    path("calls/<int:call_id>/done/", calls.settle, name="call-done"),
    path("calls/<int:call_id>/back/", calls.hand_back, name="call-back"),
]
