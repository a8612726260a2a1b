"""Everything we said, or did not say, to one person, each with the way to its reasons."""

from typing import Any

from rapport.home.ask import Ask
from rapport.messaging.models import Intent, Receipt
from rapport.people import touches
from rapport.people.models import Event

RECENT = 30
HEARD = ("message_opened", "message_clicked", "message_scanned", "message_bounced", "unsubscribed", "booked")


def fill(ask: Ask) -> dict[str, Any]:
    intents = list(
        Intent.objects.filter(person_id=ask.person_id)
        .select_related("version__piece")
        .order_by("-created_at", "-id")[:RECENT]
    )
    last: dict[int, Receipt] = {}
    for receipt in Receipt.objects.filter(intent_id__in=[intent.pk for intent in intents]).order_by("at", "id"):
        last[receipt.intent_id] = receipt
    heard: dict[int | None, list[str]] = {}
    events = Event.objects.filter(person_id=ask.person_id, kind__in=HEARD, campaign_id__isnull=False)
    rows = list(events.order_by("at"))
    scanned = touches.by_machines(rows)
    for row in rows:
        kind = touches.SCANNED if row.pk in scanned else row.kind
        if kind not in heard.setdefault(row.campaign_id, []):
            heard[row.campaign_id].append(kind)
    return {
        "lines": [
            {
                "intent": intent,
                "receipt": last.get(intent.pk),
                "heard": heard.get(intent.cause_id, []) if intent.cause == "campaign" else [],
            }
            for intent in intents
        ]
    }
