"""What the front desk may send to one person now, and the two verbs: send it, and take it back while it has not gone.

1. What may be said stands in `content.at_desk`: approved pieces that somebody offered to the desk, each under a name.
2. By which way it goes follows from the policy, asked now about every way there is, and asked again when it leaves.
3. It leaves after `UNDO`. Its name in the queue is (desk, piece, person, day and number), so that a second click is the same.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.consent import policy
from rapport.content import at_desk
from rapport.content.models import Version
from rapport.home import sending_guard
from rapport.home.desk import expected_today
from rapport.home.permission import HIDDEN_GATES
from rapport.home.sends import CAUSE
from rapport.messaging import facts, intents, message, receipts
from rapport.messaging.models import Intent
from rapport.people import queries
from rapport.people.queries import PersonCard
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

UNDO = timedelta(seconds=30)
CHANNELS: dict[str, str | Promise] = {"sms": _("Text"), "email": _("E-mail")}  # in the order in which they are taken
GUARD = System("name guard")  # opens the names of today's list; a human sees only those that are alike
_ONCE = re.compile(r"\d{4}-\d{2}-\d{2}:[1-9]\d{0,2}")


class NotNow(ValueError):
    """The policy says no, or what was on the screen no longer holds; the words say what."""


class NotCompared(ValueError):
    """The name guard asked to compare, and nobody said that it was done."""


class TooLate(ValueError):
    """It has gone, or was taken back already."""


@dataclass(frozen=True)
class Way:
    """One way to say it: whether the person may get it so, why, and until when it waits."""

    version: Version
    may: bool
    reason: str
    waits_until: datetime | None = None

    @property
    def channel(self) -> str:
        return self.version.piece.channel

    @property
    def label(self) -> str | Promise:
        return CHANNELS[self.channel]


@dataclass(frozen=True)
class Choice:
    """Something the desk may say, with the ways to say it, the best first."""

    key: str
    name: str
    topic: str
    ways: list[Way]

    @property
    def best(self) -> Way | None:
        return next((one for one in self.ways if one.may), None)

    @property
    def others(self) -> list[Way]:
        return [one for one in self.ways if one is not self.best]


@dataclass(frozen=True)
class Guard:
    """Why to compare: others of today's list with a similar name and when they come, or how the name is probably written."""

    others: list[tuple[PersonCard, datetime]]
    meant: str


def choices(person_id: int, language: str, now: datetime) -> list[Choice]:
    """Everything that is offered to the desk, and for each what the policy says of every way."""
    offered = at_desk.offered()
    wanted = {key: _in_language(many, language) for key, many in offered.items()}
    every = [version for many in wanted.values() for version in many]
    said = [_message(one, now) for one in every]
    verdicts = policy.decide_many(facts.gather_kinds(person_id, said, now))
    ways = {one.pk: _way(one, verdict) for one, verdict in zip(every, verdicts, strict=True)}
    return [
        Choice(
            key,
            many[0].piece.at_desk,
            many[0].piece.topic,
            sorted((ways[one.pk] for one in many), key=lambda way: (not way.may, way.waits_until is not None)),
        )
        for key, many in wanted.items()
        if many
    ]


def find(person_id: int, language: str, key: str, now: datetime) -> Choice | None:
    """One of them."""
    return next((one for one in choices(person_id, language, now) if one.key == key), None)


def guard(card: PersonCard, now: datetime) -> Guard | None:
    """What must be compared before this person is written to; None when nobody can be taken for her."""
    coming = {person: at for person, at in expected_today(now).items() if person != card.id}
    known = queries.cards(by=GUARD, person_ids=list(coming), now=now) if coming else []
    alike = [one for one in known if sending_guard.alike(card.name, one.name)]
    meant = sending_guard.odd_capitals(card.display)
    if not alike and not meant:
        return None
    return Guard([(one, coming[one.id]) for one in alike], meant)


def earlier(person_id: int, version: Version, now: datetime) -> list[Intent]:
    """What went to this person today with these words, whatever became of it, the oldest first."""
    rows = Intent.objects.filter(cause=CAUSE, cause_id=version.piece_id, person_id=person_id)
    return list(rows.filter(occurrence__startswith=f"{_day(now)}:").order_by("id"))


