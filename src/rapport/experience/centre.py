"""The preference centre: a person chooses what to get, by which way, how often and when, and can take it back.

- Only what the person changed on the page is written: what changed meanwhile by another way stays.
- Marketing by telephone needs the person's signature under the whole disclosure, about one number that is on file.
- A no puts the address on the suppression list, a yes takes it off, as the unsubscribe link does.
- Undo brings back what stood before, if nobody spoke since. It never invents a yes.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from rapport.consent import choices, following, ledger, preferences, signatures, suppressions, texts
from rapport.consent.choices import CHOICES, MARKETING, Choice, Stand
from rapport.consent.following import UNDO_VIA
from rapport.consent.ledger import NewRecord
from rapport.consent.models import ConsentRecord, Preference
from rapport.consent.preferences import Wish
from rapport.people import queries as people
from rapport.people.queries import Address
from rapport.trust.actors import Actor

VIA = "preference_centre"
FORM = "centre"
STOP_TEXT_VERSION = "centre-stop-all-1"


class NotSigned(ValueError):
    """A yes in writing lacks its signature or its number; `keys` says which."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = list(keys)
        super().__init__(", ".join(keys))


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands before the page: whose it is, in which language, and what proves that it was so."""

    person_id: int
    language: str
    proof: dict[str, Any]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent: the choices that were on when the page was made, those that are on now, and the other wishes."""

    was: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    wish: Wish = Wish()
    signatures: Mapping[str, str] = {}

    def signature(self, key: str) -> str:
        return self.signatures.get(key, "").strip()


class Turned(msgspec.Struct, frozen=True):
    """One choice that was changed, and the statement that had stood before (0: none)."""

    key: str
    is_on: bool
    before: int


class Saved(msgspec.Struct, frozen=True):
    """What one save changed: enough to show it and to take it back."""

    turned: tuple[Turned, ...] = ()
    preference: int = 0
    preference_before: int = 0

    @property
    def nothing(self) -> bool:
        return not self.turned and not self.preference


def numbers(person_id: int) -> dict[str, Address]:
    """Channel -> the telephone number it would use: a mobile that takes texts for texts, any working one for calls."""
    points = [one for one in people.contact_points(person_ids=[person_id], kind="phone") if one.is_valid]
    mobile = next((one for one in points if one.use == "mobile"), None)
    texts = next((one for one in points if one.use == "mobile" and one.no_texts_at is None), None)
    found = {"sms": texts, "call": mobile or next(iter(points), None)}
    return {channel: point for channel, point in found.items() if point}


@transaction.atomic
def save(*, by: Actor, visit: Visit, asked: Asked, now: datetime) -> Saved:
    """Write what was changed on the page, all of it or nothing. Raises `NotSigned` and `preferences.NotAWish`."""
    stands = choices.standing(visit.person_id, now)
    changed = [one for one in CHOICES if (one.key in asked.on) != (one.key in asked.was)]
    to_turn = [(one, one.key in asked.on) for one in changed if stands[one].is_on != (one.key in asked.on)]
    phones = numbers(visit.person_id)
    unsigned = [
        one.key
        for one, is_on in to_turn
        if is_on and one.tier == "written" and (not asked.signature(one.key) or one.channel not in phones)
    ]
    if unsigned:
        raise NotSigned(unsigned)
    for one, is_on in to_turn:
        _say(
            by=by,
            visit=visit,
            choice=one,
            is_on=is_on,
            signature=asked.signature(one.key),
            phone=phones.get(one.channel),
            now=now,
        )
    following.list_addresses(by=by, person_id=visit.person_id, turned=to_turn, now=now)
    before = preferences.of(visit.person_id)
    said = preferences.say(by=by, person_id=visit.person_id, wish=asked.wish, via=VIA, now=now)
    turned = tuple(Turned(one.key, is_on, _number(stands[one])) for one, is_on in to_turn)
    return Saved(turned, said.pk if said else 0, before.id or 0)


