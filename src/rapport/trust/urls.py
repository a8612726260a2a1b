"""Permissions, accounts, emergency access and the audit trail, under /access/."""

from django.urls import path

from rapport.trust import account_views, key_views, views

app_name = "trust"
urlpatterns = [
    path("", views.permissions, name="permissions"),
    path("people/", account_views.people, name="accounts"),
    path("people/invite/", account_views.invite, name="invite"),
    path("people/<int:user_id>/", account_views.account, name="account"),
    path("people/<int:user_id>/close/", account_views.close, name="close"),
    path("people/<int:user_id>/reopen/", account_views.reopen, name="reopen"),
    path("people/<int:user_id>/factors/", account_views.forget_factors, name="forget_factors"),
    path("grants/<int:grant_id>/revoke/", account_views.revoke, name="revoke"),
    path("keys/", key_views.keys, name="keys"),
    path("keys/<int:key_id>/revoke/", key_views.revoke, name="revoke_key"),
    path("audit/", views.audit_trail, name="audit"),
    path("break-glass/", views.glass_list, name="glass_list"),
    path("break-glass/<int:person_id>/", views.break_glass, name="break_glass"),
    path("break-glass/<int:glass_id>/review/", views.review_glass, name="review_glass"),
]
