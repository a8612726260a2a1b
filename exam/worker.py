"""A worker of the examination: sends what is due until it is killed. Told in JSON: port, lines, terms, clock, perhaps a database."""

import json
import os
import sys
import time
from datetime import datetime, timedelta

import django

from rapport.kit import loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
with loading.undisturbed():
    django.setup()

    from django.conf import settings
    from django.db import connections

    from rapport.messaging import send
    from rapport.messaging.leases import Terms


def main() -> None:
    told = json.loads(sys.argv[1])
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", told["port"]
    if "database" in told:
        settings.DATABASES["default"]["NAME"] = told["database"]
    settings.LINES = {"email": told["lines"]}
    terms, begin = Terms(**told["terms"]), datetime.fromisoformat(told["begin"])
    print("ready", flush=True)
    while True:
        now = begin + timedelta(seconds=time.time() - told["began"])
        try:
            send.reap(now=now, terms=terms)
            if not send.send_due(owner=f"exam:{os.getpid()}", now=now, limit=5_000, terms=terms).claimed:
                time.sleep(0.2)
        except Exception as error:  # noqa: BLE001 - as the worker of the house does: the rows are still there
            print(f"turn failed: {type(error).__name__}", file=sys.stderr, flush=True)
            connections.close_all()
            time.sleep(0.3)


main()
