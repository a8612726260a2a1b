"""Loading the program: no garbage is looked for meanwhile, and what was loaded is not gone over again later.

A thousand modules make millions of things that stay; the collector would count them a dozen times, for a quarter of the start.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Around the imports of a process that begins."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
