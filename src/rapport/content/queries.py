"""Reading content."""

from functools import lru_cache

from rapport.content.models import Piece, Version


@lru_cache(maxsize=2048)
def links_of(version_id: int) -> tuple[str, ...]:
    """The tracked links of a published version, by number. Remembered: a published version never changes."""
    found = (
        Version.objects.filter(pk=version_id).exclude(state=Version.State.DRAFT).values_list("links", flat=True).first()
    )
    return tuple(one["url"] for one in found) if found is not None else _unknown(version_id)


def published(*, topic: str = "", channel: str = "email") -> list[Version]:
    """The newest published version of each piece, for choosing what to say."""
    found = Version.objects.filter(state=Version.State.PUBLISHED, piece__channel=channel).select_related("piece")
    if topic:
        found = found.filter(piece__topic=topic)
    return list(found.order_by("piece_id", "-number").distinct("piece_id"))


def pieces() -> list[tuple[Piece, list[Version]]]:
    """Every piece with its versions, newest first."""
    by_piece: dict[int, list[Version]] = {}
    for version in Version.objects.defer("html", "mjml", "text").order_by("-number"):
        by_piece.setdefault(version.piece_id, []).append(version)
    return [(piece, by_piece.get(piece.pk, [])) for piece in Piece.objects.order_by("name", "id")]


def _unknown(version_id: int) -> tuple[str, ...]:
    return ()


def newest(slug: str) -> Version | None:
    """The latest wording of a piece: its draft if there is one."""
    return Version.objects.filter(piece__slug=slug).select_related("piece").order_by("-number").first()
