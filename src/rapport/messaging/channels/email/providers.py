"""E-mail over the interface of a provider, and an exact account of what may have gone out.

The library django-anymail knows how each provider wants a message written and how it answers; it is asked for both and sends
nothing itself. What it has written goes over the one HTTP client of the house (`kit.http`): encrypted, to public addresses only, no
redirects, no proxies, our time limits, lines kept open.

- Taken: a yes that can be read, with the provider's own id. Refused: a clear no to this message or its recipient.
- Busy: too many at once, closed for a while, no line, or a no that would meet every message (a wrong key, an unknown sender): what
  is wrong with our settings must not use up anybody's message.
- Lost: the line broke after the request began to leave, or the provider tells of trouble inside. A provider that knows
  `Idempotency-Key` is asked the same once more, at once. After a lost message the next one stays where it is.
- Words of a provider may name the recipient, so only its codes are kept.
"""

import json
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import msgspec
import requests
from anymail.backends.base_requests import AnymailRequestsBackend, RequestsPayload
from anymail.exceptions import AnymailError, AnymailRequestsAPIError
from anymail.message import AnymailStatus
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from rapport.kit import http
from rapport.messaging.carried import Answer, Go, Outgoing
from rapport.messaging.channels.email import mime

LONGEST_WAIT = 600
FULL = {425, 429, 503}
UNCLEAR = {408, 409, 500, 502, 504}
OURS = {401, 402, 403, 404, 405, 407, 451}
TAKEN = {"sent", "queued"}
REFUSED = {"invalid", "rejected", "failed"}
_CODES = ("ErrorCode", "code", "name", "error_code", "ErrorIdentifier", "status")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class Kind(msgspec.Struct, frozen=True):
    """One provider: which settings it takes (`RAPPORT_MAIL_PROVIDER_<KEY>`), and what is special about it.

    `ours`: codes of a refused request that speak of our account and not of this message. `switches`: whether its tracking can be
    switched off message by message; where not, it has to be off in the account. `notes`: whether it
    keeps our name of a message beside the message, and reports it; where not, it reports the Message-ID.
    """

    keys: frozenset[str]
    optional: frozenset[str] = frozenset()
    headers: Mapping[str, str] = {}
    ours: frozenset[str] = frozenset()
    is_idempotent: bool = False
    switches: bool = True
    notes: bool = True


_KEY = frozenset({"api_key"})
KINDS: dict[str, Kind] = {
    "brevo": Kind(_KEY, switches=False),
    "mailgun": Kind(_KEY, frozenset({"sender_domain"})),
    "mailjet": Kind(frozenset({"api_key", "secret_key"})),
    "mailtrap": Kind(frozenset({"api_token"}), switches=False),
    "mandrill": Kind(_KEY, ours=frozenset({"Invalid_Key", "PaymentRequired", "Unknown_Subaccount"})),
    "postal": Kind(frozenset({"api_key", "api_url"}), switches=False, notes=False),
    "postmark": Kind(
        frozenset({"server_token"}),
        frozenset({"message_stream"}),
        headers={"X-PM-KeepID": "true"},
        ours=frozenset({"10", "400", "401", "405", "412", "413"}),  # key, sender, credit, account not yet approved
    ),
    "resend": Kind(_KEY, is_idempotent=True, switches=False),
    "sendgrid": Kind(_KEY),
    "sparkpost": Kind(_KEY, frozenset({"subaccount"})),
    "unisender_go": Kind(frozenset({"api_key", "api_url"})),
}


