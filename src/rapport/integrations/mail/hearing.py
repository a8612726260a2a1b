"""Something came back about messages we sent. In one transaction, before whoever brought it gets an answer:

1. It lands, raw and sealed. A request that landed before changes nothing; an event that was heard before changes nothing again.
2. An unknown message that something is told of was sent.
3. A hard bounce takes the address out of use; five soft ones in a row, over two weeks or more, count as hard. What came back for
   good, or what the provider would not send, is noted: the message takes its next way, if it has one (`messaging.returns`).
4. A complaint or an unsubscription stops marketing at once, and the message takes no further way.
5. The day of the sender is counted.

The worker takes the landing in later, like every landing: that writes the timeline.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from rapport.consent import mail_stops, undeliverable
from rapport.integrations import landing
from rapport.integrations.mail import runs
from rapport.integrations.mail.envelope import Envelope, pack
from rapport.integrations.mail.events import PROVES, MailEvent, moment, tracked
from rapport.integrations.mail.refusals import Replayed
from rapport.integrations.models import Landing, SeenRecord, Source
from rapport.integrations.translation import content_of
from rapport.messaging import proofs, returns, sender_days
from rapport.messaging.models import Intent
from rapport.people import reach
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

FORM, SOURCE = "mail_event", "mail"
STOPPED = {"complained", "unsubscribed"}
WISHES = {"spam", "unsubscribed"}  # why a provider would not send: the person had reported us, or wanted no more


class Heard(msgspec.Struct, frozen=True):
    """What one report told: the landing (None where it had landed before) and how many events were new."""

    landing: Landing | None = None
    events: tuple[MailEvent, ...] = ()
    fresh: int = 0


class _Case(msgspec.Struct, frozen=True):
    """The new events of one report, and what is known about them. `owners`: people by address."""

    by: Actor
    events: Sequence[MailEvent]
    landed: Landing
    intents: dict[int, Intent]
    owners: dict[bytes, list[int]]
    now: datetime

    @property
    def evidence(self) -> dict[str, Any]:
        return {"landing": self.landed.pk}

    def people(self, one: MailEvent) -> list[int]:
        """Whom it is about: the person we wrote to, else everybody who has the address."""
        intent = self.intents.get(one.intent_id or 0)
        return [intent.person_id] if intent is not None else self.owners.get(one.digest or b"", [])


@transaction.atomic
def hear(*, by: Actor, envelope: Envelope, body: bytes, now: datetime, once: str = "") -> Heard:
    """Take one report of a provider in and act on it. `once`: the name under its signature that may be used a single time."""
    if came_before(envelope, body, once):
        return Heard()
    told = list(tracked(envelope, body))
    about = tuple(sorted({one.recipient for one in told if one.recipient}))
    raw = pack(msgspec.structs.replace(envelope, about=about), body)
    landed = landing.receive(source=source_of(now), raw=raw, form=FORM, now=now)
    remember(envelope, body, once, landed)
    return act(by=by, events=told, landed=landed, now=now)


def source_of(now: datetime) -> Source:
    return landing.source(slug=SOURCE, name="What came back by e-mail", kind="mail", now=now)


def act(*, by: Actor, events: Sequence[MailEvent], landed: Landing, now: datetime) -> Heard:
    """Do what new events ask for, by sets. For `hear`, and for mail that turned out to be a report."""
    fresh = _new(events, landed)
    if fresh:
        digests = [one.digest for one in fresh if one.digest is not None]
        case = _Case(
            by, fresh, landed, Intent.objects.in_bulk([one.intent_id for one in fresh if one.intent_id]),
            reach.owners(kind="email", digests=digests), now,
        )  # fmt: skip
        proven = proofs.proven([one.intent_id or 0 for one in fresh if one.kind in PROVES], now=now)
        final = _bounces(case)
        back = returns.note(_came_back(case, final), channel="email", now=now)
        _stops(case)
        _count(case)
        people = sorted({person for one in fresh for person in case.people(one)})
        said = {"kinds": _kinds(fresh), "proven": len(proven), "came_back": back, "landing": landed.pk}
        audit.record(by=by, verb="mail.hear", now=now, people=people, details=said, trace=landed.trace)
    return Heard(landed, tuple(events), len(fresh))


def _bounces(case: _Case) -> set[bytes | None]:
    """Give up what is final. Returns the addresses of it."""
    hard = {one.digest: moment(one, case.now) for one in case.events if one.hard and one.digest is not None}
    soft = [one for one in case.events if one.kind == "bounced" and not one.hard and one.digest is not None]
    fine = [one.digest for one in case.events if one.kind in {"delivered", "opened", "clicked"} and one.digest]
    runs.end(fine)
    hard |= runs.add([(one.digest or b"", moment(one, case.now), one.reason) for one in soft])
    if hard:
        undeliverable.give_up(by=case.by, failed=hard, evidence=case.evidence, now=case.now)
        runs.end(list(hard))
    return set(hard)


def _came_back(case: _Case, final: set[bytes | None]) -> dict[int, datetime]:
    """The messages that surely do not arrive: intent -> when. A soft bounce is none until its address counts as dead."""
    found: dict[int, datetime] = {}
    for one in case.events:
        gone = one.kind == "bounced" and (one.hard or one.digest in final)
        not_sent = one.kind in {"rejected", "failed"} and not _is_a_wish(one)
        if one.intent_id in case.intents and (gone or not_sent):
            found[one.intent_id] = moment(one, case.now)
    return found


def _is_a_wish(one: MailEvent) -> bool:
    return one.kind == "rejected" and one.reject_reason in WISHES


def _stops(case: _Case) -> None:
    """A complaint ends all marketing; the mail program's button ends what it stood on, as our own one-click does."""
    ended = [one.intent_id for one in case.events if one.kind in STOPPED or _is_a_wish(one)]
    returns.end([number for number in ended if number in case.intents], now=case.now)
    groups: dict[tuple[str, tuple[str, ...]], list[MailEvent]] = {}
    for one in case.events:
        intent = case.intents.get(one.intent_id or 0)
        if one.kind == "complained" or (one.kind == "rejected" and one.reject_reason == "spam"):
            groups.setdefault(("complaint", mail_stops.MARKETING), []).append(one)
        elif one.kind == "unsubscribed" or (one.kind == "rejected" and one.reject_reason == "unsubscribed"):
            topics: tuple[str, ...] = (intent.topic,) if intent is not None else mail_stops.MARKETING
            groups.setdefault(("provider", topics), []).append(one)
    for (via, topics), events in groups.items():
        people = [person for one in events for person in case.people(one)]
        addresses = {one.digest for one in events if one.digest is not None}
        written_to = reach.addresses_of(kind="email", person_ids=people)
        if (
            via == "complaint"
        ):  # hosts hide the address of whoever complained: the person we wrote to is meant with all of hers
            addresses |= {digest for many in written_to.values() for digest in many}
        mail_stops.stop(
            by=case.by, person_ids=people, digests=sorted(addresses), topics=topics, via=via, evidence=case.evidence, now=case.now
        )  # fmt: skip


