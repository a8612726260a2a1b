"""Totals that always add up: read = accepted + quarantined + duplicates, for every landing and for every delivery."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from rapport.integrations.models import Delivery, Landing

NAMES = ("read", "accepted", "quarantined", "duplicates", "kept", "held_again")


@dataclass
class Tally:
    """Counts of one batch, also kind by kind. `kept` are those accepted that we keep and don't read,
    `held_again` the duplicates of what is held back.
    """

    kinds: dict[str, Counter] = field(default_factory=dict)
    people_new: int = 0
    people_matched: int = 0
    events: int = 0
    failed: int = 0

    def count(self, kind: str, what: str, number: int = 1) -> None:
        self.kinds.setdefault(kind or "unknown", Counter())[what] += number

    def add(self, other: "Tally") -> None:
        for kind, counts in other.kinds.items():
            self.kinds.setdefault(kind, Counter()).update(counts)
        for name in ("people_new", "people_matched", "events", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __getitem__(self, name: str) -> int:
        return sum(counts[name] for counts in self.kinds.values())


@transaction.atomic
def finish(one: Landing, tally: Tally, now: datetime) -> None:
    """The landing is taken: its totals stand on it, and its delivery's on the delivery."""
    for name in NAMES:
        setattr(one, name, tally[name])
    one.state, one.taken_at = Landing.State.TAKEN, now
    one.save(update_fields=[*NAMES, "state", "taken_at"])
    if one.delivery_id:
        add_to_delivery(one.delivery_id, tally, now)


@transaction.atomic
def moved(landing_id: int, kind: str, to: str, now: datetime, number: int = 1) -> None:
    """Records of one landing that were held back were taken after all: `to` is accepted or duplicates."""
    fresh = Landing.objects.select_for_update().defer("raw").get(pk=landing_id)
    fresh.quarantined -= number
    setattr(fresh, to, getattr(fresh, to) + number)
    fresh.save(update_fields=["quarantined", to])
    if fresh.delivery_id:
        tally = Tally()
        tally.count(kind, "quarantined", -number)
        tally.count(kind, to, number)
        add_to_delivery(fresh.delivery_id, tally, now)


def add_to_delivery(delivery_id: int, tally: Tally, now: datetime) -> None:
    """Add a batch to the totals of its delivery, which is done when all is landed and nothing waits."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    counts = delivery.counts
    kinds = counts.setdefault("kinds", {})
    for kind, more in tally.kinds.items():
        kinds[kind] = _sum(kinds.get(kind, {}), more)
    for name in NAMES:
        counts[name] = counts.get(name, 0) + tally[name]
    for name in ("people_new", "people_matched", "events"):
        counts[name] = counts.get(name, 0) + getattr(tally, name)
    if counts.get("landed") and delivery.state == Delivery.State.OPEN:
        close_when_taken(delivery, now)
    delivery.save(update_fields=["counts", "state", "finished_at"])


def close_when_taken(delivery: Delivery, now: datetime) -> None:
    """Done when no landing of it waits any more."""
    if not Landing.objects.filter(delivery=delivery, state=Landing.State.WAITING).exists():
        delivery.state, delivery.finished_at = Delivery.State.DONE, now


def of_delivery(delivery: Delivery) -> dict[str, int]:
    """The totals counted anew from the landings: what the counts on the delivery must equal."""
    found = Landing.objects.filter(delivery=delivery).aggregate(**{name: Sum(name) for name in NAMES})
    return {name: found[name] or 0 for name in NAMES}


def _sum(before: dict[str, int], more: Counter) -> dict[str, int]:
    return {name: before.get(name, 0) + more[name] for name in NAMES if before.get(name, 0) + more[name]}
