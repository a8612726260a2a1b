"""Double opt-in: what is typed into a public form counts only when the address itself has said yes.

1. `ask` keeps the wish, sealed, for seven days, and a letter goes to the address. The form answers the same whether we know
   the address or not, and writes one letter a day at most.
2. The letter's link shows a page; scanners that open it change nothing. Its button confirms (`confirm`) or says that it was
   somebody else (`decline`).
3. A known person's yes goes into the ledger at once. A stranger's is landed, like everything from outside, and becomes a person
   and a statement when it is taken in.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from rapport.consent import ledger, suppressions, texts
from rapport.consent.ledger import NewRecord
from rapport.content.models import Version
from rapport.experience import letters
from rapport.experience.models import OptIn
from rapport.messaging import intents, strangers
from rapport.messaging.strangers import Letter
from rapport.people import contact, identity
from rapport.people import queries as people
from rapport.people.models import ContactPoint, Person
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor
from rapport.trust.sealing import DataKey

FORM, VIA = "join", "join"
CHANNEL, TOPIC = "email", "newsletter"
COUNTS_FOR = timedelta(days=7)
ONE_LETTER_A = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(days=30)
TRIES, STUCK = 5, timedelta(minutes=15)
TABLE = "experience_optin"
_CLAIM = """
UPDATE experience_optin SET letter = 'begun', letter_at = %s, letter_tries = letter_tries + 1
WHERE id = ANY(ARRAY(
    SELECT id FROM experience_optin WHERE letter = 'waiting' AND outcome = 'open' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING *
"""


class NotAnAddress(ValueError):
    """What was typed can't be an e-mail address."""


class Ended(ValueError):
    """The week is over, or the sign-up was declined or replaced by a newer one."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed into the form."""

    address: str
    given: str = ""
    family: str = ""
    language: str = "en"


@transaction.atomic
def ask(*, by: Actor, wanted: Wanted, proof: dict[str, Any], now: datetime) -> None:
    """Keep the wish and write to the address. Says nothing to the caller about whether the address is known."""
    point = contact.email(wanted.address)
    if point is None or point.problem:
        raise NotAnAddress
    digest = point.digest()
    _wait_for_others(digest)
    open_one = OptIn.objects.filter(digest=digest, channel=CHANNEL, topic=TOPIC, outcome="open").first()
    if open_one is not None and now - open_one.asked_at < ONE_LETTER_A:
        return
    if strangers.never_to_be_used([digest]):
        return
    if open_one is not None:
        _settle(open_one, OptIn.Outcome.REPLACED, now)
    person_id, is_best = _known(digest)
    text = texts.find(FORM, CHANNEL, TOPIC, wanted.language)
    row = OptIn(
        key=uuid.uuid4(),
        person_id=person_id,
        digest=digest,
        topic=TOPIC,
        form=FORM,
        text_version=text.version,
        locale=text.locale,
        evidence={"asked": {**proof, "at": now.isoformat(), "text": text.said(clinic=settings.CLINIC_NAME)}},
        asked_at=now,
        expires_at=now + COUNTS_FOR,
        letter=OptIn.LetterState.INTENT if is_best else OptIn.LetterState.WAITING,
    )
    key = sealing.new_keys([row.key])[row.key]
    row.address = _seal(key, row, "address", point.value)
    if wanted.given or wanted.family:
        row.name = _seal(key, row, "name", msgspec.json.encode([wanted.given[:80], wanted.family[:80]]).decode())
    row.save(force_insert=True)
    if is_best and person_id is not None:
        _write_to(person_id, row, by=by, now=now)
    audit.record(by=by, verb="optin.ask", now=now, person=person_id, thing=f"optin:{row.pk}", details={"topic": TOPIC})


def find(number: int) -> OptIn | None:
    """The sign-up that a letter's link names."""
    return OptIn.objects.filter(pk=number).first()


@transaction.atomic
def confirm(*, by: Actor, number: int, proof: dict[str, Any], now: datetime) -> tuple[OptIn, dict[str, Any] | None]:
    """The address said yes. Gives the row, and for a stranger what is to be landed. A second press changes nothing.

    Raises Ended.
    """
    row = OptIn.objects.select_for_update().get(pk=number)
    if row.outcome == OptIn.Outcome.CONFIRMED:
        return row, None
    if row.outcome != OptIn.Outcome.OPEN or row.expires_at <= now:
        raise Ended
    row.evidence = {**row.evidence, "confirmed": {**proof, "at": now.isoformat()}}
    _settle(row, OptIn.Outcome.CONFIRMED, now)
    suppressions.lift(by=by, kind=CHANNEL, digests=[bytes(row.digest)], topic=row.topic, now=now)
    told = None
    if row.person_id is not None:
        ledger.state(
            by=by, record=_statement(row, identity.living(person_ids=[row.person_id])[row.person_id], now), now=now
        )
    else:
        told = _told(row, now)
    sealing.destroy(row.key, now=now)  # what was typed is needed no more: it stands in the ledger, or at the door
    audit.record(by=by, verb="optin.confirm", now=now, person=row.person_id, thing=f"optin:{row.pk}")
    return row, told


@transaction.atomic
def decline(*, by: Actor, number: int, now: datetime) -> OptIn:
    """It was somebody else who typed the address: it stays unused, and is asked no more for this."""
    row = OptIn.objects.select_for_update().get(pk=number)
    if row.outcome == OptIn.Outcome.OPEN:
        _settle(row, OptIn.Outcome.DECLINED, now)
        suppressions.suppress(
            by=by, kind=CHANNEL, digests=[bytes(row.digest)], topic=row.topic, reason="complained", now=now
        )
        sealing.destroy(row.key, now=now)
        audit.record(by=by, verb="optin.decline", now=now, person=row.person_id, thing=f"optin:{row.pk}")
    return row


def send_due(*, by: Actor, now: datetime, limit: int = 20) -> int:
    """Letters to strangers: noted as begun, handed over, noted again. What may have gone out is never written twice."""
    with transaction.atomic(durable=True):
        stuck = OptIn.objects.filter(letter="begun", letter_at__lt=now - STUCK)
        stuck.update(letter=OptIn.LetterState.UNKNOWN)
        claimed = list(OptIn.objects.raw(_CLAIM, [now, limit]))
        going = _letters(claimed, by=by, now=now)
    if not claimed:
        return 0
    answers = {one.intent_id: one.kind for one in strangers.send(letters=going, now=now)}
    with transaction.atomic(durable=True):
        for row in claimed:
            row.letter = _after(answers.get(row.pk, "refused"), row.letter_tries)
            row.save(update_fields=["letter"])
    return len(claimed)


@transaction.atomic
def forget_old(*, by: Actor, now: datetime) -> int:
    """What was never confirmed is forgotten after a month: the row, and the key of what was typed."""
    old = OptIn.objects.exclude(outcome=OptIn.Outcome.CONFIRMED).filter(asked_at__lt=now - FORGOTTEN_AFTER)
    keys = list(old.values_list("key", flat=True))
    for key in keys:
        sealing.destroy(key, now=now)
    old.delete()
    if keys:
        audit.record(by=by, verb="optin.forget", now=now, details={"signups": len(keys)})
    return len(keys)


def _known(digest: bytes) -> tuple[int | None, bool]:
    """The one living person who has the address, and whether our messages would go to it. Shared by several: nobody."""
    holders = ContactPoint.objects.filter(kind=CHANNEL, digest=digest).values_list("person_id", flat=True)
    roots = set(identity.living(person_ids=list(holders)).values())
    alive = set(Person.objects.filter(pk__in=roots, deceased_at=None).values_list("pk", flat=True))
    if len(alive) != 1:
        return None, False
    (person_id,) = alive
    best = people.addresses(person_ids=[person_id], kind=CHANNEL).get(person_id)
    point = contact.email(best.value) if best and best.is_valid else None
    return person_id, point is not None and point.digest() == digest


def _write_to(person_id: int, row: OptIn, *, by: Actor, now: datetime) -> None:
    """A known person gets the question as an ordinary message about her own affairs; every gate stands before it."""
    version = letters.wording(letters.CONFIRM, row.locale, by=by, now=now)
    intent = intents.NewIntent(
        cause="optin", cause_id=row.pk, person_id=person_id, purpose="P1", topic="care", version_id=version.pk, due_at=now,
        trace=row.key,
    )  # fmt: skip
    intents.declare(rows=[intent], now=now)


def _letters(claimed: list[OptIn], *, by: Actor, now: datetime) -> list[Letter]:
    versions: dict[str, Version] = {
        locale: letters.wording(letters.CONFIRM, locale, by=by, now=now) for locale in {one.locale for one in claimed}
    }
    keys = sealing.keys_of([one.key for one in claimed])
    return [
        Letter(
            number=one.pk,
            address=_open(keys[one.key], one, "address"),
            digest=bytes(one.digest),
            version=versions[one.locale],
            given=_names(keys[one.key], one)[0],
        )
        for one in claimed
        if one.key in keys
    ]


def _after(answer: str, tries: int) -> str:
    if answer == "accepted":
        return OptIn.LetterState.SENT
    if answer in {"later", "busy", "untouched"} and tries < TRIES:
        return OptIn.LetterState.WAITING
    return OptIn.LetterState.UNKNOWN if answer == "lost" else OptIn.LetterState.REFUSED


def _statement(row: OptIn, person_id: int, now: datetime) -> NewRecord:
    return NewRecord(
        person_id=person_id,
        channel=row.channel,
        topic=row.topic,
        status="granted",
        at=now,
        via=VIA,
        text_version=row.text_version,
        source_key=sealing.source_key("optin", str(row.key)),
        locale=row.locale,
        evidence={**row.evidence, "form": FORM},
    )


def _told(row: OptIn, now: datetime) -> dict[str, Any]:
    """What a stranger said, for the door: who, where, and to which words."""
    key = sealing.keys_of([row.key])[row.key]
    given, family = _names(key, row)
    return {
        "kind": "signed_up", "key": str(row.key), "at": now.isoformat(), "given": given, "family": family,
        "email": _open(key, row, "address"), "language": row.locale, "channel": row.channel, "topic": row.topic,
        "text_version": row.text_version, "evidence": {**row.evidence, "form": FORM},
    }  # fmt: skip


def _settle(row: OptIn, outcome: str, now: datetime) -> None:
    row.outcome, row.settled_at = outcome, now
    row.save(update_fields=["outcome", "settled_at", "evidence"])


def _names(key: DataKey, row: OptIn) -> tuple[str, str]:
    if row.name is None:
        return "", ""
    given, family = msgspec.json.decode(_open(key, row, "name"), type=tuple[str, str])
    return given, family


def _seal(key: DataKey, row: OptIn, column: str, text: str) -> bytes:
    return sealing.seal(key, text, table=TABLE, column=column, row=row.key)


def _open(key: DataKey, row: OptIn, column: str) -> str:
    return sealing.unseal_text(key, getattr(row, column), table=TABLE, column=column, row=row.key)


def _wait_for_others(digest: bytes) -> None:
    """Two presses of one button are one wish."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])
