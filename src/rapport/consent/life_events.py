"""What happened in a life after which some messages must stop: death, hospice, loss of a pregnancy, new cancer, an open complaint.

Which codes mean what, which purposes stop and for how long are rows of `rules/life_events.yaml`. The rows of LifeEvent are
written when a fact arrives (`life_signs`), in its transaction; this module says what stands.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q

from rapport.consent import rules as rulebook
from rapport.consent.models import LifeEvent
from rapport.consent.policy_facts import LifeFact
from rapport.consent.rule_kinds import LifeEventRule


def life_rules(on: date) -> tuple[LifeEventRule, ...]:
    """The rows in force on a day."""
    return tuple(rulebook.in_force(on).life_events.values())


def current(person_ids: Sequence[int], now: datetime) -> dict[int, list[LifeFact]]:
    """The life events of these people that have not ended, the newest of each kind, oldest first; who has none is absent.

    One query for all of them. How far back an event still counts, its rule says (`LifeEventRule.holds`).
    """
    found: dict[int, list[LifeFact]] = defaultdict(list)
    standing = LifeEvent.objects.filter(person_id__in=list(person_ids)).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now)
    )
    newest = standing.order_by("person_id", "kind", "-at", "-id").distinct("person_id", "kind")
    for person_id, kind, at, ended_at in newest.values_list("person_id", "kind", "at", "ended_at"):
        found[person_id].append(LifeFact(kind, at, ended_at))
    return {person_id: sorted(facts, key=lambda one: one.at) for person_id, facts in found.items()}
