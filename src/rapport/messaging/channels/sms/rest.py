"""Text messages over a Twilio-compatible REST interface: one form posted a message, and an exact account of what may have gone out.

- Taken: an answer 2xx with the carrier's own id. Refused: any other clear no. Busy: too many at once, or no line came about.
- A line that breaks after the request began to leave, or an answer that tells of trouble inside the carrier, means "nobody knows".
- Every request names the message by its intent (`Idempotency-Key`), the same at every attempt. The embedded phone keeps that name,
  so it can be asked; a foreign carrier can't, and what is unknown there waits for a person, or for what the carrier tells us later.
- A foreign carrier is told where to say what became of it (`StatusCallback`): an address of this very message.
"""

import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from django.conf import settings

from rapport.kit import http
from rapport.messaging import tracking
from rapport.messaging.carried import Answer, Go, Outgoing
from rapport.messaging.models import MailboxItem

EMBEDDED = "x-rapport-phone"  # what our own phone says in every answer
REFERENCE = "Idempotency-Key"
FULL = {429, 503}
UNCLEAR = {408, 500, 502, 504}


class Rest:
    """The channel."""

    def __init__(self) -> None:
        self._inside = http.Client(loopback=True)
        self._outside = http.Client()

    def send(self, messages: Sequence[Outgoing], go: Go, timeout: float) -> Iterator[Answer]:
        """Send in order; what the lease no longer covers stays untouched, and so does the rest after a busy answer."""
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
        """True when the carrier is our own phone: it keeps every message before it says yes."""
        try:
            return EMBEDDED in self._client().get(settings.SMS_URL, timeout=5.0).headers
        except ConnectionError:
            return False

    def known(self, message_ids: Sequence[str]) -> set[str]:
        names = {tracking.text_name(one): one for one in message_ids}
        found = MailboxItem.objects.filter(message_id__in=list(names))
        return {names[one] for one in found.values_list("message_id", flat=True)}

    def hang_up(self) -> None:
        """Close the lines."""
        self._inside.hang_up()
        self._outside.hang_up()

    def _one(self, message: Outgoing, timeout: float) -> Answer:
        number = message.intent_id
        account = quote(settings.SMS_ACCOUNT, safe="")
        try:
            said = self._client().post(
                f"{settings.SMS_URL}/Accounts/{account}/Messages.json",
                form={
                    "To": message.address,
                    "From": settings.SMS_FROM,
                    "Body": message.rendered.text,
                    **_call_back(number),
                },
                auth=(settings.SMS_ACCOUNT, settings.SMS_TOKEN),
                headers={REFERENCE: tracking.text_name(message.message_id)}
                | ({"X-Rapport-At": message.at.isoformat()} if settings.SMS_EMBEDDED else {}),
                timeout=timeout,
            )
        except http.Forbidden as refused:
            return Answer(number, "refused", f"The address of the carrier is not allowed: {refused}."[:200])
        except http.Unreachable as gone:
            return Answer(number, "busy", f"No line to the carrier of text messages ({gone}).")
        except http.Broken as broken:
            return Answer(number, "lost", f"The line broke while the message was handed over ({broken}).")
        return _read(number, said)

    def _client(self) -> http.Client:
        """Loopback is open for the embedded phone alone."""
        return self._inside if settings.SMS_EMBEDDED else self._outside


def _call_back(intent_id: int) -> dict[str, str]:
    """Where the carrier may say what became of the message; it must be able to reach us."""
    if settings.SMS_EMBEDDED or not settings.PUBLIC_URL.startswith("https://"):
        return {}
    return {"StatusCallback": f"{settings.PUBLIC_URL}/hooks/sms/status/{tracking.token('status', intent_id)}"}


def _read(number: int, said: http.Answer) -> Answer:
    if 200 <= said.status < 300:
        return Answer(number, "accepted", str(_told(said).get("sid", ""))[:120])
    told = _told(said)
    words = f"The carrier said {said.status} {told.get('code', '')}".strip()
    if said.status in FULL:
        return Answer(number, "busy", words, _patience(said))
    if said.status in UNCLEAR:
        return Answer(number, "lost", words)
    return Answer(number, "refused", words, code=str(told.get("code", ""))[:10])


def _patience(said: http.Answer) -> float:
    """Seconds that the carrier asks for; no more than ten minutes, whatever it says."""
    asked = said.headers.get("retry-after", "")
    return float(min(int(asked), 600)) if asked.isdigit() else 0.0


def _told(said: http.Answer) -> dict:
    try:
        told = json.loads(said.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
