"""What lies on the desk of reviews: words that wait for a clinician, an issue with an open comment, a translation by a machine, and
words that were retired; and what the front desk may send. All from starters that ship with the product, or as Ana wrote them."""

from datetime import datetime, timedelta
from typing import Any

from rapport.content import actions as content
from rapport.content import designing, library, starters
from rapport.content.models import Piece, ReviewComment, Version
from rapport.content.reviewing import actions as reviewing
from rapport.demo import clinic, saying, scenes

CLINICIAN, TRANSLATED, RETIRED = "a1c-check", "flu-season-es", "new-provider"
ABOUT = {CLINICIAN: ["condition:diabetes"]}
# What the front desk may send to one person: words that ship with the product, in both languages, by letter and by text.
AT_DESK = ("pre-visit", "no-show", "welcome", "your-choices")
ASKED = "Is the garage free all day? The sign at the barrier says until six."


def lay(load: Any, step: Any) -> None:
    """Can be told twice: what lies there already stays."""
    now = load.today
    if _handed_in(CLINICIAN, now - timedelta(days=2)):
        saying.looked_at(_newest(CLINICIAN), now - timedelta(days=1), but=("clinical",))
    _handed_in(TRANSLATED, now - timedelta(days=1), is_machine=True)
    if _handed_in(RETIRED, now - timedelta(days=60)):
        version = saying.looked_at(_newest(RETIRED), now - timedelta(days=58))
        content.retire(by=clinic.staff("ana"), version=version, now=now - timedelta(days=7))
    _next_issue(now - timedelta(hours=20))
    for slug in [one.slug for one in starters.every() if one.at_desk and one.slug.startswith(AT_DESK)]:
        starters.newest(by=clinic.staff("ana"), slug=slug, now=now - timedelta(days=90))
    step.note = f"{Version.objects.filter(state=Version.State.REVIEW).count()} wait"


def _handed_in(slug: str, now: datetime, *, is_machine: bool = False) -> bool:
    """Ana takes this starter and hands it in; False where she did so before."""
    starter = starters.of_slug(slug)
    assert starter is not None
    if Piece.objects.filter(slug=slug).exists():
        return False
    ana = clinic.staff("ana")
    piece = starters.begin(by=ana, starter=starter, slug=slug, now=now)
    said = starters.words(starter)
    if slug in ABOUT:
        about = library.Said(tags=ABOUT[slug], owner=ana, service_line_id=piece.service_line_id)
        library.describe(by=ana, piece=piece, said=about, now=now)
        piece.refresh_from_db()
    if is_machine:
        designing.keep(by=ana, piece=piece, blocks=starter.blocks, said=said, now=now, is_machine=True)
    designing.publish(by=ana, piece=piece, blocks=starter.blocks, said=said, now=now)
    return True


def _newest(slug: str) -> Version:
    return Version.objects.filter(piece__slug=slug).select_related("piece").order_by("-number")[0]


def _next_issue(now: datetime) -> None:
    """The next issue of the newsletter, with a question of Cole's that nobody has answered."""
    if Version.objects.filter(piece__name=scenes.NEWS).count() > 1:
        return
    version = saying.handed_in(
        scenes.NEWS, "newsletter", "monthly-second", "Free parking, and a walk on Wednesdays", now
    )
    if not ReviewComment.objects.filter(version=version).exists():
        reviewing.comment(by=clinic.staff("cole"), version=version, words=ASKED, now=now + timedelta(hours=3))
