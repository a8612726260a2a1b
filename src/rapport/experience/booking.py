"""A person books a visit by himself: from an invitation to a slot that nobody else can take."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from rapport.directory.models import Location
from rapport.experience import opening
from rapport.experience.models import Booking
from rapport.messaging.models import Intent
from rapport.trust import audit
from rapport.trust.actors import Actor


class SlotTaken(Exception):
    """Somebody was quicker, or the place is shut then. Another time must be chosen."""


@dataclass(frozen=True)
class Offer:
    """What may be chosen at one place."""

    location: Location
    days: list[date]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.location.timezone)


def places() -> list[Location]:
    """Our own locations, in the order of their names."""
    return list(Location.objects.filter(is_ours=True).order_by("name", "id"))


def offer(location: Location, now: datetime) -> Offer:
    """The days on which this place can be booked."""
    zone = ZoneInfo(location.timezone)
    closed = opening.office_holidays(now.year) | opening.office_holidays(now.year + 1)
    return Offer(location, opening.open_days(now, zone, closed))


def free_slots(chosen: Offer, day: date) -> list[datetime]:
    """Free starts on one of the offered days; nothing for any other day."""
    if day not in chosen.days:
        return []
    everything = opening.slots(day, chosen.zone)
    taken = Booking.objects.filter(location=chosen.location, starts_at__in=everything).values_list(
        "starts_at", flat=True
    )
    return opening.slots(day, chosen.zone, taken=set(taken))


def of_intent(intent: Intent) -> Booking | None:
    """What this invitation was used for already."""
    return Booking.objects.filter(intent_id=intent.pk).select_related("location").first()


def reserve(
    *, by: Actor, intent: Intent, location: Location, starts_at: datetime, service_line_id: int | None, now: datetime
) -> tuple[Booking, bool]:
    """Take the slot for the invited person; the second value says whether this call did it.

    A second press, also from another window, gives the booking that stands. Raises `SlotTaken`.
    """
    with transaction.atomic():
        standing = of_intent(intent)
        if standing:
            return standing, False
        chosen = offer(location, now)
        if starts_at not in free_slots(chosen, starts_at.astimezone(chosen.zone).date()):
            raise SlotTaken
        wanted = Booking(
            intent_id=intent.pk,
            person_id=intent.person_id,
            location=location,
            service_line_id=service_line_id,
            starts_at=starts_at,
            booked_at=now,
            trace=intent.trace,
        )
        Booking.objects.bulk_create([wanted], ignore_conflicts=True)
        standing = of_intent(intent)
        if standing is None:
            raise SlotTaken
        mine = standing.booked_at == now and standing.starts_at == starts_at
        if mine:
            audit.record(
                by=by,
                verb="visit.book",
                now=now,
                person=intent.person_id,
                thing=f"booking:{standing.pk}",
                trace=intent.trace,
            )
        return standing, mine
