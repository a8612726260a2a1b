"""Consents and papers that will run out soon and that nothing newer has replaced."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from rapport.consent.models import ConsentRecord

HORIZONS = (30, 60, 90)


def expiring(*, now: datetime, days: int) -> QuerySet[ConsentRecord]:
    """What still holds and ends within so many days, the first to end first."""
    later = ConsentRecord.objects.filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")),
        **{
            field: OuterRef(field)
            for field in ("person", "kind", "channel", "topic", "tier", "recipient", "data_class")
        },
    )
    held = ConsentRecord.objects.filter(
        status=ConsentRecord.Status.GRANTED, at__lte=now, expires_at__gt=now, expires_at__lte=now + timedelta(days=days)
    )
    return held.filter(~Exists(later)).order_by(F("expires_at").asc(), "id")


def counts(now: datetime) -> dict[int, int]:
    """How many end within 30, 60 and 90 days; each number holds the one before."""
    return {days: expiring(now=now, days=days).count() for days in HORIZONS}


def days_left(record: ConsentRecord, today: date) -> int:
    """Whole days until it ends."""
    return (record.expires_at.date() - today).days if record.expires_at else 0
