"""Web push: the message is laid into the inbox, and the patient's browsers are told that it is there. They are told nothing else.
A notice of what lies there already (`pushing.BELL`) is told, and lays nothing.

- Accepted: one browser's service took it. Gone (404, 410): that browser is struck off; when it was the last, the message is refused and
  leaves the inbox, and may take another way. Full (429, 503): later, after the time the service asks for.
- A service can't be asked what it took: a broken line leaves the message unknown. It lies in the inbox all the same.
"""

import json
import os
from collections.abc import Iterator, Sequence

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from rapport.kit import http
from rapport.messaging import inbox, pushing, tracking, vapid
from rapport.messaging.carried import Answer, Go, Outgoing
from rapport.messaging.channels.shelf import Row, Shelf
from rapport.messaging.models import PortalMessage

WORDS = {"en": "You have a new message.", "es": "Tiene un mensaje nuevo."}
KEEPS = 3 * 24 * 3600  # seconds that the service may wait for the browser
FULL, GONE = {429, 503}, {404, 410}
LONGEST_WAIT = 600


class Bell(Shelf):
    """The channel."""

    def __init__(self) -> None:
        super().__init__(PortalMessage)
        self._outside, self._here = http.Client(), http.Client(loopback=True)

    def send(self, messages: Sequence[Outgoing], go: Go, timeout: float) -> Iterator[Answer]:
        """In order; after a busy answer the rest stay untouched."""
        for number, message in enumerate(messages):
            if not go(message):
                yield from (Answer(one.intent_id, "untouched") for one in messages[number:])
                return
            answer = self._one(message, timeout)
            yield answer
            if answer.kind == "busy":
                yield from (Answer(one.intent_id, "untouched") for one in messages[number + 1 :])
                return

    def can_be_asked(self) -> bool:
        return False

    def hang_up(self) -> None:
        """Close the lines."""
        self._outside.hang_up()
        self._here.hang_up()

    def row(self, message: Outgoing) -> Row | None:
        said = message.rendered
        return inbox.sealed(
            person_id=_person(message), message_id=message.message_id, subject=said.subject, body=said.text.strip()
        )

    def _one(self, message: Outgoing, timeout: float) -> Answer:
        if not message.address.startswith(pushing.BELL):
            placed = self._place(message)
            if placed.kind != "accepted":
                return placed
        answers = [self._tell(one, message, timeout) for one in pushing.targets(_person(message))]
        best = next((one for kind in ("accepted", "lost", "busy") for one in answers if one.kind == kind), None)
        if best is None:
            best = answers[0] if answers else Answer(message.intent_id, "refused", "No browser listens any more.")
        if best.kind in {"refused", "busy"}:
            PortalMessage.objects.filter(message_id=message.message_id, opened_at=None).delete()
        return best

    def _tell(self, target: pushing.Target, message: Outgoing, timeout: float) -> Answer:
        number = message.intent_id
        if not pushing.is_allowed(target.endpoint):
            return Answer(number, "refused", "The address is no push service that we know.")
        try:
            said = self._client(target).post_bytes(
                target.endpoint,
                body=_sealed(target, message),
                timeout=timeout,
                headers={
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                    "TTL": str(KEEPS),
                    "Urgency": "normal",
                    "Topic": tracking.token("preferences", number)[:32],
                    **vapid.headers(target.endpoint, message.at.timestamp()),
                },
            )
        except http.Forbidden as refused:
            return Answer(number, "refused", f"The push service is not allowed: {refused}."[:200])
        except http.Unreachable as gone:
            return Answer(number, "busy", f"No line to the push service ({gone}).")
        except http.Broken as broken:
            return Answer(number, "lost", f"The line broke while the browser was told ({broken}).")
        if said.status in GONE:
            pushing.end(ids=[target.id], because=f"the service said {said.status}", now=message.at)
        return _read(number, said)

    def _client(self, target: pushing.Target) -> http.Client:
        return self._here if pushing.is_here(target.endpoint) else self._outside


def _sealed(target: pushing.Target, message: Outgoing) -> bytes:
    """The few words, for this browser alone. Where to look is the patient's own link, and opens nothing without the birth date."""
    said = {
        "title": settings.CLINIC_NAME,
        "body": WORDS.get(target.language[:2], WORDS["en"]),
        "path": f"/inbox/{tracking.token('preferences', message.intent_id)}",
    }
    return bytes(
        http_ece.encrypt(
            json.dumps(said).encode(), salt=os.urandom(16), private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=target.p256dh, auth_secret=target.auth, version="aes128gcm",
        )
    )  # fmt: skip


def _read(number: int, said: http.Answer) -> Answer:
    if 200 <= said.status < 300:
        return Answer(number, "accepted", said.headers.get("location", "")[-120:])
    words = f"The push service said {said.status}."
    if said.status in FULL:
        asked = said.headers.get("retry-after", "")
        return Answer(number, "busy", words, float(min(int(asked), LONGEST_WAIT)) if asked.isdigit() else 0.0)
    return Answer(number, "lost" if said.status >= 500 else "refused", words)


def _person(message: Outgoing) -> int:
    return int(message.address.partition(":")[2])
