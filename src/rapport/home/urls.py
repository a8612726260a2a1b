from django.urls import path

from rapport.home import (
    address_views,
    capture_views,
    reward_views,
    segment_views,
    sending_views,
    speaker_views,
    stop_views,
    views,
)

app_name = "home"
urlpatterns = [
    path("", views.today, name="today"),
    path("people/", views.people, name="people"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/complaint/", views.complaint, name="complaint"),
    path("people/<int:person_id>/complaint/close/", views.close_complaint, name="close_complaint"),
    path("people/<int:person_id>/addresses/<int:point_id>/works/", address_views.works, name="works"),
    path("people/<int:person_id>/consent/", capture_views.consent, name="consent"),
    path("people/<int:person_id>/consent/undo/", capture_views.undo, name="consent_undo"),
    path("people/<int:person_id>/consent/link/", capture_views.sign_link, name="sign_link"),
    path("people/<int:person_id>/consent/wishes/", capture_views.wanted, name="wishes"),
    path("people/<int:person_id>/send/", sending_views.send, name="send"),
    path("people/<int:person_id>/send/<slug:key>/letter/", sending_views.letter, name="send_letter"),
    path("people/<int:person_id>/sent/<int:intent_id>/", sending_views.line, name="sent"),
    path("people/<int:person_id>/sent/<int:intent_id>/undo/", sending_views.undo, name="send_undo"),
    path("people/<int:person_id>/speakers/new/", speaker_views.speaker, name="speaker"),
    path("people/<int:person_id>/speakers/<int:representative_id>/end/", speaker_views.end_speaker, name="speaker_end"),
    path("people/<int:person_id>/alone/", speaker_views.alone, name="alone"),
    path("people/<int:person_id>/stops/new/<slug:kind>/", stop_views.stop, name="stop"),
    path("people/<int:person_id>/stops/<int:record_id>/end/", stop_views.end_stop, name="stop_end"),
    path("people/<int:person_id>/hold/", stop_views.hold, name="hold"),
    path("people/<int:person_id>/hold/<int:record_id>/end/", stop_views.end_hold, name="hold_end"),
    path("people/<int:person_id>/rewards/new/", reward_views.reward, name="reward"),
    path("people/<int:person_id>/segments/", segment_views.protected, name="protected_segments"),
    path("people/<int:person_id>/uncover/", views.uncover, name="uncover"),
]
