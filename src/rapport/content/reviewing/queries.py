"""What waits on the desk, and what will run out."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from rapport.content.models import Approval, Version
from rapport.content.reviewing import standing
from rapport.trust.models import User

SOON = timedelta(days=30)


class Waiting(msgspec.Struct, frozen=True):
    """A version on the desk: all its looks, and those that wait for who asks."""

    version: Version
    lines: list[standing.Line]
    mine: list[standing.Line]
    is_own: bool


def on_the_desk(user: User, now: datetime) -> list[Waiting]:
    """Everything that waits, what waits for this user first, then the oldest."""
    versions = list(
        Version.objects.filter(state=Version.State.REVIEW)
        .select_related("piece", "handed_in_by", "reviewed_by")
        .order_by("handed_in_at", "id")
    )
    given = approvals_of(versions)
    found = []
    for one in versions:
        lines = standing.lines(one, given[one.pk], now.date())
        found.append(Waiting(one, lines, standing.open_to(user, one, lines), standing.is_author(user, one)))
    return sorted(found, key=lambda one: not one.mine)


def waits_for(user: User, now: datetime) -> list[Waiting]:
    """Only what waits for this user: for Today."""
    return [one for one in on_the_desk(user, now) if one.mine]


def runs_out(now: datetime, within: timedelta = SOON) -> list[Version]:
    """Approved words whose approval ends soon or has ended, the first to end first; only of each piece's newest approval."""
    newest = (
        Version.objects.filter(state=Version.State.PUBLISHED)
        .order_by("piece_id", "-number")
        .distinct("piece_id")
        .select_related("piece", "piece__owner")
        .defer("html", "mjml", "text")
    )
    ending = [one for one in newest if one.expires_at is not None and one.expires_at < now + within]
    return sorted(ending, key=lambda one: (one.expires_at, one.pk))


def approvals_of(versions: Iterable[Version]) -> dict[int, list[Approval]]:
    """The approvals of many versions, undone ones too, oldest first."""
    found: dict[int, list[Approval]] = defaultdict(list)
    ids = [one.pk for one in versions]
    for one in Approval.objects.filter(version_id__in=ids).select_related("by").order_by("at", "id"):
        found[one.version_id].append(one)
    return found
