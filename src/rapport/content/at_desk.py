"""Which pieces the front desk may send to one person, and what it calls them.

The desk chooses what to say; by which way it goes follows from what the person may get. So pieces that say the same in another
channel or language share a name. Only topics that serve the person are offered, each with the purpose that stands for it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from rapport.content import texting
from rapport.content.models import Piece, Version
from rapport.trust import audit
from rapport.trust.models import User

PURPOSES = {"care": "P1", "billing": "P12", "survey": "P11"}
LONGEST = 60


class NotForTheDesk(ValueError):
    """The front desk sends what serves the person, never news and offers; our answers to texts go out by themselves."""


def may_be_offered(piece: Piece) -> bool:
    """Whether a piece can be meant for the desk at all."""
    return piece.topic in PURPOSES and not piece.is_paid and not texting.is_answer(piece)


@transaction.atomic
def offer(*, by: User, piece: Piece, name: str, now: datetime) -> Piece:
    """The front desk may send it, under this name; an empty name takes it back. Raises NotForTheDesk."""
    wanted = " ".join(name.split())[:LONGEST]
    if wanted and (not may_be_offered(piece) or not slugify(wanted)):
        raise NotForTheDesk(f"A piece about “{piece.topic}” is not sent by the front desk.")
    piece.at_desk = wanted
    piece.save(update_fields=["at_desk"])
    audit.record(by=by, verb="content.offer", now=now, thing=f"piece:{piece.pk}", details={"at_desk": wanted})
    return piece


def offered() -> dict[str, list[Version]]:
    """Key of a name -> the newest approved wording of each piece that has it, by name."""
    found: dict[str, list[Version]] = {}
    newest = (
        Version.objects.filter(state=Version.State.PUBLISHED, piece__topic__in=list(PURPOSES), piece__is_paid=False)
        .exclude(piece__at_desk="")
        .select_related("piece")
        .order_by("piece_id", "-number")
        .distinct("piece_id")
    )
    for one in sorted(newest, key=lambda version: (version.piece.at_desk.casefold(), version.piece_id)):
        found.setdefault(slugify(one.piece.at_desk), []).append(one)
    return found
