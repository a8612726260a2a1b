"""The link to a person's own preference page, by e-mail, when staff can't take the answer: marketing by text needs a signature."""

import uuid
from datetime import datetime

from django.db import transaction

from rapport.experience import letters
from rapport.messaging import intents
from rapport.people.models import ContactPoint, Person
from rapport.trust import audit
from rapport.trust.actors import Actor

CAUSE = "choices"


class NoAddress(ValueError):
    """There is no working e-mail address that the link could go to."""


@transaction.atomic
def send(*, by: Actor, person_id: int, now: datetime) -> bool:
    """Put the letter into the queue, once a day; every gate stands before it. Whether this call did it. Raises NoAddress."""
    if not ContactPoint.objects.filter(person_id=person_id, kind="email", is_valid=True).exists():
        raise NoAddress
    language = Person.objects.values_list("language", flat=True).get(pk=person_id)
    intent = intents.NewIntent(
        cause=CAUSE,
        cause_id=person_id,
        occurrence=f"{now:%Y-%m-%d}",
        person_id=person_id,
        purpose="P1",
        topic="care",
        version_id=letters.wording(letters.CHOICES, language, by=by, now=now).pk,
        due_at=now,
        trace=uuid.uuid4(),
    )
    is_new = intents.declare(rows=[intent], now=now) > 0
    if is_new:
        audit.record(by=by, verb="choices.link", now=now, person=person_id)
    return is_new
