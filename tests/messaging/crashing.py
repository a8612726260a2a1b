"""A worker process for the crash tests: sends until nothing is due, then says so. Failpoints come from the environment."""

import json
import os
import sys
from datetime import datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
django.setup()

from django.conf import settings  # noqa: E402

from rapport.messaging import send, switching  # noqa: E402
from rapport.messaging.leases import Terms  # noqa: E402


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
