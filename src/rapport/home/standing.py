"""What a person's permission rests on: the answers of the policy, who speaks for them, what stops messages, papers in force."""

from typing import Any

from django.utils import timezone

from rapport.consent import choices, papers, representatives
from rapport.consent.models import ConsentRecord
from rapport.governance.desk.papers import state
from rapport.home import giving, permission, stops
from rapport.home.ask import Ask
from rapport.home.capture import TOPICS
from rapport.people import queries
from rapport.people.models import ContactPoint


def fill(ask: Ask) -> dict[str, Any]:
    today = timezone.localtime(ask.now).date()
    records = choices.records_of(ask.person_id)
    speakers = representatives.in_office(records, on=today) + representatives.to_come(records, after=today)
    cards = queries.cards(by=ask.by, person_ids=[one.other_id for one in speakers], now=ask.now) if speakers else []
    known = {card.id: card.display for card in cards}
    standing = stops.standing(ask.person_id, ask.now)
    signed = [one for found in papers.of(records, on=today).values() for one in found]
    return {
        "permissions": permission.glance(ask.person_id, ask.now),
        "speakers": [(one, known.get(one.other_id, "")) for one in speakers],
        "alone": sorted(representatives.alone(ask.person_id) - {"minor_confidential"}),
        "is_minor": is_minor(ask.card),
        "today": today,
        "stops": [(one, _way(one)) for one in standing],
        "stop_names": stops.NAMES,
        "topic_names": TOPICS,
        "to_write": _to_write(ask, {one.kind for one in standing}),
        "papers": [(one, state(one)) for one in signed],
        **giving.fill(ask.person_id, ask.now),
    }


def is_minor(card: queries.PersonCard) -> bool:
    """Somebody whose age is not known may be one."""
    return card.age is None or card.age < representatives.OF_AGE


def _to_write(ask: Ask, stand: set[str]) -> list[tuple[str, stops.Stop]]:
    """What this member of staff may add: not twice what can stand only once, and to who has died only a hold."""
    found: list[tuple[str, stops.Stop]] = []
    if ask.may("consent.write") and not ask.card.deceased_at:
        found += [
            (kind, one) for kind, one in stops.STOPS.items() if kind != stops.Kind.DO_NOT_CONTACT or kind not in stand
        ]
    if ask.may("compliance.write") and stops.Kind.LEGAL_HOLD not in stand:
        found.append((stops.Kind.LEGAL_HOLD.value, stops.HOLD))
    return found


def _way(record: ConsentRecord) -> str:
    """The kind of address that a wish for one way only names; the address itself stands on the overview."""
    if record.contact_point_id is None:
        return ""
    return str(ContactPoint.objects.filter(pk=record.contact_point_id).values_list("kind", flat=True).first() or "")
