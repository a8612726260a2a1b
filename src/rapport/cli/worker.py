"""Do the work that is due, until stopped."""

from rapport import worker


def command() -> None:
    """Ends at SIGTERM, after the batch at hand."""
    worker.run()
