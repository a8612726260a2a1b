"""What a person's permission rests on: the answers of the policy, who speaks for them, what stops messages, papers in force."""

from typing import Any

from django.utils import timezone

from rapport.consent import papers, representatives, restrictions
from rapport.consent.models import ConsentRecord
from rapport.governance.desk.papers import state
from rapport.home import permission
from rapport.home.ask import Ask
from rapport.people import queries
from rapport.people.models import ContactPoint


def fill(ask: Ask) -> dict[str, Any]:
    today = timezone.localtime(ask.now).date()
    speakers = representatives.in_office([ask.person_id], on=today)
    cards = queries.cards(by=ask.by, person_ids=[one.other_id for one in speakers], now=ask.now) if speakers else []
    known = {card.id: card.display for card in cards}
    stops = restrictions.standing([ask.person_id], now=ask.now)
    return {
        "permissions": permission.glance(ask.person_id, ask.now),
        "speakers": [(one, known.get(one.other_id, "")) for one in speakers],
        "alone": sorted(representatives.alone(ask.person_id) - {"minor_confidential"}),
        "stops": [(one, _way(one)) for one in stops],
        "papers": [(one, state(one)) for one in papers.of([ask.person_id], on=today).get(ask.person_id, [])],
    }


def _way(record: ConsentRecord) -> str:
    """The kind of address that a wish for one way only names; the address itself stands on the overview."""
    if record.contact_point_id is None:
        return ""
    return str(ContactPoint.objects.filter(pk=record.contact_point_id).values_list("kind", flat=True).first() or "")