class Provider:
    """The channel. Safe to share between threads: each speaks through a writer of its own over common lines."""

    def __init__(self, name: str, keys: Mapping[str, str], *, client: http.Client | None = None) -> None:
        kind = KINDS.get(name)
        if kind is None:
            raise ImproperlyConfigured(_unknown(name))
        missing = sorted(kind.keys - keys.keys())
        strange = sorted(keys.keys() - kind.keys - kind.optional - {"api_url"})
        if missing or strange:
            raise ImproperlyConfigured(_misses(name, missing, strange))
        self.name, self._kind, self._keys = name, kind, dict(keys)
        self._client = client or http.Client()
        self._local, self._making = threading.local(), threading.Lock()
        self._writer()  # a setting that the library refuses stops the start, not the first message

    def send(self, messages: Sequence[Outgoing], go: Go, timeout: float) -> Iterator[Answer]:
        """Send in order; what the lease no longer covers stays untouched, and so does the rest after a busy answer."""
        troubled = ""
        for number, message in enumerate(messages):
            if not troubled and not go(message):
                yield from (Answer(one.intent_id, "untouched") for one in messages[number:])
                return
            answer = Answer(message.intent_id, "busy", troubled) if troubled else self._one(message, timeout)
            yield answer
            if answer.kind == "busy":
                yield from (Answer(one.intent_id, "untouched") for one in messages[number + 1 :])
                return
            if answer.kind == "lost":
                troubled = f"Not tried: {self.name} left the message before this one open."

    def can_be_asked(self) -> bool:
        """No provider promises to know every message it took the moment after: what is unknown waits for its webhook, or a person."""
        return False

    def known(self, message_ids: Sequence[str]) -> set[str]:
        return set()

    def hang_up(self) -> None:
        """Close the lines."""
        self._client.hang_up()

    def _one(self, message: Outgoing, timeout: float) -> Answer:
        writer = self._writer()
        try:
            payload = self._written(writer, message)
        except (mime.UnsafeHeader, AnymailError) as wrong:
            return Answer(
                message.intent_id, "refused", f"It can't be written for {self.name} ({type(wrong).__name__})."
            )
        except Exception as broken:  # noqa: BLE001 - one message that can't be written must not hold up the others
            return Answer(message.intent_id, "later", f"It could not be written ({type(broken).__name__}).")
        writer.timeout = timeout
        answer = self._asked(writer, payload, message)
        if answer.kind == "lost" and self._kind.is_idempotent:
            again = self._asked(writer, payload, message)
            return again if again.kind in {"accepted", "refused"} else answer
        return answer

    def _written(self, writer: AnymailRequestsBackend, message: Outgoing) -> RequestsPayload:
        payload = writer.build_message_payload(self._letter(message), {})
        if self._kind.is_idempotent:
            payload.headers["Idempotency-Key"] = message.message_id
        return payload

    def _letter(self, message: Outgoing) -> EmailMultiAlternatives:
        """The message as the library takes it, of the same parts as over SMTP."""
        sender = settings.MAIL_FROM
        letter = EmailMultiAlternatives(
            subject=mime.checked(message.rendered.subject),
            body=message.rendered.text,
            from_email=_mailbox(message.sender_name or settings.CLINIC_NAME, sender),
            to=[mime.address(message.address)],
            headers={**mime.headers(message, domain=sender.rpartition("@")[2]), **self._kind.headers},
        )
        if message.rendered.html:
            letter.attach_alternative(message.rendered.html, "text/html")
        if self._kind.notes:
            letter.metadata = {"rapport": message.message_id}  # type: ignore[attr-defined] # the library's
        if self._kind.switches:
            letter.track_clicks = letter.track_opens = False  # type: ignore[attr-defined]
        return letter

    def _asked(self, writer: AnymailRequestsBackend, payload: RequestsPayload, message: Outgoing) -> Answer:
        number = message.intent_id
        try:
            response = writer.post_to_esp(payload, payload.message)
            status = AnymailStatus()
            status.set_recipient_status(writer.parse_recipient_status(response, payload, payload.message))
        except (http.Forbidden, http.Unreachable) as gone:
            return Answer(number, "busy", f"No line to {self.name} ({gone}).")
        except http.Broken as broken:
            return Answer(
                number, "lost", f"The line to {self.name} broke while the message was handed over ({broken})."
            )
        except AnymailRequestsAPIError as said:
            if said.response is not None:
                return self._no(number, said.response)
            return Answer(number, "later", f"It could not be handed to {self.name}.")
        except AnymailError as wrong:  # while it was put into bytes: nothing has left
            return Answer(number, "refused", f"It can't be written for {self.name} ({type(wrong).__name__}).")
        told = status.status or set()
        if told and told <= REFUSED:
            return Answer(number, "refused", self._words(response))
        if not told <= TAKEN | REFUSED:
            return Answer(number, "lost", f"{self._words(response)}; that is neither yes nor no")
        return Answer(number, "accepted", _first_id(status)[:120])

    def _no(self, number: int, said: requests.Response) -> Answer:
        """What an answer that is no yes means. A yes that can't be read leaves it open."""
        words, code = self._words(said), said.status_code
        if code in FULL:
            return Answer(number, "busy", words, _patience(said))
        if code in OURS or 300 <= code < 400 or self._kind.ours & _codes(said):
            return Answer(number, "busy", words)
        if 400 <= code < 500 and code not in UNCLEAR:
            return Answer(number, "refused", words)
        return Answer(number, "lost", words)

    def _words(self, said: requests.Response) -> str:
        codes = ", ".join(sorted(_codes(said)))
        return f"{self.name} said {said.status_code}" + (f" ({codes})" if codes else "")

    def _writer(self) -> AnymailRequestsBackend:
        """The library's writer of this thread."""
        writer: AnymailRequestsBackend | None = getattr(self._local, "writer", None)
        if writer is None:
            with self._making, warnings.catch_warnings():  # about providers the library no longer answers for
                warnings.simplefilter("ignore")
                writer = import_string(f"anymail.backends.{self.name}.EmailBackend")(**self._keys)
            writer.session = _Session(self._client)
            self._local.writer = writer
        return writer


