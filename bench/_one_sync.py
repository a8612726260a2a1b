"""One run of the writer in a process of its own: `python -m bench._one_sync refresh|rebuild`.

Prints seconds of the whole, seconds until the pointer row, and the peak of memory in megabytes.
"""

import os
import resource
import sys
from time import perf_counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
django.setup()

from rapport.kit import clock  # noqa: E402
from rapport.kit.warehouse import Writer  # noqa: E402
from rapport.segments import sync  # noqa: E402

published: list[float] = []
prepare = Writer.prepare


def noted(writer: Writer) -> None:
    published.append(perf_counter() - began)
    prepare(writer)


Writer.prepare = noted  # type: ignore[method-assign]
began = perf_counter()
getattr(sync, sys.argv[1])(now=clock.now())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{perf_counter() - began:.2f} {published[-1]:.2f} {peak}")