def _count(case: _Case) -> None:
    domain = sender_days.our_domain()
    rows: list[tuple[str, datetime, sender_days.What]] = []
    for one in case.events:
        at = moment(one, case.now)
        if one.kind == "delivered":
            rows.append((domain, at, "delivered"))
        elif one.kind == "bounced" and one.hard:
            rows.append((domain, at, "bounced"))
        elif one.kind == "complained":
            rows.append((domain, at, "complaints"))
    sender_days.add(rows, source=case.events[0].provider, now=case.now)


def _kinds(events: Iterable[MailEvent]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in events:
        counted[one.kind] = counted.get(one.kind, 0) + 1
    return counted


def _new(events: Sequence[MailEvent], landed: Landing) -> list[MailEvent]:
    """Those that were not heard before; also among themselves. Two reports at once wait for each other here."""
    named = {sealing.source_key("heard", str(one.key)): one for one in events}
    if not named:
        return []
    keys = sorted(named)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_seenrecord (key, content, landing_id) SELECT key, 0, %s FROM unnest(%s::uuid[]) AS key "
            "ON CONFLICT (key) DO NOTHING RETURNING key",
            [landed.pk, keys],
        )
        fresh = {row[0] for row in cursor.fetchall()}
    return [one for key, one in named.items() if key in fresh]


def came_before(envelope: Envelope, body: bytes, once: str = "") -> bool:
    """Whether this very request was taken already. Raises Replayed where a name that counts once comes again with other words."""
    known = SeenRecord.objects.filter(key=_request_key(envelope, body, once)).values_list("content", flat=True).first()
    if known is None:
        return False
    if known != content_of(body):
        raise Replayed(f"{envelope.provider}: this name was used before")
    return True


def remember(envelope: Envelope, body: bytes, once: str, landed: Landing) -> None:
    """The same request again is no news."""
    SeenRecord.objects.bulk_create(
        [SeenRecord(key=_request_key(envelope, body, once), content=content_of(body), landing_id=landed.pk)],
        ignore_conflicts=True,
    )


def _request_key(envelope: Envelope, body: bytes, once: str) -> Any:
    return sealing.source_key("hook", envelope.provider, envelope.kind, once or str(content_of(body)))
