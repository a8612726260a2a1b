from django.urls import path

from rapport.messaging import call_list_views as calls
from rapport.messaging import domain_views, sending_views, testing_views, views
from rapport.messaging import print_batch_views as letters

app_name = "messaging"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("domain/", domain_views.domain, name="domain"),
    path("domain/ask/", domain_views.ask_domain, name="ask_domain"),
    path("test/<int:version_id>/", testing_views.test_letter, name="test_letter"),
    path("sending/", sending_views.sending, name="sending"),
    path("sending/rates/", sending_views.rate, name="rate"),
    path("sending/warm-up/", sending_views.warm_up, name="warm_up"),
    path("sending/dead/", sending_views.dead_letters, name="dead_letters"),
    path("sending/dead/settle/", sending_views.settle_dead, name="settle_dead"),
    path("sending/<slug:channel>/pause/", sending_views.pause, name="pause"),
    path("sending/<slug:channel>/lift/", sending_views.lift, name="lift"),
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
