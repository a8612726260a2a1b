"""One run of the writer in a process of its own: `python -m bench._one_sync refresh|rebuild`.

Prints seconds of the whole, seconds until the pointer row, seconds of processor and the peak of memory in megabytes.
"""

import os
import resource
import sys
from time import perf_counter, process_time

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
before = process_time()
began = perf_counter()
getattr(sync, sys.argv[1])(now=clock.now())
used = resource.getrusage(resource.RUSAGE_SELF)
print(
    f"{perf_counter() - began:.2f} {published[-1]:.2f} {used.ru_utime + used.ru_stime - before:.2f} {used.ru_maxrss // 1024}"
)
