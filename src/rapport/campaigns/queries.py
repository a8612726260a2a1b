"""What the pages of campaigns ask. Reads only."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.campaigns import reasons
from rapport.campaigns.models import Assignment, Campaign
from rapport.content import usage as content
from rapport.segments import usage
from rapport.segments.models import Segment
from rapport.trust.access import as_system
from rapport.trust.sight import Sight

PROGRESS = (Path(__file__).parent / "progress.sql").read_text()
UNSETTLED = ("queued", "deferred", "claimed")


@dataclass(frozen=True)
class Reason:
    """So many people for one reason."""

    state: str
    gate: str
    reason: str
    people: int


@dataclass(frozen=True)
class Progress:
    """How far a launched campaign is. `arms` are the people of the frozen audience, `states` their messages."""

    arms: dict[str, int]
    states: dict[str, int]
    reasons: list[Reason]
    not_permitted: list[Reason]

    @property
    def meant(self) -> int:
        return sum(self.states.values())

    @property
    def settled(self) -> int:
        return sum(people for state, people in self.states.items() if state not in UNSETTLED)

    @property
    def audience(self) -> int:
        return sum(self.arms.values())


@contextmanager
def addressable(sight: Sight) -> Iterator[None]:
    """Whom the campaigns of this person may address. A grant for places reaches the people of those places. A grant for a
    service line reaches everybody, though its holder sees nobody by name: counting and sending show no person."""
    if sight.locations and not sight.everyone:
        yield
        return
    with as_system():
        yield


def in_sight(sight: Sight) -> QuerySet[Campaign]:
    """The campaigns of the service lines this person sees; those of no line are everybody's."""
    found = Campaign.objects.select_related("segment", "service_line", "objective", "version__piece")
    if sight.every_line:
        return found
    return found.filter(Q(service_line=None) | Q(service_line__in=sight.lines))


def contacted(campaigns: Iterable[Campaign]) -> dict[int, int]:
    """People of the contact arm by campaign."""
    rows = Assignment.objects.filter(campaign__in=list(campaigns), arm=Assignment.Arm.CONTACT)
    return dict(rows.values_list("campaign_id").annotate(Count("id")).values_list("campaign_id", "id__count"))


def progress(campaign: Campaign) -> Progress:
    """Live: counted now, from the messages themselves."""
    arms = Assignment.objects.filter(campaign=campaign).values_list("arm").annotate(Count("id"))
    refused = Assignment.objects.filter(campaign=campaign, arm=Assignment.Arm.NOT_PERMITTED).values_list(
        "gate", "reason"
    )
    since = campaign.launched_at or campaign.created_at
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, {"campaign": campaign.pk, "since": since})
        rows = cursor.fetchall()
    states: Counter[str] = Counter()
    for state, _gate, _reason, people in rows:
        states[state] += people
    at_launch = [("not_permitted", *row) for row in refused.annotate(people=Count("id"))]
    return Progress(
        arms=dict(arms.values_list("arm", "id__count")),
        states=dict(states),
        reasons=[Reason(*row) for row in reasons.together(row for row in rows if row[1] or row[2])],
        not_permitted=[Reason(*row) for row in reasons.together(at_launch)],
    )


def saying(pieces: Sequence[int]) -> list[content.Use]:
    """The campaigns that say these pieces, the newest first: `content.usage` asks."""
    campaigns = Campaign.objects.filter(version__piece__in=pieces).select_related("version")
    return [
        content.Use(
            one.version.piece_id, one.version.number, _("Campaign"), one.name, reverse("campaigns:one", args=[one.slug])
        )
        for one in campaigns.order_by("-created_at", "-id")
        if one.version is not None
    ]


def using_segment(segment: Segment) -> list[usage.Use]:
    """The campaigns that are meant for this segment, the newest first: `segments.usage` asks."""
    campaigns = Campaign.objects.filter(segment=segment).order_by("-created_at", "-id")
    return [
        usage.Use(what=_("Campaign"), name=one.name, href=reverse("campaigns:one", args=[one.slug]))
        for one in campaigns
    ]
