"""The web process."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
os.environ.setdefault("RAPPORT_PROCESS", "web")

from rapport.kit import loading

with loading.undisturbed():
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    application = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018 - the pages now, and not when the first one is asked for
