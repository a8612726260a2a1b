"""The timeline of one person: what happened, newest first, by kind, a page at a time. Delicate entries stay covered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from rapport.campaigns.models import Campaign
from rapport.consent import plain_words
from rapport.home import kinds
from rapport.home.ask import Ask
from rapport.people import touches
from rapport.people.models import Event

PAGE = 40
# What came from no feed but from us.
SOURCES: dict[str, str | Promise] = {
    "consent": pgettext_lazy("source", "consent"),
    "messaging": pgettext_lazy("source", "messaging"),
    "web": pgettext_lazy("source", "web"),
    "mail": pgettext_lazy("source", "mail"),
    "front desk": pgettext_lazy("source", "front desk"),
    "campaigns": pgettext_lazy("source", "campaigns"),
}


def fill(ask: Ask) -> dict[str, Any]:
    group = ask.query.get("kind", "")
    before = _instant(ask.query.get("before", ""))
    found = Event.objects.filter(person_id=ask.person_id, at__lte=before or ask.now)
    if group in kinds.GROUPS:
        found = found.filter(kind__in=kinds.kinds_of(group))
    rows = list(found.order_by("-at", "-id")[: PAGE + 1])
    shown = rows[:PAGE]
    return {
        "groups": kinds.GROUPS,
        "group": group,
        "entries": entries(shown),
        "older": shown[-1].at.isoformat() if len(rows) > PAGE else "",
    }


def entries(rows: Sequence[Event]) -> list[dict[str, Any]]:
    """Lines of the timeline. A delicate one says that something is there, and not what."""
    campaigns = dict(Campaign.objects.filter(pk__in={row.campaign_id for row in rows}).values_list("pk", "name"))
    scanned = touches.by_machines(rows)
    return [_entry(row, campaigns, touches.SCANNED if row.pk in scanned else row.kind) for row in rows]


def _entry(event: Event, campaigns: dict[int, str], kind: str) -> dict[str, Any]:
    one = kinds.look(kind)
    covered = kinds.is_delicate(event.data_class)
    return {
        "title": one.label,
        "icon": "eye-off" if covered else one.icon,
        "tone": "neutral" if covered else one.tone,
        "detail": kinds.class_label(event.data_class) if covered else _detail(event, campaigns),
        "covered": covered,
        "at": event.at,
        "source": str(SOURCES.get(event.source, event.source)),
    }


def _detail(event: Event, campaigns: dict[int, str]) -> str:
    told = event.detail if isinstance(event.detail, dict) else {}
    status = str(told.get("status", ""))
    if event.kind == "consent" and told.get("topic"):
        topic = plain_words.topic(told["topic"])
        channel = plain_words.channel(told.get("channel", ""))
        answer = _("Yes") if status == "granted" else _("No")
        return _("%(answer)s to %(topic)s by %(channel)s") % {"answer": answer, "topic": topic, "channel": channel}
    if event.kind in ("claim", "payment", "visit_cost") and event.value is not None:
        return f"${event.value:,.2f}"
    if event.campaign_id in campaigns and event.kind != "appointment":
        return campaigns[event.campaign_id]
    words = [event.label or plain_words.CHANNELS.get(event.code, event.code)]
    if event.value is not None:
        words.append(f"{event.value.normalize():f} {event.unit}".strip())
    if event.kind == "appointment" and status:
        words.append(str(kinds.APPOINTMENT_WORDS.get(status, status)))
    return " · ".join(str(word) for word in words if word)


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
