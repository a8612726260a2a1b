"""Bring the database to this version of the program, and tell a restored backup who was erased since it was made."""

from django.core.management import call_command

from rapport.governance import reapplying
from rapport.kit import clock


def command(verbosity: int = 1) -> None:
    """Apply what is missing; nothing happens when nothing is."""
    call_command("migrate", interactive=False, verbosity=verbosity)
    reapplying.apply(now=clock.now())
