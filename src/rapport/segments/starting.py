"""Ready segments as a page offers them: by kind in plain words, each with how many it finds now, or why it is not counted."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from rapport.directory import queries as directory
from rapport.directory.models import Location
from rapport.segments import permission, queries, ready, store
from rapport.segments.language import Misformed, Node
from rapport.segments.ready import Ready

TITLES: dict[str, tuple[str | Promise, str | Promise, str]] = {
    "care": (later("Care that is due"), later("Screenings, shots and yearly visits that somebody has missed."), "calendar-heart"),
    "conditions": (later("Living with a condition"), later("A diagnosis, and what it asks for."), "heart-pulse"),
    "utilisation": (later("How they use us"), later("New, loyal, long not seen, or here too often."), "activity"),
    "demographics": (later("Who they are"), later("Age, birthdays and families."), "users"),
    "geography": (later("Where they live"), later("Near one of our locations."), "map-pin"),
    "preferences": (later("What they asked for"), later("Language, permission, and how much they want to hear."), "message-square"),
    "insurance": (later("How they are insured"), later("By whom, or not at all."), "shield"),
}  # fmt: skip


@dataclass(frozen=True)
class Start:
    """What the builder opens with when somebody takes a ready segment."""

    node: Node
    name: str
    purpose: str
    note: str


@dataclass(frozen=True)
class Offered:
    """One ready segment on the page, `takeable` where the house has what it needs.

    `people` is None where nobody was counted; `why_not` says why.
    """

    ready: Ready
    name: str
    about: str
    purpose: str
    takeable: bool = True
    people: int | None = None
    why_not: str = ""


@dataclass(frozen=True)
class Shelf:
    """Ready segments of one kind."""

    kind: str
    title: str
    lead: str
    icon: str
    of: tuple[Offered, ...]


def ready_start(slug: str) -> Start | None:
    """A ready segment in the language of whoever asks. None: there is none of this name, or the house lacks what it needs."""
    try:
        one = ready.get(slug)
    except KeyError:
        return None
    node, language = one.node(_places()), get_language() or "en"
    return Start(node, one.name_in(language), one.purpose, one.about_in(language)[:300]) if node is not None else None


def shelves(*, now: datetime, counted: bool) -> list[Shelf]:
    """Every ready segment by kind; with `counted` also how many people each finds, by the bitmaps of the newest version."""
    places, purposes = _places(), dict(permission.purposes(now.date()))
    return [
        Shelf(
            kind, str(TITLES[kind][0]), str(TITLES[kind][1]), TITLES[kind][2],
            tuple(_offered(one, places, purposes, now, counted) for one in ready.all_ready() if one.kind == kind),
        )
        for kind in ready.KINDS
    ]  # fmt: skip


def _offered(one: Ready, places: list[int], purposes: dict[str, str], now: datetime, counted: bool) -> Offered:
    language = get_language() or "en"
    words = (one.name_in(language), one.about_in(language), purposes.get(one.purpose, one.purpose))
    node = one.node(places)
    if node is None:
        return Offered(one, *words, takeable=False, why_not=_("No location of ours says where it is yet."))
    people, why_not = _counted(one, node, now) if counted else (None, "")
    return Offered(one, *words, people=people, why_not=why_not)


def _counted(one: Ready, node: Node, now: datetime) -> tuple[int | None, str]:
    """How many, or why nobody is counted: a number of people with protected knowledge is a use of it."""
    try:
        refusals = permission.judge(node, one.purpose, on=now.date()).refusals
        if refusals:
            return None, refusals[0].sentence
        return queries.count(node, now), ""
    except Misformed as wrong:
        return None, str(wrong)
    except store.NoWarehouse:
        return None, _("Nobody can be counted yet.")


def _places() -> list[int]:
    """Our locations of which is known where they lie."""
    ours = Location.objects.filter(is_ours=True).order_by("pk")
    return [one.pk for one in ours if directory.location_point(one) is not None]
