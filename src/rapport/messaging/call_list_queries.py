"""Reading the call list."""

from datetime import datetime, timedelta

import msgspec
from django.db.models import Count, Q

from rapport.messaging.models import Call, CallTry

LATELY = timedelta(days=7)


class ListNow(msgspec.Struct, frozen=True):
    """Calls by what they wait for; reached and unreached of the last seven days."""

    due: int
    promised: int
    later: int
    reached: int
    unreached: int


def numbers(now: datetime) -> ListNow:
    is_open = Q(state=Call.State.OPEN)
    lately = Q(settled_at__gt=now - LATELY)
    counted = Call.objects.aggregate(
        due=Count("pk", filter=is_open & Q(next_at__lte=now)),
        promised=Count("pk", filter=is_open & Q(is_promised=True)),
        later=Count("pk", filter=is_open & Q(next_at__gt=now)),
        reached=Count("pk", filter=Q(state=Call.State.REACHED) & lately),
        unreached=Count("pk", filter=Q(state=Call.State.UNREACHED) & lately),
    )
    return ListNow(**counted)


def held_by(user_id: int) -> Call | None:
    """The call somebody has before her."""
    return Call.objects.filter(held_by=user_id, state=Call.State.OPEN).first()


def tries_of(call_id: int) -> list[CallTry]:
    return list(CallTry.objects.filter(call=call_id).select_related("by").order_by("-at", "-pk"))


def lately(limit: int = 20) -> list[CallTry]:
    """What came of the last calls."""
    return list(CallTry.objects.select_related("by", "call").order_by("-at", "-pk")[:limit])
