"""A word to the patient's browsers that a new message lies in the inbox (RFC 8030, 8188, 8291)."""

from rapport.messaging.channels.push.bell import Bell

CHANNEL = Bell()
