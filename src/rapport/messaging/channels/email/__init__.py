"""E-mail."""

from rapport.messaging.channels.email.smtp import Smtp

CHANNEL = Smtp()
