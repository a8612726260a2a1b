"""What staff found out about an address."""

from datetime import datetime

from django.db import transaction

from rapport.people.models import ContactPoint
from rapport.trust import audit
from rapport.trust.actors import Actor


@transaction.atomic
def mark_wrong(*, by: Actor, point_id: int, reason: str, now: datetime) -> ContactPoint:
    """It does not lead to this person. Others who gave the same address keep it."""
    point = ContactPoint.objects.select_for_update().get(pk=point_id)
    point.is_valid, point.invalid_reason = False, reason[:60]
    point.save(update_fields=["is_valid", "invalid_reason"])
    audit.record(
        by=by, verb="contact.mark_wrong", now=now, person=point.person_id, details={"kind": point.kind}, reason=reason
    )
    return point
