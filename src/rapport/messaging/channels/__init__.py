"""Channels: a kind is a folder and one line here."""

from rapport.messaging.carried import Channel
from rapport.messaging.channels import call, email, portal, print, push, sms  # noqa: A004 - the channel is called so

CHANNELS: dict[str, Channel] = {
    "email": email.CHANNEL,
    "sms": sms.CHANNEL,
    "print": print.CHANNEL,
    "call": call.CHANNEL,
    "portal": portal.CHANNEL,
    "push": push.CHANNEL,
}
