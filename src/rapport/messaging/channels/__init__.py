"""Channels: a kind is a folder and one line here."""

from rapport.messaging.carried import Channel
from rapport.messaging.channels import email, sms

CHANNELS: dict[str, Channel] = {
    "email": email.CHANNEL,
    "sms": sms.CHANNEL,
}
