"""Mail that came to us: a report of a host, an automatic answer, or somebody's words. In one transaction:

1. It lands, raw and sealed. The same mail again changes nothing.
2. A report acts as a provider's does (`hearing`), if it proves to know a message of ours: anybody can write that mail came back.
3. “Stop”, in English or Spanish, is done at once, for whoever wrote and whom we had written to.
4. Words of a person stand in the list of replies; automatic answers do not.

The worker takes the landing in later: that writes the timeline.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from rapport.consent import mail_stops
from rapport.consent.wishes import Wish
from rapport.integrations import landing
from rapport.integrations.mail import hearing, letters
from rapport.integrations.mail.envelope import Envelope, pack, unpack
from rapport.integrations.mail.events import Kind, MailEvent, inbound
from rapport.integrations.mail.letters import Letter
from rapport.integrations.models import Landing, Reply
from rapport.messaging.models import Intent
from rapport.people import reach
from rapport.people.models import Person
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

FORM = "mail_message"
MAIL = "mail"
KINDS: dict[str, Kind] = {"bounced": "bounced", "delivered": "delivered", "complained": "complained"}


@transaction.atomic
def hear_report(*, by: Actor, envelope: Envelope, body: bytes, now: datetime, once: str = "") -> int:
    """Take the mails of one request of a provider in. Returns how many were new."""
    if hearing.came_before(envelope, body, once):
        return 0
    last: Landing | None
    messages = [one.as_bytes() for one in inbound(envelope, body)]
    if len(messages) == 1:
        landed = _land(envelope, body, letters.letter(messages[0]), now)
        heard, last = [_hear(by, letters.letter(messages[0]), landed, now)], landed
    else:
        heard = [hear_mail(by=by, raw=one, now=now, provider=envelope.provider) for one in messages]
        last = Landing.objects.order_by("-pk").first() if heard else None
    if last is not None:
        hearing.remember(envelope, body, once, last)
    return sum(heard)


@transaction.atomic
def hear_mail(*, by: Actor, raw: bytes, now: datetime, provider: str = MAIL) -> bool:
    """Take one mail in. False for one that came before."""
    envelope = Envelope(provider, MAIL)
    if hearing.came_before(envelope, raw):
        return False
    one = letters.letter(raw)
    landed = _land(envelope, raw, one, now)
    hearing.remember(envelope, raw, "", landed)
    return _hear(by, one, landed, now)


def letters_in(raw: bytes) -> list[Letter]:
    """The mails of a landing, as they were read when they came."""
    envelope, body = unpack(raw)
    if envelope.kind == MAIL:
        return [letters.letter(body)]
    return [letters.letter(one.as_bytes()) for one in inbound(envelope, body)]


def _land(envelope: Envelope, body: bytes, one: Letter, now: datetime) -> Landing:
    about = {one.sender, *(told.recipient for told in one.reports)} - {""}
    raw = pack(msgspec.structs.replace(envelope, about=tuple(sorted(about))), body)
    return landing.receive(source=hearing.source_of(now), raw=raw, form=FORM, now=now)


def _hear(by: Actor, one: Letter, landed: Landing, now: datetime) -> bool:
    key = letter_key(one)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_seenrecord (key, content, landing_id) VALUES (%s, 0, %s) ON CONFLICT (key) DO NOTHING",
            [sealing.source_key("heard", str(key)), landed.pk],
        )
        if not cursor.rowcount:
            return False
    if one.reports:
        hearing.act(by=by, events=events_of(one), landed=landed, now=now)
    elif one.is_reply:
        _reply(by, one, landed, now)
    return True


def letter_key(one: Letter) -> Any:
    return sealing.source_key("letter", one.name, one.sender)


def events_of(one: Letter) -> list[MailEvent]:
    """What hosts report, about a message of ours; nothing where the mail does not prove that it knows one."""
    intent = Intent.objects.filter(pk=one.intent_id).first() if one.intent_id else None
    if intent is None:
        return []
    hers = reach.addresses_of(kind="email", person_ids=[intent.person_id]).get(intent.person_id, [])
    return [_event(one, number, told, intent, hers) for number, told in enumerate(one.reports) if told.what in KINDS]


def _event(one: Letter, number: int, told: Any, intent: Intent, hers: Sequence[bytes]) -> MailEvent:
    made = MailEvent(
        provider=MAIL, kind=KINDS[told.what], key=sealing.source_key("mail", MAIL, one.name, str(number)), recipient=told.recipient,
        intent_id=intent.pk, reason=told.reason, hard=told.hard, reject_reason="spam" if told.what == "complained" else "",
        description=told.feedback_type,
    )  # fmt: skip
    if made.digest in hers:
        return made
    if len(hers) == 1:  # the report names where it was forwarded to, or nobody
        return msgspec.structs.replace(made, address=hers[0])
    return msgspec.structs.replace(made, hard=False)


def _reply(by: Actor, one: Letter, landed: Landing, now: datetime) -> None:
    intent = Intent.objects.filter(pk=one.intent_id).first() if one.intent_id else None
    owners = reach.owners(kind="email", digests=[one.digest]).get(one.digest, []) if one.digest else []
    people = sorted({*owners, *([intent.person_id] if intent is not None else [])})
    wish = one.wish()
    acted = wish.kind == "stop" and bool(people or one.digest)
    if acted:
        _stop(by, one, wish, people, intent, landed)
    language = wish.language or _language(people)
    reply = Reply.objects.create(
        landing=landed, key=letter_key(one), channel=Reply.Channel.EMAIL, digest=one.digest,
        person_id=(intent.person_id if intent is not None else people[0]) if people else None, people=people, kind=wish.kind,
        confidence=wish.confidence, rule=wish.rule, language=language, needs_review=wish.review, acted=acted,
        state=Reply.State.DONE if acted and not wish.review else Reply.State.OPEN, received_at=now,
    )  # fmt: skip
    said = {"wish": wish.kind, "confidence": wish.confidence, "rule": wish.rule, "acted": acted, "review": wish.review}
    audit.record(
        by=by, verb="mail.reply", now=now, people=people, thing=f"reply:{reply.pk}", details=said, trace=landed.trace
    )


def _stop(by: Actor, one: Letter, wish: Wish, people: Sequence[int], intent: Intent | None, landed: Landing) -> None:
    topics = stopped_topics(wish, intent)
    written_to = reach.addresses_of(kind="email", person_ids=people)
    digests = {digest for many in written_to.values() for digest in many} | ({one.digest} if one.digest else set())
    evidence = {"landing": landed.pk, "wish": wish.matched, "rule": f"{wish.rule}@{wish.rule_version}"}
    mail_stops.stop(
        by=by, person_ids=people, digests=sorted(digests), topics=topics, via="reply", evidence=evidence, now=landed.received_at,
        locale=wish.language or "en",
    )  # fmt: skip


def stopped_topics(wish: Wish, intent: Intent | None) -> tuple[str, ...]:
    """All marketing and what she answered; everything, care too, where the words say so."""
    if wish.scope == "all":
        return ("all",)
    return tuple(dict.fromkeys((*mail_stops.MARKETING, *([intent.topic] if intent is not None else []))))


def _language(people: Sequence[int]) -> str:
    spoken = Person.objects.filter(pk__in=people).values_list("language", flat=True).first() or "en"
    return "es" if spoken.startswith("es") else "en"
