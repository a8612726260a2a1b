"""A wish to stop that comes back by e-mail: a complaint told by the mail host, the mail program's own button, or plain words.

One statement a person and topic, the address on the list also where it belongs to nobody we know, one audit line. What is queued
is stopped by it, because the decision reads the ledger when a message is about to go.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from rapport.consent import ledger, suppressions
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

EMAIL, TEXT_VERSION = "email", "mail-1"
MARKETING = ("health_services", "newsletter", "survey", "fundraising")
REASONS = {"complaint": "complained"}  # any other way is an unsubscription


@transaction.atomic
def stop(
    *,
    by: Actor,
    person_ids: Sequence[int],
    digests: Sequence[bytes],
    topics: Sequence[str],
    via: str,
    now: datetime,
    evidence: dict[str, Any] | None = None,
    locale: str = "en",
) -> int:
    """Stop these topics by e-mail. `via`: complaint, provider, reply. Returns how many addresses are newly on the list."""
    people = sorted(set(person_ids))
    ledger.write(
        records=[
            ledger.NewRecord(
                person_id=person, channel=EMAIL, topic=topic, status="withdrawn", at=now, via=via, text_version=TEXT_VERSION,
                source_key=_key(via, str(person), topic, now.isoformat()), evidence=evidence or {}, locale=locale,
            )
            for person in people
            for topic in topics
        ],
        now=now,
    )  # fmt: skip
    listed = sum(
        suppressions.put(
            kind=EMAIL, digests=list(digests), topic=topic, reason=REASONS.get(via, "unsubscribed"), now=now
        )
        for topic in topics
    )
    said = {**(evidence or {}), "via": via, "topics": list(topics), "listed": listed}
    audit.record(by=by, verb="consent.stop_mail", now=now, people=people, details=said)
    return listed


def _key(*parts: str) -> uuid.UUID:
    return sealing.source_key("mail-stop", *parts)
