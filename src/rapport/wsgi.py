"""The web process."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
os.environ.setdefault("RAPPORT_PROCESS", "web")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
