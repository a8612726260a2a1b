"""Pieces that say the same in other channels: when a message can't go one way, its family has the words for the next."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rapport.content import actions
from rapport.content.models import Piece
from rapport.trust import audit
from rapport.trust.actors import Actor

LANGUAGES = ("en", "es")
CHANNELS = ("email", "sms", "print", "call", "portal", "push")
DESIGNED = (
    "email",
    "print",
)  # written in the designer; the others have editors of their own (`text_views`, `parts_views`)


class NoSuchWay(ValueError):
    """There is no such channel, or the family has words for it already."""


def of(piece: Piece) -> list[Piece]:
    """The family in this language, the piece itself among them."""
    if not piece.family:
        return [piece]
    return list(Piece.objects.filter(family=piece.family, language=piece.language, topic=piece.topic).order_by("pk"))


def tongues(piece: Piece) -> list[Piece]:
    """The same words for the same channel in other languages."""
    if not piece.family:
        return []
    same = Piece.objects.filter(family=piece.family, channel=piece.channel, topic=piece.topic)
    return list(same.exclude(language=piece.language).order_by("language", "pk"))


def unspoken(piece: Piece) -> list[str]:
    """Languages in which the family has no words for this channel."""
    spoken = {piece.language[:2], *(one.language[:2] for one in tongues(piece))}
    return [one for one in LANGUAGES if one not in spoken]


def missing(family: Sequence[Piece]) -> list[str]:
    """Channels that the family has no piece for."""
    taken = {one.channel for one in family}
    return [one for one in CHANNELS if one not in taken]


@transaction.atomic
def begin(*, by: Actor, piece: Piece, now: datetime, channel: str = "", language: str = "") -> Piece:
    """A piece without words that is to say the same in another channel, or in the same channel in another language.

    Raises `NoSuchWay`.
    """
    piece = Piece.objects.select_for_update().get(pk=piece.pk)
    is_new = language in unspoken(piece) if language else channel in missing(of(piece))
    if not is_new:
        raise NoSuchWay(channel or language)
    channel = piece.channel if language else channel
    family = piece.family or piece.slug
    Piece.objects.filter(pk=piece.pk).update(family=family)
    made = actions.start(
        by=by, name=piece.name, topic=piece.topic, language=language or piece.language, now=now,
        slug=f"{piece.slug[:36]}-{language or channel}",
        service_line_id=piece.service_line_id, channel=channel,
    )  # fmt: skip
    made.family, made.is_paid = family, piece.is_paid
    made.save(update_fields=["family", "is_paid"])
    audit.record(by=by, verb="content.join_family", now=now, thing=f"piece:{made.pk}", details={"family": family})
    return made
