"""Words that a machine translated: where they stand, and that nobody publishes them unreviewed (45 CFR 92.201(c)(3)).

original --(a machine translates)--> machine --(a qualified translator reviews)--> reviewed --(changed)--> machine
"""

from rapport.content.lint import Finding
from rapport.content.models import Piece, Version

ORIGINAL, MACHINE, REVIEWED = Version.Translation.ORIGINAL, Version.Translation.MACHINE, Version.Translation.REVIEWED


def of_piece(piece: Piece) -> str:
    """Where the newest words of a piece came from: what is written over a translation is a change of that translation."""
    newest = Version.objects.filter(piece=piece).order_by("-number").values_list("translation", flat=True).first()
    return newest or ORIGINAL


def changed(version: Version, before: str) -> None:
    """The words of this version changed: what came from a machine must be reviewed (again)."""
    if REVIEWED in {version.translation, before} or MACHINE in {version.translation, before}:
        by_machine(version)


def by_machine(version: Version) -> None:
    version.translation = MACHINE
    version.reviewed_by = version.reviewed_at = None
    version.reviewer_credential = ""


def findings(version: Version | None) -> list[Finding]:
    """What stands in the way of publishing."""
    if version is None or version.translation != MACHINE:
        return []
    message = (
        "A machine translated these words, and no qualified human translator has reviewed them (45 CFR 92.201(c)(3))."
    )
    return [
        Finding("A-02", "error", "translation", message, "Keep the draft and ask a qualified translator to review it.")
    ]