class _Session(requests.Session):
    """What the library posts through: our client, and nothing of the environment."""

    def __init__(self, client: http.Client) -> None:
        super().__init__()
        self.trust_env = False
        self.headers = CaseInsensitiveDict({"User-Agent": "Rapport", "Accept-Encoding": "gzip, deflate"})
        self.adapters.clear()
        self.mount("https://", _Carrier(client))
        self.mount("http://", _Carrier(client))  # which the client lets through to loopback alone, if it was told to

    def get_redirect_target(self, resp: requests.Response) -> None:
        """A provider that sends us elsewhere is not followed."""


class _Carrier(BaseAdapter):
    def __init__(self, client: http.Client) -> None:
        super().__init__()
        self._client = client

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        body: Any = request.body or b""
        said = self._client.carry(
            request.method or "POST",
            request.url or "",
            body=body.encode() if isinstance(body, str) else body,
            headers={name: str(value) for name, value in request.headers.items()},
            timeout=timeout,
        )
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = said.status, request, request.url or ""
        answer.headers = CaseInsensitiveDict(said.headers)
        answer.encoding = "utf-8"
        answer.raw = BytesIO(said.body)
        return answer

    def close(self) -> None:
        """The lines belong to the channel."""


def _mailbox(name: str, where: str) -> str:
    """In plain letters: the provider encodes them."""
    plain = mime.checked(name).replace("\\", "").replace('"', "")
    return f'"{plain}" <{mime.address(where)}>'


def _first_id(status: AnymailStatus) -> str:
    return next((str(one.message_id) for one in status.recipients.values() if one.message_id), "")


def _codes(said: requests.Response) -> set[str]:
    """The codes by which a provider names what is wrong, wherever in its answer they stand."""
    try:
        told = json.loads(said.content)
    except ValueError:
        return set()
    rows = [
        told,
        *(told.get("errors") or [] if isinstance(told, dict) and isinstance(told.get("errors"), list) else []),
    ]
    found = [str(one[name]) for one in rows if isinstance(one, dict) for name in _CODES if name in one]
    return {one for one in found if _CODE.fullmatch(one)}


def _patience(said: requests.Response) -> float:
    """Seconds that the provider asks for; no more than ten minutes, whatever it says."""
    asked = said.headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(min(int(asked), LONGEST_WAIT))
    try:
        span = parsedate_to_datetime(asked) - parsedate_to_datetime(said.headers.get("Date", ""))
    except (ValueError, TypeError):
        return 0.0
    return float(max(0, min(span.total_seconds(), LONGEST_WAIT)))


def _unknown(name: str) -> str:
    if name in {"ses", "amazon_ses"}:
        return "Amazon SES is reached as a relay: RAPPORT_SMTP_HOST=email-smtp.REGION.amazonaws.com with its SMTP user and password."
    return f"RAPPORT_MAIL_PROVIDER={name} is none of {', '.join(sorted(KINDS))}."


def _misses(name: str, missing: Sequence[str], strange: Sequence[str]) -> str:
    said = [f"{name} needs RAPPORT_MAIL_PROVIDER_{one.upper()}." for one in missing]
    said += [f"{name} has no use for RAPPORT_MAIL_PROVIDER_{one.upper()}." for one in strange]
    return " ".join(said)
