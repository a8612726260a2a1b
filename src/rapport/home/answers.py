"""What patients wrote and nobody has looked at yet, by text, e-mail or in the inbox: for the day of the front desk."""

from typing import Any

from rapport.integrations.models import Reply
from rapport.integrations.sms import replies
from rapport.people import queries
from rapport.people.queries import PersonCard

SHOWN = 5


def fill(look: Any) -> dict[str, Any]:
    """How many wait, and the first of them, the doubtful ones first. No word of what they say: that is opened one by one."""
    if not look.may("outbox.read"):
        return {"answers": [], "answers_waiting": 0}
    rows = replies.listed("open")[:SHOWN]
    people = [one.person_id for one in rows if one.person_id]
    cards = {one.id: one for one in queries.cards(by=look.by, person_ids=people, now=look.now)} if people else {}
    answers: list[tuple[Reply, PersonCard | None]] = [(one, cards.get(one.person_id or 0)) for one in rows]
    return {"answers": answers, "answers_waiting": replies.counts()["open"]}
