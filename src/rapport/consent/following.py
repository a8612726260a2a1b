"""What follows a changed choice, whoever changed it: the list of addresses never to be used, and the way back."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rapport.consent import choices, ledger, suppressions
from rapport.consent.choices import CONTACT_KIND, Choice, Stand
from rapport.consent.ledger import NewRecord
from rapport.consent.models import ConsentRecord
from rapport.trust.actors import Actor

UNDO_VIA = "undo"


def list_addresses(*, by: Actor, person_id: int, turned: Sequence[tuple[Choice, bool]], now: datetime) -> None:
    """A no puts the address on the list for that topic, a yes takes it off.

    A telephone number is listed only when neither texts nor calls are wanted any more.
    """
    if not turned:
        return
    stands: Mapping[Choice, Stand] = choices.standing(person_id, now)
    for one, is_on in turned:
        kind = CONTACT_KIND.get(one.channel)
        if kind is None:
            continue
        if is_on:
            suppressions.lift_person(by=by, person_id=person_id, kind=kind, topic=one.topic, now=now)
        elif not any(
            stand.is_on and other.topic == one.topic and CONTACT_KIND.get(other.channel) == kind
            for other, stand in stands.items()
        ):
            suppressions.suppress_person(
                by=by, person_id=person_id, kind=kind, topic=one.topic, reason="unsubscribed", now=now
            )


def bring_back(
    *,
    by: Actor,
    person_id: int,
    choice: Choice,
    before: ConsentRecord | None,
    text_version: str,
    now: datetime,
    proof: dict[str, Any] | None = None,
    locale: str = "en",
) -> bool:
    """The yes that stood before, with its own words; the open yes of a choice nobody had spoken about. Never a new yes."""
    if before is None and not choice.is_open:
        return False
    if before is not None and before.status != "granted":
        return False
    record = NewRecord(
        person_id=person_id,
        channel=choice.channel,
        topic=choice.topic,
        status="granted",
        at=now,
        via=UNDO_VIA,
        text_version=before.text_version if before else text_version,
        source_key=uuid.uuid4(),
        tier=before.tier if before else choice.tier,
        expires_at=before.expires_at if before else None,
        contact_point_id=before.contact_point_id if before else None,
        locale=before.locale if before else locale,
        evidence={**(proof or {}), "brings_back": before.pk if before else None},
    )
    ledger.state(by=by, record=record, now=now)
    return True
