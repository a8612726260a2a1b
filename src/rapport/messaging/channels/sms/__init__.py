"""Text messages."""

from rapport.messaging.channels.sms.rest import Rest

CHANNEL = Rest()
