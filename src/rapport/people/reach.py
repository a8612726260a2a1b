"""Addresses that turned out not to work, and that work again. For verbs that write their own audit line (`consent.undeliverable`)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q

from rapport.people.models import ContactPoint

CAME_BACK = "mail to it came back"
TEXTS_CAME_BACK = "the carrier says there is no such number"
NO_TEXTS = "it takes no text messages"

_GIVE_UP = """
UPDATE people_contactpoint c SET is_valid = false, bounced_at = greatest(c.bounced_at, v.at),
    invalid_reason = CASE WHEN c.is_valid THEN %s ELSE c.invalid_reason END
FROM unnest(%s::bytea[], %s::timestamptz[]) AS v(digest, at)
WHERE c.kind = %s AND c.digest = v.digest
RETURNING c.person_id
"""
_WITHOUT_TEXTS = """
UPDATE people_contactpoint c SET no_texts_at = greatest(c.no_texts_at, v.at)
FROM unnest(%s::bytea[], %s::timestamptz[]) AS v(digest, at)
WHERE c.kind = 'phone' AND c.digest = v.digest
RETURNING c.person_id
"""


def give_up(*, kind: str, failed: dict[bytes, datetime], reason: str = CAME_BACK) -> list[int]:
    """These addresses (by digest, with when they failed) are not used any more. Returns whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, [reason[:60], list(failed), list(failed.values()), kind])
        return sorted({row[0] for row in cursor.fetchall()})


def without_texts(*, failed: dict[bytes, datetime]) -> list[int]:
    """These numbers (by digest, with when it was found) take no texts; they may still be rung up. Returns whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_TEXTS, [list(failed), list(failed.values())])
        return sorted({row[0] for row in cursor.fetchall()})


def works_again(*, kind: str, digests: Sequence[bytes]) -> list[int]:
    """Somebody proved that these addresses work. Only what we gave up ourselves comes back: a misspelt one stays wrong, and so does
    one that leads to somebody else."""
    found = ContactPoint.objects.filter(kind=kind, digest__in=list(digests))
    rows, silent = found.filter(bounced_at__isnull=False), found.filter(no_texts_at__isnull=False)
    people = sorted({*rows.values_list("person_id", flat=True), *silent.values_list("person_id", flat=True)})
    silent.update(no_texts_at=None)
    rows.filter(invalid_reason__in=[CAME_BACK, TEXTS_CAME_BACK]).update(is_valid=True, invalid_reason="")
    rows.update(bounced_at=None)
    return people


def is_given_up(*, kind: str, digest: bytes, since: datetime) -> bool:
    """Whether somebody's message to it came back. One that was gone before `since` may be somebody else's by now: that is no yes."""
    found = ContactPoint.objects.filter(kind=kind, digest=digest)
    if found.filter(bounced_at__lt=since).exists():
        return False
    return found.filter(Q(bounced_at__isnull=False) | Q(no_texts_at__isnull=False)).exists()


def owners(*, kind: str, digests: Sequence[bytes]) -> dict[bytes, list[int]]:
    """Who has these addresses."""
    found: dict[bytes, list[int]] = {}
    rows = ContactPoint.objects.filter(kind=kind, digest__in=list(digests)).order_by("person_id")
    for digest, person_id in rows.values_list("digest", "person_id"):
        found.setdefault(bytes(digest), []).append(person_id)
    return found


def addresses_of(*, kind: str, person_ids: Sequence[int]) -> dict[int, list[bytes]]:
    """The digests of these people's addresses."""
    found: dict[int, list[bytes]] = {}
    rows = ContactPoint.objects.filter(kind=kind, person_id__in=list(person_ids)).order_by("rank", "id")
    for person_id, digest in rows.values_list("person_id", "digest"):
        found.setdefault(person_id, []).append(bytes(digest))
    return found
