"""A text message came in. In one transaction, before the carrier gets its answer:

1. It lands, raw and sealed. A message that landed before changes nothing.
2. A number that was given up works after all: somebody wrote from it. Stops stay. Where the carrier called it gone so long ago
   that it may have been given to somebody else, a person must say so.
3. A stop is done: everybody who has the number, and the number itself, also when nobody has it.
4. The one confirmation is queued, unless the carrier has confirmed already or we did within a day.
5. A row is kept for the list of replies; what was not acted on, or is in doubt, stays open for a person.

The worker takes the landing in later, like every landing: that writes the timeline.
"""

from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction

from rapport.consent import revoking, undeliverable
from rapport.consent.revocation import reach_of
from rapport.consent.wishes import Wish
from rapport.integrations import landing
from rapport.integrations.models import Landing, Reply
from rapport.integrations.sms.reading import FORM, SOURCE, Inbound, asked_by
from rapport.messaging import confirming
from rapport.messaging.confirming import Asked
from rapport.people import reach
from rapport.people.models import Person
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

NOT_ASSIGNED_ANEW = timedelta(days=45)  # how long at least a number rests before others get it (47 CFR 52.15(f)(1)(ii))
SURE = 0.8  # below this a START may answer something else ("yes")


class _Case(msgspec.Struct):
    """One message and what is known about it."""

    by: Actor
    message: Inbound
    wish: Wish
    digest: bytes | None
    asked: list[Asked]
    landed: Landing
    language: str
    now: datetime

    @property
    def people(self) -> list[int]:
        return sorted({one.person_id for one in self.asked})


@transaction.atomic
def hear(*, by: Actor, message: Inbound, raw: bytes, now: datetime) -> Reply | None:
    """Take one text message in and act on it. None for one that came before."""
    key, digest = sealing.source_key(SOURCE, message.sid), message.digest
    _one_at_a_time(digest or key.bytes)
    if Reply.objects.filter(key=key).exists():
        return None
    source = landing.source(slug=SOURCE, name="Text messages", kind="sms", now=now)
    landed = landing.receive(source=source, raw=raw, form=FORM, now=now)
    asked, wish = asked_by(digest), message.wish()
    case = _Case(by, message, wish, digest, asked, landed, _language(wish, asked), now)
    _works(case)
    acted = _act(case)
    reply = Reply.objects.create(
        landing=landed, key=key, digest=digest, person_id=case.people[0] if asked else None, people=case.people,
        kind=wish.kind, confidence=wish.confidence, rule=wish.rule, language=case.language, needs_review=wish.review,
        acted=acted, state=Reply.State.DONE if acted and not wish.review else Reply.State.OPEN, received_at=now,
    )  # fmt: skip
    said = {"wish": wish.kind, "confidence": wish.confidence, "rule": wish.rule, "acted": acted, "review": wish.review}
    audit.record(
        by=by, verb="sms.hear", now=now, people=case.people, thing=f"reply:{reply.pk}", details=said, trace=landed.trace
    )
    return reply


def _works(case: _Case) -> None:
    since = case.now - NOT_ASSIGNED_ANEW
    if case.digest is not None and reach.is_given_up(kind="phone", digest=case.digest, since=since):
        undeliverable.verify(by=case.by, digests=[case.digest], how="a text came from it", now=case.now, kind="phone")


def _act(case: _Case) -> bool:
    """What the wish asks for. False when there was nothing to do."""
    if case.digest is None:
        return False
    if case.wish.kind == "stop":
        _stop(case, case.digest)
        return True
    if case.wish.kind == "help":
        return _confirm(case, "help", case.landed.pk)
    if case.wish.kind == "start":
        return _start(case, case.digest)
    if case.wish.kind == "narrow":
        return _narrow(case, case.digest)
    return False


def _stop(case: _Case, number: bytes) -> None:
    """Everything, at once: what the words name is kept as evidence, and only an answer to our question narrows it."""
    done = revoking.revoke(
        by=case.by, person_ids=case.people, channel=SOURCE, wish=msgspec.structs.replace(case.wish, scope=""),
        evidence={"landing": case.landed.pk, "scope": case.wish.scope}, now=case.now, number=number, locale=case.language,
    )  # fmt: skip
    _confirm(case, "stopped", done.record_ids[0] if done.record_ids else case.landed.pk)


def _start(case: _Case, number: bytes) -> bool:
    """A bare "yes" after our own question is no START."""
    if case.wish.confidence < SURE and _confirmed_within(case, days=1):
        return False
    done = revoking.bring_back(
        by=case.by, person_ids=case.people, number=number, stopped_at=_moments(number, "stop", "narrow"), now=case.now,
        evidence={"landing": case.landed.pk},
    )  # fmt: skip
    return not done.nothing


def _narrow(case: _Case, number: bytes) -> bool:
    """Only as the answer to our question."""
    if not _confirmed_within(case, days=reach_of(case.wish, case.now.date()).answer_within_days):
        return False
    done = revoking.narrow(
        by=case.by, person_ids=case.people, number=number, stopped_at=_moments(number, "stop"), wish=case.wish, now=case.now,
        evidence={"landing": case.landed.pk},
    )  # fmt: skip
    return not done.nothing


def _confirm(case: _Case, kind: confirming.Kind, cause_id: int) -> bool:
    if case.message.opt_out:
        return True  # the carrier has answered in our name; a second text would be one too many
    return confirming.confirm(
        kind=kind, asked=case.asked, cause_id=cause_id, language=case.language, trace=case.landed.trace, now=case.now
    )


def _confirmed_within(case: _Case, *, days: int) -> bool:
    return confirming.since(kind="stopped", asked=case.asked, after=case.now - timedelta(days=days))


def _moments(number: bytes, *kinds: str) -> list[datetime]:
    """When this number told us such things, and we did them."""
    found = Reply.objects.filter(digest=number, kind__in=kinds, acted=True)
    return list(found.values_list("received_at", flat=True))


def _language(wish: Wish, asked: list[Asked]) -> str:
    """Spanish for Spanish words; else what the person speaks."""
    if wish.language == "es" or not asked:
        return wish.language or "en"
    first = min(asked, key=lambda one: one.person_id)
    spoken = Person.objects.values_list("language", flat=True).get(pk=first.person_id)
    return "es" if spoken.startswith("es") else "en"


def _one_at_a_time(name: bytes) -> None:
    """Two messages of one number wait for each other, so that there is one confirmation and no message is done twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(name[:8], "big", signed=True)])
