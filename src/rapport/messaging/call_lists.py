"""Calls by our own staff, one person at a time.

1. `take_next`: the next one whose hour has come; the policy is asked again first (the ledger, the hour where the person is). The clerk
   holds the call for a while: two clerks never ring the same person, and nobody holds two.
2. `dial`: once more, just before the number is shown.
3. `settle`: what came of it. Nobody there: another hour of another day, three times in all. A wrong number is marked and the next one
   tried; “do not call” is a wish to stop, and done at once.
"""

from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from rapport.consent import policy, revoking
from rapport.consent.wishes import Wish
from rapport.content import parts, telling
from rapport.messaging import call_rules, compose, facts, receipts, timeline
from rapport.messaging.models import Call, CallTry, Intent
from rapport.people import contact_marks
from rapport.people.models import ContactPoint
from rapport.trust import audit
from rapport.trust.models import User

HOLD = timedelta(minutes=15)
LOOKED_AT = 50  # calls that are asked about before we say that nobody is to be rung now
LATEST_CALL_BACK = timedelta(days=60)
Outcome = CallTry.Outcome
IN_VAIN = (Outcome.VOICEMAIL, Outcome.NO_ANSWER)
WRONG = "wrong number"
GONE = "There is no telephone number any more."
SAID_ON_A_CALL = "said to a clerk on a call"


class NobodyToCall(LookupError):
    """Nobody is to be rung up now."""


class NotHeld(ValueError):
    """This clerk does not hold this call."""


class NotNow(ValueError):
    """The policy says no at the moment of dialling."""


class NotATime(ValueError):
    """A promise to call back needs a moment that is still to come, and not too far away."""


class Script(msgspec.Struct, frozen=True):
    """What the clerk needs: the number and the words, laid out as the author did; none where they were written as a letter."""

    number: str
    words: str
    shown: telling.Shown | None = None


def take_next(*, by: User, now: datetime) -> Call:
    """The next call, held for `by`. One that she holds already comes first. Raises `NobodyToCall`; what was put off on the way, or
    ended, stays so."""
    call = _take(by, now)
    if call is None:
        raise NobodyToCall
    return call


@transaction.atomic
def _take(by: User, now: datetime) -> Call | None:
    ended = waited = 0
    mine = Call.objects.select_for_update(of=("self",)).select_related("intent").filter(held_by=by).first()
    for _turn in range(LOOKED_AT):
        call = mine or _due(now)
        if call is None:
            break
        mine = None
        known, verdict = _ask(call, now)
        if verdict.allowed:
            call.held_by, call.held_until = by, now + HOLD
            call.point_id = known.contact.point_id if known.contact else None
            call.save(update_fields=["held_by", "held_until", "point_id"])
            said = {"put_off": waited, "ended": ended}
            audit.record(
                by=by, verb="calls.take", now=now, person=call.person_id, thing=f"call:{call.pk}", details=said
            )
            return call
        waited, ended = waited + verdict.only_waits, ended + (not verdict.only_waits)
        _put_off(call, known, verdict, now)
    if waited or ended:
        audit.record(by=by, verb="calls.look", now=now, details={"put_off": waited, "ended": ended})
    return None


@transaction.atomic
def dial(*, by: User, call_id: int, now: datetime) -> Script:
    """The number and the words, if the call may be made at this moment. Raises `NotHeld` and `NotNow`."""
    call = _held(by, call_id, now, lock=False)
    known, verdict = _ask(call, now)
    if not verdict.allowed:
        raise NotNow(verdict.reason)
    composed = compose.compose([call.intent], facts.addressed([(call.intent_id, known)]), now)
    message = composed.messages.get(call.intent_id)
    if message is None:
        raise NotNow(composed.problems.get(call.intent_id, GONE))
    audit.record(by=by, verb="calls.dial", now=now, person=call.person_id, thing=f"call:{call.pk}")
    return Script(message.address, message.rendered.text.strip(), _laid_out(call.intent, now))


def _laid_out(intent: Intent, now: datetime) -> telling.Shown | None:
    said = parts.read(intent.version.parts)
    if said is None:
        return None
    return telling.filled_in(intent.version.piece, said, compose.merged([intent], now)[intent.pk].merge)


@transaction.atomic
def hand_back(*, by: User, call_id: int, now: datetime) -> Call:
    """Not rung: somebody else may take it at once."""
    call = _held(by, call_id, now)
    call.held_by = call.held_until = None
    call.save(update_fields=["held_by", "held_until"])
    audit.record(by=by, verb="calls.hand_back", now=now, person=call.person_id, thing=f"call:{call.pk}")
    return call


