"""Browsers that may be told “you have a new message”: subscribed by the patient herself, with her yes on record, and kept sealed.

Endpoints are addresses that a stranger's browser names: they must be https, on a host of `settings.PUSH_HOSTS`, and public (`kit.http`).
"""

import base64
import binascii
from collections.abc import Collection
from datetime import datetime
from fnmatch import fnmatch
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import transaction

from rapport.consent import ledger
from rapport.messaging.models import PushSubscription
from rapport.people.models import Person
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

TABLE = "messaging_pushsubscription"
TOPICS = ("care", "billing")
BELL = "bell:"  # an address for a word alone: the message it tells of lies in the inbox already
MOST = 10  # browsers of one person; the oldest goes
TEXT_VERSION = "push-1"
LONGEST = 1_000
_P256DH, _AUTH = 65, 16


class NotASubscription(ValueError):
    """What the browser sent is none, or names a host that is no push service."""


class Target(msgspec.Struct, frozen=True):
    """One browser, opened."""

    id: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    language: str


def is_allowed(endpoint: str) -> bool:
    """Whether a push service of the list lives there."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if len(endpoint) > LONGEST or not any(fnmatch(host, one) for one in settings.PUSH_HOSTS):
        return False
    return is_here(endpoint) or (parts.scheme == "https" and port in {None, 443} and not parts.username)


def is_here(endpoint: str) -> bool:
    """A push service on this machine: for tests, where the settings name it."""
    return urlsplit(endpoint).hostname == "127.0.0.1" and "127.0.0.1" in settings.PUSH_HOSTS


@transaction.atomic
def subscribe(
    *, by: Actor, person_id: int, said: dict[str, str], language: str, words: str, now: datetime
) -> PushSubscription:
    """This browser may be told. `said`: endpoint, p256dh, auth as the browser gives them; `words`: what stood beside the button.
    Raises `NotASubscription`."""
    endpoint = said.get("endpoint", "")
    keys = {name: _decoded(said.get(name, ""), length) for name, length in (("p256dh", _P256DH), ("auth", _AUTH))}
    if not is_allowed(endpoint):
        raise NotASubscription("no push service that we know")
    digest = sealing.digest("push", endpoint)
    key = sealing.keys_of([Person.objects.values_list("key", flat=True).get(pk=person_id)]).popitem()[1]
    row = digest.hex()
    sealed = {name: sealing.seal(key, blob, table=TABLE, column=name, row=row) for name, blob in keys.items()}
    made, _is_new = PushSubscription.objects.update_or_create(
        digest=digest,
        defaults={
            "person_id": person_id, "language": language[:8], "made_at": now, "ended_at": None, "ended_because": "",
            "endpoint": sealing.seal(key, endpoint, table=TABLE, column="endpoint", row=row), **sealed,
        },
    )  # fmt: skip
    live = PushSubscription.objects.filter(person=person_id, ended_at=None).order_by("-made_at", "-pk")
    end(ids=list(live.values_list("pk", flat=True)[MOST:]), because="too many", now=now)
    for topic in TOPICS:
        ledger.grant(
            by=by, person_id=person_id, channel="push", topic=topic, via="inbox", now=now, text_version=TEXT_VERSION,
            evidence={"text": words}, locale=language,
        )  # fmt: skip
    audit.record(by=by, verb="push.subscribe", now=now, person=person_id, details={"browsers": len(live)})
    return made


@transaction.atomic
def unsubscribe(*, by: Actor, person_id: int, language: str, now: datetime) -> int:
    """No browser of hers is told any more; returns how many were."""
    live = PushSubscription.objects.filter(person=person_id, ended_at=None)
    many = end(ids=list(live.values_list("pk", flat=True)), because="the patient said no", now=now)
    for topic in TOPICS:
        ledger.withdraw(
            by=by, person_id=person_id, channel="push", topic=topic, via="inbox", now=now, locale=language,
            text_version=TEXT_VERSION,
        )  # fmt: skip
    audit.record(by=by, verb="push.unsubscribe", now=now, person=person_id, details={"browsers": many})
    return many


def end(*, ids: Collection[int], because: str, now: datetime) -> int:
    """These browsers listen no more."""
    return PushSubscription.objects.filter(pk__in=ids, ended_at=None).update(ended_at=now, ended_because=because[:60])


def told_people(person_ids: Collection[int]) -> list[int]:
    """Who of these has a browser that may be told."""
    live = PushSubscription.objects.filter(person__in=list(person_ids), ended_at=None)
    return list(live.values_list("person_id", flat=True).distinct())


def targets(person_id: int) -> list[Target]:
    """Her browsers, opened. The caller writes the audit line."""
    subject = Person.objects.values_list("key", flat=True).filter(pk=person_id).first()
    key = sealing.keys_of([subject]).get(subject) if subject else None
    if key is None:
        return []
    found = []
    for one in PushSubscription.objects.filter(person=person_id, ended_at=None).order_by("-made_at", "-pk"):
        row = bytes(one.digest).hex()
        found.append(
            Target(
                one.pk,
                sealing.unseal_text(key, one.endpoint, table=TABLE, column="endpoint", row=row),
                sealing.unseal(key, one.p256dh, table=TABLE, column="p256dh", row=row),
                sealing.unseal(key, one.auth, table=TABLE, column="auth", row=row),
                one.language,
            )
        )
    return found


def _decoded(text: str, length: int) -> bytes:
    try:
        blob = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise NotASubscription("a key can't be read") from None
    if len(blob) != length:
        raise NotASubscription("a key has the wrong length")
    return blob
