"""Compliance's day: who said no, what was held back and by which rule, which emergency accesses wait for a look."""

from datetime import timedelta
from typing import Any

from django.db.models import Count

from rapport.consent.models import ConsentRecord, Suppression
from rapport.home import plumbing
from rapport.messaging.models import Receipt
from rapport.trust import breakglass
from rapport.trust.models import AuditEntry, BreakGlass

MONTH = timedelta(days=30)
WEEK = timedelta(days=7)
GLASSES = 6


def fill(look: Any) -> dict[str, Any]:
    month = look.now - MONTH
    said = ConsentRecord.objects.filter(at__gte=month, at__lte=look.now)
    gates = (
        Receipt.objects.filter(at__gte=month, at__lte=look.now, allowed=False)
        .order_by()
        .values("gate")
        .annotate(n=Count("id"))
        .order_by("-n")
    )
    return {
        "withdrawals": said.filter(status="withdrawn").count(),
        "grants": said.filter(status="granted").count(),
        "suppressed": Suppression.objects.filter(lifted_at__isnull=True).count(),
        "gates": list(gates),
        "glass_waiting": breakglass.waiting(),
        "unreviewed": list(
            BreakGlass.objects.filter(reviewed_at__isnull=True).select_related("user").order_by("opened_at")[:GLASSES]
        ),
        "refused": AuditEntry.objects.filter(verb="access.refused", at__gte=look.now - WEEK).count(),
        "opened": AuditEntry.objects.filter(verb="person.uncover", at__gte=look.now - WEEK).count(),
        **plumbing.fill(look),
    }