def once(person_id: int, version: Version, now: datetime) -> str:
    """The name of the next sending of this piece to this person."""
    return f"{_day(now)}:{len(earlier(person_id, version, now)) + 1}"


@transaction.atomic
def send(*, by: User, card: PersonCard, way: Way, name: str, compared: bool, now: datetime) -> tuple[Intent, bool]:
    """Put it into the queue, to leave after UNDO. `name`: from `once`; the same name again finds what the first click made.

    Returns the intent and whether this call made it. Raises NotNow, NotCompared.
    """
    version = way.version
    made = Intent.objects.filter(cause=CAUSE, cause_id=version.piece_id, person_id=card.id, occurrence=name).first()
    if made is not None:
        return made, False
    if not _ONCE.fullmatch(name) or name != once(card.id, version, now):
        raise NotNow(_("Something was sent in the meantime. Look again before you send."))
    if not way.may:
        raise NotNow(way.reason)
    if not compared and guard(card, now) is not None:
        raise NotCompared
    row = intents.NewIntent(
        cause=CAUSE, cause_id=version.piece_id, occurrence=name, person_id=card.id, channel=way.channel,
        purpose=at_desk.PURPOSES[version.piece.topic], topic=version.piece.topic, version_id=version.pk, due_at=now + UNDO,
        trace=uuid.uuid4(),
    )  # fmt: skip
    is_new = intents.declare(rows=[row], now=now) == 1
    intent = Intent.objects.get(cause=CAUSE, cause_id=row.cause_id, person_id=card.id, occurrence=name)
    if is_new:
        details = {"piece": version.piece_id, "version": version.pk, "channel": way.channel, "compared": compared}
        audit.record(by=by, verb="desk.send", now=now, person=card.id, thing=f"intent:{intent.pk}", details=details)
    return intent, is_new


@transaction.atomic
def undo(*, by: User, person_id: int, intent_id: int, now: datetime) -> Intent:
    """Take it back while it stands in the queue; it gets its receipt. Raises TooLate."""
    mine = Intent.objects.filter(pk=intent_id, person_id=person_id, cause=CAUSE)
    if not mine.filter(state=Intent.State.QUEUED).update(state=Intent.State.STOPPED, settled_at=now):
        raise TooLate
    intent = mine.get()
    receipts.write([receipts.plain(intent, "stopped", "Taken back at the front desk before it went out.", now)])
    audit.record(by=by, verb="desk.undo", now=now, person=person_id, thing=f"intent:{intent_id}")
    return intent


def _in_language(many: list[Version], language: str) -> list[Version]:
    """One wording a channel: in the person's language, else in English, else whatever there is."""
    rank = {language[:2] or "en": 0, "en": 1}
    found: dict[str, Version] = {}
    for one in sorted(many, key=lambda version: rank.get(version.piece.language[:2], 2)):
        found.setdefault(one.piece.channel, one)
    return [found[channel] for channel in CHANNELS if channel in found]


def _message(version: Version, now: datetime) -> policy.Message:
    piece = version.piece
    return message.planned(
        channel=piece.channel, purpose=at_desk.PURPOSES[piece.topic], topic=piece.topic, now=now, version=version,
        cause=f"{CAUSE}:{piece.pk}",
    )  # fmt: skip


def _way(version: Version, verdict: policy.Verdict) -> Way:
    """What lasts is a no; what passes with time is a wait."""
    lasting = [gate for gate in verdict.gates if not gate.passed and gate.gate not in HIDDEN_GATES]
    if lasting:
        return Way(version, False, lasting[0].reason)
    if verdict.allowed:
        return Way(version, True, next((gate.reason for gate in verdict.gates if gate.gate == "consent"), ""))
    return Way(version, verdict.only_waits, verdict.reason, verdict.try_again_at)


def _day(now: datetime) -> str:
    return f"{timezone.localtime(now):%Y-%m-%d}"
