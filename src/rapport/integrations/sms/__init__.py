"""Text messages that come in: the carrier's webhook, what is done at once, and the list that people look at."""
