"""A refresh in a process of its own, to be killed: `python -m tests.segments.killed_writer`. Prints `ready`, then refreshes."""

import sys

import django
from django.conf import settings

name = sys.argv[1]
settings.DATABASES["default"]["NAME"] = name
django.setup()

from rapport.kit import clock  # noqa: E402
from rapport.segments import sync  # noqa: E402

print("ready", flush=True)  # noqa: T201
sync.refresh(now=clock.now())
print("done", flush=True)  # noqa: T201
