"""Bring the database to this version of the program."""

from django.core.management import call_command


def command(verbosity: int = 1) -> None:
    """Apply what is missing; nothing happens when nothing is."""
    call_command("migrate", interactive=False, verbosity=verbosity)
