"""What happened in a life after which some messages must stop: death, hospice, loss of a pregnancy, new cancer, an open complaint.

Which codes mean what, which purposes stop and for how long are rows of `rules/life_events.yaml`. The rows of LifeEvent are
written when a fact arrives (`life_signs`), in its transaction; this module says what stands.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import msgspec
from django.db.models import Q

from rapport.consent import rules as rulebook
from rapport.consent.models import LifeEvent
from rapport.consent.policy_facts import LifeFact


class LifeRule(msgspec.Struct, frozen=True):
    """One row of the rules, ready to be asked."""

    rule: str
    version: int
    event: str
    words: str
    stops: tuple[str, ...]
    programmes: tuple[str, ...]
    days: int | None
    codes: dict[str, tuple[str, ...]]
    kinds: tuple[str, ...] = ()

    def holds(self, fact: LifeFact, now: datetime) -> bool:
        """Whether the event is this rule's, stands, and is not older than the rule reaches back."""
        if fact.kind != self.event or (fact.ended_at is not None and fact.ended_at <= now):
            return False
        return self.days is None or fact.at > now - timedelta(days=self.days)


@lru_cache(maxsize=64)
def life_rules(on: date) -> tuple[LifeRule, ...]:
    """The rows in force on a day."""
    return tuple(
        msgspec.convert({"rule": one.id, "version": one.version, **one.parameters}, LifeRule)
        for one in rulebook.rows()
        if one.kind == "life_event" and one.is_in_force(on)
    )


def current(person_ids: Sequence[int], now: datetime) -> dict[int, list[LifeFact]]:
    """The life events of these people that have not ended, the newest of each kind, oldest first; who has none is absent.

    One query for all of them. How far back an event still counts, its rule says (`LifeRule.holds`).
    """
    found: dict[int, list[LifeFact]] = defaultdict(list)
    standing = LifeEvent.objects.filter(person_id__in=list(person_ids)).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now)
    )
    newest = standing.order_by("person_id", "kind", "-at", "-id").distinct("person_id", "kind")
    for person_id, kind, at, ended_at in newest.values_list("person_id", "kind", "at", "ended_at"):
        found[person_id].append(LifeFact(kind, at, ended_at))
    return {person_id: sorted(facts, key=lambda one: one.at) for person_id, facts in found.items()}


def reasons(facts: Iterable[LifeFact], now: datetime) -> dict[str, str]:
    """Purpose -> why nothing may be said for it now, with the rule. A purpose that is absent is free."""
    found: dict[str, str] = {}
    known = list(facts)
    for rule in life_rules(now.date()):
        fact = next((one for one in known if rule.holds(one, now)), None)
        for purpose in rule.stops if fact is not None else ():
            found.setdefault(purpose, f"Not said, because {rule.words} ({rule.rule}).")
    return found
