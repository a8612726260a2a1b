"""One worker of the bench of the send: waits for the word, sends what is due, and tells how it went."""

import json
import os
import resource
import sys
from datetime import datetime

import django

from rapport.kit import loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
with loading.undisturbed():
    django.setup()

    from django.conf import settings

    from rapport.messaging import send


def main() -> None:
    told = json.loads(sys.argv[1])
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", told["port"]
    now = datetime.fromisoformat(told["now"])
    print("ready", flush=True)
    sys.stdin.readline()
    sent = 0
    while done := send.send_due(owner=f"bench:{os.getpid()}", now=now, limit=100_000).sent:
        sent += done
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"sent": sent, "peak_memory_mb": memory}), flush=True)


main()
