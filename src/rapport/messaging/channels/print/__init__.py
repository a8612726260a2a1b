"""Letters on paper: accepted means that the letter lies in the tray, for somebody to print (`print_batches`)."""

from rapport.messaging.channels.shelf import Shelf
from rapport.messaging.models import Letter

CHANNEL = Shelf(Letter, state=Letter.State.WAITING, number=0, reason="")