@transaction.atomic
def settle(*, by: User, call_id: int, outcome: str, now: datetime, call_back_at: datetime | None = None) -> Call:
    """What came of it. Raises `NotHeld` and `NotATime`."""
    call = _held(by, call_id, now)
    if outcome == Outcome.LATER and not (call_back_at and now < call_back_at <= now + LATEST_CALL_BACK):
        raise NotATime("a call back needs a moment to come")
    tried = CallTry.objects.create(
        call=call, person_id=call.person_id, at=now, by=by, outcome=outcome,
        call_back_at=call_back_at if outcome == Outcome.LATER else None,
    )  # fmt: skip
    timeline.happened("call_made", [(call.intent, tried.pk)], code=outcome, now=now)
    call.held_by = call.held_until = None
    call.is_promised = False
    _follow(call, tried, by=by, now=now)
    call.save()
    said = {"outcome": outcome, "tries": call.tries, "state": call.state}
    audit.record(by=by, verb="calls.settle", now=now, person=call.person_id, thing=f"call:{call.pk}", details=said)
    return call


def _follow(call: Call, tried: CallTry, *, by: User, now: datetime) -> None:
    """What an outcome means for the call."""
    match tried.outcome:
        case Outcome.YES | Outcome.NO:
            _end(call, Call.State.REACHED, now)
        case Outcome.LATER:
            call.next_at, call.is_promised = tried.call_back_at or now, True
        case Outcome.VOICEMAIL | Outcome.NO_ANSWER:
            call.tries += 1
            again = call_rules.next_try(call.tries, now, _zone(call))
            call.next_at = again or call.next_at
            if again is None:
                _end(call, Call.State.UNREACHED, now)
        case Outcome.WRONG_NUMBER:
            if call.point_id is not None:
                contact_marks.mark_wrong(by=by, point_id=call.point_id, reason=WRONG, now=now)
            call.next_at, call.point_id = now, None
            known, verdict = _ask(call, now)
            if not verdict.allowed:
                _put_off(call, known, verdict, now)
        case Outcome.DO_NOT_CALL:
            _stop(call, by, now)


def _stop(call: Call, by: User, now: datetime) -> None:
    point = ContactPoint.objects.filter(pk=call.point_id or 0).first()
    revoking.revoke(
        by=by, person_ids=[call.person_id], channel="call", wish=Wish("stop", 1.0, matched=SAID_ON_A_CALL),
        evidence={"call": call.pk}, now=now, number=bytes(point.digest) if point else None,
    )  # fmt: skip
    _end(call, Call.State.ENDED, now, SAID_ON_A_CALL)


def _due(now: datetime) -> Call | None:
    """Promised ones first, then who has waited longest."""
    free = Q(held_by__isnull=True) | Q(held_until__lt=now)
    rows = Call.objects.select_for_update(skip_locked=True, of=("self",)).select_related("intent")
    found = rows.filter(free, state=Call.State.OPEN, next_at__lte=now).order_by("-is_promised", "next_at", "pk").first()
    if found is not None and found.intent.state != Intent.State.SENT:  # stopped or taken elsewhere meanwhile
        _end(found, Call.State.ENDED, now, f"The message is {found.intent.state}.")
        found.save()
        return _due(now)
    return found


def _ask(call: Call, now: datetime) -> tuple[policy.Facts, policy.Verdict]:
    (known,) = facts.gather([call.intent], now)
    (verdict,) = policy.decide_many([known])
    return known, verdict


def _put_off(call: Call, known: policy.Facts, verdict: policy.Verdict, now: datetime) -> None:
    """Not now: at the hour that the policy names. Never: the call ends, and its message with a receipt."""
    call.held_by = call.held_until = None
    if verdict.only_waits:
        call.next_at = verdict.try_again_at or now + timedelta(hours=1)
    else:
        _end(call, Call.State.ENDED, now, verdict.reason)
        if Intent.objects.filter(pk=call.intent_id, state=Intent.State.SENT).update(state="suppressed", settled_at=now):
            receipts.write([receipts.decided(call.intent, "suppressed", known, verdict)])
    call.save()


def _end(call: Call, state: str, now: datetime, reason: str = "") -> None:
    call.state, call.settled_at, call.reason = state, now, reason[:300]


def _held(by: User, call_id: int, now: datetime, *, lock: bool = True) -> Call:
    rows = Call.objects.select_related("intent")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    call = rows.filter(pk=call_id, held_by=by, state=Call.State.OPEN).first()
    if call is None:
        raise NotHeld(f"call {call_id}")
    return call


def _zone(call: Call) -> str:
    (kept,) = compose.kept_records({call.person_id}).values()
    return kept.timezone or settings.TIME_ZONE
