"""Reviews of words: where each version of a piece stands, who looked and who must, until when it may be sent. Read only."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Path, Router, Schema

from rapport.api.consents import Limit, Number, paged
from rapport.api.gate import verb
from rapport.api.problems import Problem
from rapport.api.shapes import Page
from rapport.content.models import Piece, ReviewComment, Version
from rapport.content.reviewing import queries, standing
from rapport.kit import clock
from rapport.trust.key_door import ProgramRequest

router = Router(tags=["Content"])
Slug = Annotated[str, Path(pattern=r"^[a-z0-9_\-]{1,50}$")]
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
STATES = {Version.State.PUBLISHED: "approved"}


class LookOut(Schema):
    """One look that these words need: why, and whose it was once it is had."""

    kind: Literal["marketing", "clinical", "compliance", "translation"]
    why: list[str]
    is_done: bool
    by: str | None = Field(description="The name of the member of staff.")
    role: str | None
    credential: str | None
    at: datetime | None


class Comments(Schema):
    open: int
    settled: int


class ReviewOut(Schema):
    """Where one version of a piece stands."""

    piece: str
    name: str
    channel: str
    language: str
    topic: str
    version: int
    content_version: int = Field(description="The number by which receipts and runs name these words.")
    state: Literal["draft", "review", "approved", "retired"] = Field(description="Only approved words are ever sent.")
    may_be_sent: bool = Field(description="Approved, and the approval has not ended.")
    digest: str = Field(description="The fingerprint of exactly these words; a look is at one fingerprint.")
    handed_in_by: str | None
    handed_in_at: datetime | None
    approved_at: datetime | None
    expires_at: datetime | None = Field(description="When the approval ends.")
    looks: list[LookOut]
    comments: Comments


class Reviews(Page):
    items: list[ReviewOut]


@router.get(
    "/pieces/{slug:slug}/reviews",
    response=Reviews,
    operation_id="list_reviews",
    summary="Every version of a piece with its reviews",
)
@verb("content.read")
def reviews(request: ProgramRequest, slug: Slug, page: Number = 1, limit: Limit = 50) -> dict[str, Any]:
    """The newest first."""
    if not Piece.objects.filter(slug=slug).exists():
        raise Problem(404, "not-found", "There is no such piece.")
    found = paged(_versions(slug), page, limit)
    return found | {"items": _told(found["items"])}


@router.get(
    "/pieces/{slug:slug}/versions/{int:number}/review",
    response=ReviewOut,
    operation_id="review",
    summary="The reviews of one version",
)
@verb("content.read")
def review(request: ProgramRequest, slug: Slug, number: VersionNumber) -> dict[str, Any]:
    """State, the looks that are needed and had, and until when it may be sent. What was said in comments stays in the house."""
    found = _versions(slug).filter(number=number).first()
    if found is None:
        raise Problem(404, "not-found", "There is no such piece, or no such version of it.")
    return _told([found])[0]


def _versions(slug: str) -> Any:
    found = Version.objects.filter(piece__slug=slug).select_related("piece", "handed_in_by", "reviewed_by")
    return found.order_by("-number")


def _told(many: list[Version]) -> list[dict[str, Any]]:
    now = clock.now()
    given = queries.approvals_of(many)
    said = Counter(
        (version, resolved is not None)
        for version, resolved in ReviewComment.objects.filter(version__in=many).values_list("version", "resolved_at")
    )
    return [_review(one, standing.lines(one, given[one.pk], now.date()), said, now) for one in many]


def _review(one: Version, looks: list[standing.Line], said: Counter[tuple[int, bool]], now: datetime) -> dict[str, Any]:
    is_approved = one.state == Version.State.PUBLISHED
    return {
        "piece": one.piece.slug,
        "name": one.piece.name,
        "channel": one.piece.channel,
        "language": one.piece.language,
        "topic": one.piece.topic,
        "version": one.number,
        "content_version": one.pk,
        "state": STATES.get(Version.State(one.state), one.state),
        "may_be_sent": is_approved and (one.expires_at is None or one.expires_at > now),
        "digest": one.digest,
        "handed_in_by": one.handed_in_by.name if one.handed_in_by else None,
        "handed_in_at": one.handed_in_at,
        "approved_at": one.published_at,
        "expires_at": one.expires_at,
        "looks": [_look(line) for line in looks],
        "comments": {"open": said[one.pk, False], "settled": said[one.pk, True]},
    }


def _look(line: standing.Line) -> dict[str, Any]:
    return {
        "kind": line.need.kind,
        "why": list(line.need.why),
        "is_done": line.is_done,
        "by": line.by or None,
        "role": line.role or None,
        "credential": line.credential or None,
        "at": line.at,
    }