@transaction.atomic
def stop_all(*, by: Actor, visit: Visit, now: datetime) -> Saved:
    """No to everything but care and bills, in every channel, also those that are yet to come."""
    stands = choices.standing(visit.person_id, now)
    was_on = [one for one in CHOICES if one.topic in MARKETING and stands[one].is_on]
    if not was_on:
        return Saved()
    proof = {**visit.proof, "form": FORM, "answer": "stop_all", "text": _words(STOP_TEXT_VERSION)}
    scopes = [("all", topic, "express") for topic in MARKETING]
    scopes += [(one.channel, one.topic, one.tier) for one in was_on if one.tier == "written"]
    for channel, topic, tier in scopes:
        ledger.withdraw(
            by=by, person_id=visit.person_id, channel=channel, topic=topic, tier=tier, via=VIA, now=now,
            text_version=STOP_TEXT_VERSION, evidence=proof, locale=visit.language,
        )  # fmt: skip
    for kind in ("email", "phone"):
        for topic in MARKETING:
            suppressions.suppress_person(
                by=by, person_id=visit.person_id, kind=kind, topic=topic, reason="unsubscribed", now=now
            )
    return Saved(tuple(Turned(one.key, is_on=False, before=_number(stands[one])) for one in was_on))


@transaction.atomic
def undo(*, by: Actor, visit: Visit, saved: Saved, now: datetime) -> Saved:
    """Take back what a save changed, choice by choice, where what it made still stands."""
    stands = choices.standing(visit.person_id, now)
    mine = choices.records_of(visit.person_id)
    earlier = ConsentRecord.objects.filter(person_id__in=mine).in_bulk(
        [one.before for one in saved.turned if one.before]
    )
    back: list[tuple[Choice, bool]] = []
    for one in saved.turned:
        choice = choices.BY_KEY[one.key]
        if stands[choice].is_on != one.is_on:
            continue
        if one.is_on:
            _say(by=by, visit=visit, choice=choice, is_on=False, now=now, via=UNDO_VIA)
        elif not _bring_back(by=by, visit=visit, choice=choice, before=earlier.get(one.before), now=now):
            continue
        back.append((choice, not one.is_on))
    following.list_addresses(by=by, person_id=visit.person_id, turned=back, now=now)
    said = _undo_preference(by=by, visit=visit, saved=saved, now=now)
    return Saved(tuple(Turned(one.key, is_on, 0) for one, is_on in back), said.pk if said else 0)


def _say(
    *,
    by: Actor,
    visit: Visit,
    choice: Choice,
    is_on: bool,
    now: datetime,
    signature: str = "",
    phone: Address | None = None,
    via: str = VIA,
) -> None:
    """One statement with the words that stood beside its switch."""
    text = texts.find(FORM, choice.channel, choice.topic, visit.language)
    key = uuid.uuid4()
    proof: dict[str, Any] = {
        **visit.proof,
        "form": FORM,
        "answer": "yes" if is_on else "no",
        "text": text.said(clinic=settings.CLINIC_NAME, number=ending(phone)),
    }
    if is_on and choice.tier == "written":
        proof["signature"] = signatures.seal(person_id=visit.person_id, typed=signature[:120], source_key=key)
        proof["signed_as"] = "typed name"
    record = NewRecord(
        person_id=visit.person_id,
        channel=choice.channel,
        topic=choice.topic,
        status="granted" if is_on else "withdrawn",
        at=now,
        via=via,
        text_version=text.version,
        source_key=key,
        tier=choice.tier,
        contact_point_id=phone.id if phone and is_on else None,
        locale=visit.language,
        evidence=proof,
    )
    ledger.state(by=by, record=record, now=now)


def _bring_back(*, by: Actor, visit: Visit, choice: Choice, before: ConsentRecord | None, now: datetime) -> bool:
    words = texts.find(FORM, choice.channel, choice.topic, visit.language)
    return following.bring_back(
        by=by, person_id=visit.person_id, choice=choice, before=before, text_version=words.version,
        proof={**visit.proof, "form": FORM}, now=now, locale=visit.language,
    )  # fmt: skip


def _undo_preference(*, by: Actor, visit: Visit, saved: Saved, now: datetime) -> Preference | None:
    """The wishes of before, if the row that the save wrote is still the newest."""
    if not saved.preference or preferences.of(visit.person_id).id != saved.preference:
        return None
    earlier = Preference.objects.filter(pk=saved.preference_before, person_id=visit.person_id).first()
    wish = preferences.back_to(earlier)
    if earlier and earlier.pause_until and earlier.pause_until < now.date():
        wish = msgspec.structs.replace(wish, pause_until=None)  # a pause that is over is no wish any more
    return preferences.say(by=by, person_id=visit.person_id, wish=wish, via=UNDO_VIA, now=now)


def ending(phone: Address | None) -> str:
    """A number as a page may show it that only a given name stands on."""
    return f"•••-{phone.value[-4:]}" if phone else ""


def _words(version: str) -> str:
    text = texts.of(version)
    return text.words if text else ""


def _number(stand: Stand) -> int:
    return stand.record.pk if stand.record else 0
