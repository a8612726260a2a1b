"""Two records that may be one person: a human says whether they are."""

from datetime import datetime

from django.db import transaction

from rapport.people import merges
from rapport.people.models import Ambiguity
from rapport.trust import audit
from rapport.trust.actors import Actor, System


class Settled(ValueError):
    """The question was answered before."""


@transaction.atomic
def settle(*, by: Actor, row: Ambiguity, same: bool, now: datetime) -> Ambiguity:
    """Same: the newer record becomes the older person (and can be unmerged). Different: they are never asked about again."""
    asked = Ambiguity.objects.select_for_update(of=("self",)).select_related("person", "candidate").get(pk=row.pk)
    if asked.state != Ambiguity.State.OPEN:
        raise Settled(f"ambiguity {row.pk} is {asked.state}")
    if same:
        merges.merge(by=by, kept=asked.candidate, gone=asked.person, rule=asked.rule, now=now)
    else:
        audit.record(
            by=by,
            verb="person.differ",
            now=now,
            people=[asked.person_id, asked.candidate_id],
            thing=f"ambiguity:{asked.pk}",
        )
    asked.state = Ambiguity.State.SAME if same else Ambiguity.State.DIFFERENT
    asked.settled_at = now
    asked.settled_by = None if isinstance(by, System) else by
    asked.save(update_fields=["state", "settled_at", "settled_by"])
    return asked
