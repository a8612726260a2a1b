"""When each invited person gets it: at once, at that time of the day where she lives, at her best hour, or spread over a window.

The policy still looks at each message when it is due: quiet hours hold whatever is chosen here.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.campaigns import best_hour, occasions, rhythm
from rapport.campaigns.models import Assignment, Campaign, Run, Variant
from rapport.people.models import Person


def due(run: Run, people: Sequence[Assignment], variants: Mapping[int, Variant], now: datetime) -> dict[int, datetime]:
    """Person -> the instant her message is due; never before now, and later for a variant that comes later."""
    campaign = run.campaign
    base = max(run.due_at, now)
    chosen = _chosen(campaign, run, people, base)
    found = {}
    for one in people:
        variant = variants.get(one.variant_id or 0)
        later = timedelta(minutes=variant.later_minutes if variant else 0)
        found[one.person_id] = max(chosen.get(one.person_id, base), now) + later
    return found


def _chosen(campaign: Campaign, run: Run, people: Sequence[Assignment], base: datetime) -> dict[int, datetime]:
    ids = [one.person_id for one in people]
    match campaign.timing:
        case Campaign.Timing.LOCAL:
            wall = base.astimezone(occasions.clinic_zone()).replace(tzinfo=None)
            return {person: rhythm.instant(wall, zone) for person, zone in zones(ids).items()}
        case Campaign.Timing.BEST_HOUR:
            hours, where = best_hour.of(ids, base), zones(ids)
            return {person: at_hour(base, hours[person].hour, where[person]) for person in ids}
        case Campaign.Timing.SPREAD:
            return spread(ids, base, campaign.spread_hours)
    return {}


def spread(people: Sequence[int], base: datetime, hours: int) -> dict[int, datetime]:
    """Even over the window, in the order given."""
    step = timedelta(hours=hours) / max(len(people), 1)
    return {person: base + step * place for place, person in enumerate(people)}


def at_hour(base: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The next time it is that hour there: now, if it is that hour already."""
    local = base.astimezone(zone)
    if local.hour == hour:
        return base
    wall = local.replace(tzinfo=None, hour=hour, minute=0, second=0, microsecond=0, fold=0)
    return max(rhythm.instant(wall + timedelta(days=local.hour > hour), zone), base).astimezone(UTC)


def zones(people: Sequence[int]) -> dict[int, ZoneInfo]:
    """Where each lives, by the ZIP code; the clinic's own zone where that is not known."""
    here = occasions.clinic_zone()
    rows = Person.objects.filter(pk__in=people).values_list("pk", "timezone")
    named: dict[str, ZoneInfo] = {"": here}
    found = dict.fromkeys(people, here)
    for person, name in rows:
        if name not in named:
            try:
                named[name] = ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                named[name] = here
        found[person] = named[name]
    return found
