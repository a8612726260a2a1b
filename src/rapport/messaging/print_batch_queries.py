"""Reading the tray and the batches."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db.models import Count, F, Min, Q

from rapport.messaging.models import Letter, PrintBatch

PAGE = 50


class TrayNow(msgspec.Struct, frozen=True):
    """Letters by where they are."""

    waiting: int
    printed: int
    posted: int
    held_back: int
    oldest: datetime | None


def tray() -> TrayNow:
    state = Letter.State
    counted = Letter.objects.aggregate(
        waiting=Count("pk", filter=Q(state=state.WAITING)),
        printed=Count("pk", filter=Q(state=state.PRINTED)),
        posted=Count("pk", filter=Q(state=state.POSTED)),
        held_back=Count("pk", filter=Q(state=state.HELD_BACK)),
        oldest=Min("placed_at", filter=Q(state=state.WAITING)),
    )
    return TrayNow(**counted)


def batches(*, page: int = 1) -> tuple[Sequence[PrintBatch], bool]:
    """Newest first, and whether there are more. The sheets stay closed."""
    start = (page - 1) * PAGE
    rows = PrintBatch.objects.defer("sheet").select_related("made_by").order_by("-made_at", "-pk")
    found = list(rows[start : start + PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def letters_of(batch_id: int) -> list[Letter]:
    """In the order of the sheet; those that were spoiled at the end."""
    found = Letter.objects.filter(Q(batch=batch_id) | Q(spoiled_in=batch_id)).exclude(state=Letter.State.HELD_BACK)
    return list(found.annotate(is_here=Q(batch=batch_id)).order_by(F("is_here").desc(nulls_last=True), "number", "pk"))
