"""The list of addresses that must never be used, kept as keyed digests: it works without knowing whose address it is."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.consent.models import Suppression
from rapport.people import contact
from rapport.people.models import ContactPoint
from rapport.trust import audit
from rapport.trust.actors import Actor


class NotAnAddress(ValueError):
    """What was given can't be an address of that kind."""


@transaction.atomic
def suppress(*, by: Actor, kind: str, digests: Sequence[bytes], topic: str, reason: str, now: datetime) -> int:
    """Put addresses on the list for one topic or `all`. One that stands there already stays; a lifted one counts again."""
    changed = put(kind=kind, digests=digests, topic=topic, reason=reason, now=now)
    said = {"kind": kind, "topic": topic, "reason": reason, "addresses": changed}
    audit.record(by=by, verb="consent.suppress", now=now, details=said)
    return changed


def put(*, kind: str, digests: Sequence[bytes], topic: str, reason: str, now: datetime) -> int:
    """The same for a verb that writes its own audit line (`revoking`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO consent_suppression (kind, digest, topic, reason, at) "
            "SELECT %s, digest, %s, %s, %s FROM unnest(%s::bytea[]) AS digest "
            "ON CONFLICT (kind, digest, topic) DO UPDATE SET lifted_at = NULL, reason = EXCLUDED.reason, at = EXCLUDED.at "
            # Who stops a number that had come back must stay stopped when it works again.
            "WHERE consent_suppression.lifted_at IS NOT NULL "
            "OR (consent_suppression.reason = 'bounced' AND EXCLUDED.reason <> 'bounced') "
            # A START takes back what the carrier told us, and not what was said to us beside it.
            "OR (consent_suppression.reason = 'carrier' AND EXCLUDED.reason NOT IN ('bounced', 'carrier'))",
            [kind, topic, reason, now, list(digests)],
        )
        return cursor.rowcount


def suppress_address(*, by: Actor, kind: str, value: str, topic: str, reason: str, now: datetime) -> int:
    """The same for an address in clear, as staff type it."""
    point = contact.email(value) if kind == "email" else contact.phone(value)
    if point is None or point.problem:
        raise NotAnAddress(
            _("This is not a working e-mail address.") if kind == "email" else _("This is not a working phone number.")
        )
    return suppress(by=by, kind=kind, digests=[point.digest()], topic=topic, reason=reason, now=now)


def suppress_person(*, by: Actor, person_id: int, kind: str, topic: str, reason: str, now: datetime) -> int:
    """The same for every address of that kind a person has; it will outlive the person's record."""
    found = ContactPoint.objects.filter(person_id=person_id, kind=kind).values_list("digest", flat=True)
    digests = [bytes(one) for one in found]
    return suppress(by=by, kind=kind, digests=digests, topic=topic, reason=reason, now=now)


@transaction.atomic
def lift(*, by: Actor, kind: str, digests: Sequence[bytes], topic: str, now: datetime) -> int:
    """Take addresses off the list, for whoever asked to be written to again."""
    found = Suppression.objects.filter(kind=kind, digest__in=list(digests), topic=topic, lifted_at__isnull=True)
    changed = found.update(lifted_at=now)
    audit.record(by=by, verb="consent.lift", now=now, details={"kind": kind, "topic": topic, "addresses": changed})
    return changed


def lift_person(*, by: Actor, person_id: int, kind: str, topic: str, now: datetime) -> int:
    found = ContactPoint.objects.filter(person_id=person_id, kind=kind).values_list("digest", flat=True)
    return lift(by=by, kind=kind, digests=[bytes(one) for one in found], topic=topic, now=now)
