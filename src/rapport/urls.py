"""Every address of the house, room by room."""

from django.urls import include, path

from rapport.content import urls as content_urls
from rapport.trust.access import requires
from rapport.ui import urls as ui_urls

urlpatterns = [
    path("account/", include("rapport.trust.account_urls")),
    path("ui/", include((ui_urls.guarded_by(requires("gallery.see")), "ui"))),
    path("segments/", include("rapport.segments.urls")),
    path("content/", include("rapport.content.urls")),
    path("", include((content_urls.public_urlpatterns, "pictures"))),
    path("campaigns/", include("rapport.campaigns.urls")),
    path("outbox/", include("rapport.messaging.urls")),
    path("results/", include("rapport.attribution.urls")),
    path("trust/", include("rapport.governance.urls")),
    path("access/", include("rapport.trust.urls")),
    path("api/", include("rapport.api.urls")),
    path("sources/", include("rapport.integrations.urls")),
    path("", include("rapport.integrations.web.urls")),
    path("", include("rapport.integrations.sms.urls")),
    path("", include("rapport.integrations.mail.urls")),
    path("", include("rapport.home.urls")),
]
