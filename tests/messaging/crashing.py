"""A worker process for the crash tests: sends until nothing is due, then says so. Failpoints come from the environment."""

import json
import os
import sys
from datetime import datetime

import django

from rapport.kit import loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
with loading.undisturbed():
    django.setup()

    from django.conf import settings

    from rapport.messaging import send, switching
    from rapport.messaging.leases import Terms


def main() -> None:
    told = json.loads(sys.argv[1])
    settings.SMTP_PORT = told["port"]
    settings.SMS_URL = f"http://127.0.0.1:{told['port']}"
    settings.DATABASES["default"]["NAME"] = told["database"]
    terms = Terms(**told["terms"])
    now = datetime.fromisoformat(told["now"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while (
        send.send_due(owner=f"w{os.getpid()}", now=now, limit=1000, terms=terms).claimed or switching.turn(now=now).on
    ):
        pass


main()
