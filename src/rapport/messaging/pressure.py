"""Back-pressure: what comes back decides how much goes out.

- Complaints or bounces above the line pause the commercial mail of the house by itself; care goes on. A person looks, and lifts
  the pause with a reason. It comes back only when there are more of them than the person knew of.
- A sender that is new sends little at first and more each day. Care and answers are counted, and not held back.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from rapport.consent import rules as rulebook
from rapport.messaging import sender_days
from rapport.messaging.models import Intent, Pause, SenderDay, WarmUp
from rapport.messaging.sender_days import our_domain
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

EMAIL = "email"
BOUNCES_AT = (
    0.05  # of a day's mail; beyond it mailbox providers take the list for bought (a setting of the house, no law)
)
LEAST = 100  # messages of a day, below which a share says nothing


class NothingToLift(ValueError):
    """This channel is not paused."""


def paused() -> set[str]:
    """Channels whose commercial messages are held back."""
    return set(Pause.objects.filter(lifted_at__isnull=True).values_list("channel", flat=True))


def lanes(channel: str, *, held: Iterable[str], now: datetime) -> dict[int, int | None]:
    """Which lanes of a channel may go, in their order, and up to how many of all; None is as many as there are."""
    lane = Intent.Lane
    found: dict[int, int | None] = {lane.ANSWER: None, lane.CARE: None}
    left = left_today(now) if channel == EMAIL else None
    if channel not in held and left != 0:
        found[lane.COMMERCIAL] = left
    return found


@transaction.atomic
def pause(*, by: User, channel: str, reason: str, now: datetime) -> Pause:
    """A person holds back the commercial messages of a channel. Twice is once."""
    found, made = Pause.objects.get_or_create(
        channel=channel,
        lifted_at=None,
        defaults={"cause": Pause.Cause.HAND, "reason": reason[:300], "since": now, "by": by},
    )
    if made:
        audit.record(by=by, verb="message.pause", now=now, thing=f"channel:{channel}", reason=reason)
    return found


@transaction.atomic
def lift(*, by: User, channel: str, reason: str, now: datetime) -> Pause:
    """A person has looked and lets them go again. Raises NothingToLift."""
    found = Pause.objects.select_for_update().filter(channel=channel, lifted_at=None).first()
    if found is None:
        raise NothingToLift(f"{channel} is not paused")
    found.lifted_at, found.lifted_by, found.lifted_because = now, by, reason[:300]
    if found.day is not None:
        found.counted = max(found.counted, _counted(found.cause, found.day))
    found.save()
    audit.record(by=by, verb="message.lift", now=now, thing=f"channel:{channel}", reason=reason)
    return found


def watch(now: datetime) -> Pause | None:
    """Look at what came back of yesterday's and today's mail; pause when it is too much. Cheap: two rows."""
    days = SenderDay.objects.filter(sender=our_domain(), day__gte=now.date() - timedelta(days=1), delivered__gt=0)
    for one in days.order_by("-day"):
        for cause, bad, share, line in _measures(one, now.date()):
            if share >= line and not _known(cause, one.day, bad):
                return _pause_itself(cause, one, bad, share, line, now)
    return None


def note_handed_over(many: int, now: datetime) -> None:
    """So many e-mails were handed over just now."""
    if many:
        sender_days.add_counts(Counter({(our_domain(), now.date(), "handed_over"): many}), source="send", now=now)


def left_today(now: datetime) -> int | None:
    """How many e-mails a sender that is being warmed up may still send today; None when it is not."""
    plan = WarmUp.objects.filter(sender=our_domain()).first()
    if plan is None:
        return None
    cap = allowed(plan, now.date())
    if cap >= plan.full:
        return None
    sent = SenderDay.objects.filter(sender=plan.sender, day=now.date()).values_list("handed_over", flat=True).first()
    return max(0, cap - (sent or 0))


def allowed(plan: WarmUp, day: date) -> int:
    """The plan's number for a day, days are days in UTC, as those of `SenderDay`; before the first day it is that of the first."""
    age = min(max((day - plan.started_on).days, 0), 365)
    return min(plan.full, int(plan.first * plan.growth**age)) if age * plan.growth < 10_000 else plan.full


def _measures(one: SenderDay, today: date) -> list[tuple[str, int, float, float]]:
    """(cause, how many, share of the day's mail, line) for what may be judged: a handful of messages says nothing."""
    found = [
        (Pause.Cause.COMPLAINTS.value, one.complaints, one.complaints / one.delivered, row.pause_at)
        for row in rulebook.in_force(today).health
        if one.delivered >= row.least_messages
    ]
    told = one.delivered + one.bounced
    if told >= LEAST:
        found.append((Pause.Cause.BOUNCES.value, one.bounced, one.bounced / told, BOUNCES_AT))
    return found


def _known(cause: str, day: date, bad: int) -> bool:
    """Paused already, or a person has seen as many and let them go."""
    return (
        Pause.objects.filter(channel=EMAIL, lifted_at=None).exists()
        or Pause.objects.filter(channel=EMAIL, cause=cause, day=day, counted__gte=bad).exists()
    )


def _counted(cause: str, day: date) -> int:
    one = SenderDay.objects.filter(sender=our_domain(), day=day).first()
    if one is None:
        return 0
    return one.complaints if cause == Pause.Cause.COMPLAINTS else one.bounced


@transaction.atomic
def _pause_itself(cause: str, one: SenderDay, bad: int, share: float, line: float, now: datetime) -> Pause:
    what = "was reported as spam" if cause == Pause.Cause.COMPLAINTS else "came back as undeliverable for good"
    reason = f"{share:.2%} of the mail of {one.day:%B %-d} {what}; commercial mail pauses from {line:.2%}."
    found, made = Pause.objects.get_or_create(
        channel=EMAIL,
        lifted_at=None,
        defaults={"cause": cause, "reason": reason, "since": now, "day": one.day, "counted": bad},
    )
    if made:
        audit.record(by=System("pressure"), verb="message.pause", now=now, thing="channel:email", reason=reason)
    return found
