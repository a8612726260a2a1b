"""Words that a machine wrote: once so, always so, until a clinician answers for exactly these words (CA AB 3030)."""

from rapport.content.models import Piece, Version

PEOPLE, MACHINE = Version.WrittenBy.PEOPLE, Version.WrittenBy.MACHINE


def of_piece(piece: Piece) -> str:
    """Who wrote the newest words of a piece: what is written over them is a change of them."""
    newest = Version.objects.filter(piece=piece).order_by("-number").values_list("written_by", flat=True).first()
    return newest or PEOPLE


def changed(version: Version, before: str) -> None:
    """The words of this version changed: a clinician has not seen them."""
    if before != PEOPLE or version.written_by != PEOPLE:
        version.written_by = MACHINE
