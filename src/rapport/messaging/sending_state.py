"""How the send is doing: which carrier is away, what is paused, how fast it may go, how the sender fares, what needs a person."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from django.db import connection
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.consent import rules as rulebook
from rapport.messaging import deliver, pacing, pressure
from rapport.messaging.models import Intent, Pause, Receipt, SenderDay, Throttle, WarmUp
from rapport.messaging.sender_days import our_domain
from rapport.ui.formats import local_time

DAYS = 14
MOST = 100
OLD_PAUSES = 5
_BREAKERS = """
SELECT channel, coalesce(opened_at, clock_timestamp()), reason, greatest(0, extract(epoch FROM try_at - clock_timestamp()))::float8
FROM messaging_breaker WHERE try_at IS NOT NULL
"""


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """A channel: how many messages are due and wait, since when its carrier is away and when somebody knocks, whether news waits."""

    channel: str
    waiting: int
    per_second: float | None
    pause: Pause | None
    away_since: datetime | None = None
    why_away: str = ""
    knocks_in: int = 0

    @property
    def is_away(self) -> bool:
        return self.away_since is not None


class Day(msgspec.Struct, frozen=True):
    """One day of our sender. `rate`: complaints in what was delivered; None where nothing was."""

    day: date
    handed_over: int
    delivered: int
    bounced: int
    complaints: int

    @property
    def rate(self) -> float | None:
        return self.complaints / self.delivered if self.delivered else None


class Planned(msgspec.Struct, frozen=True):
    """A day of the warm-up: how many may go, and how many went."""

    day: date
    allowed: int
    sent: int


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that was tried too often. Whose it is stands on its own page."""

    id: int
    channel: str
    piece: str
    since: datetime | None
    attempts: int
    reason: str


def carriers(now: datetime) -> list[Carrier]:
    """Every channel there is, in the order in which it is served."""
    due = Intent.objects.filter(state=Intent.State.QUEUED, due_at__lte=now).order_by()
    waiting = dict(due.values_list("channel").annotate(n=Count("id")))
    rates = dict(Throttle.objects.exclude(name__contains=":").values_list("name", "per_second"))
    pauses = {one.channel: one for one in Pause.objects.filter(lifted_at__isnull=True).select_related("by")}
    away, nothing = _away(), (None, "", 0.0)
    found = []
    for channel in deliver.channels():
        since, why, seconds = away.get(channel, nothing)
        found.append(
            Carrier(
                channel=channel, waiting=waiting.get(channel, 0), per_second=rates.get(channel), pause=pauses.get(channel),
                away_since=since, why_away=why, knocks_in=round(seconds),
            )
        )  # fmt: skip
    return found


def old_pauses() -> list[Pause]:
    """The last pauses that are over, the newest first."""
    over = Pause.objects.filter(lifted_at__isnull=False).select_related("by", "lifted_by")
    return list(over.order_by("-lifted_at", "-id")[:OLD_PAUSES])


def rates() -> tuple[list[Throttle], int]:
    """The rates that somebody set, and how many domains without one of their own are being paced."""
    every = Throttle.objects.select_related("set_by").order_by("name")
    unnamed = "email:#"
    return list(every.exclude(name__startswith=unnamed)), every.filter(name__startswith=unnamed).count()


def sender_days(now: datetime) -> list[Day]:
    """The last days of our sender, the oldest first; days without mail are there too."""
    first = now.date() - timedelta(days=DAYS - 1)
    fields = ("day", "handed_over", "delivered", "bounced", "complaints")
    known = {
        row[0]: Day(*row) for row in SenderDay.objects.filter(sender=our_domain(), day__gte=first).values_list(*fields)
    }
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [known.get(day, Day(day, 0, 0, 0, 0)) for day in days]


def complaint_line(now: datetime) -> float | None:
    """The share of complaints at which news and offers pause by themselves; the strictest rule in force."""
    return min((row.pause_at for row in rulebook.in_force(now.date()).health), default=None)


def warm_up(now: datetime) -> tuple[WarmUp, list[Planned]] | None:
    """The plan of our sender with its days: from its beginning, or the last days, until it is done or two weeks from now."""
    plan = WarmUp.objects.filter(sender=our_domain()).select_related("set_by").first()
    if plan is None:
        return None
    first = max(plan.started_on, now.date() - timedelta(days=DAYS // 2))
    sent = dict(
        SenderDay.objects.filter(sender=plan.sender, day__gte=first).values_list("day", "handed_over"),
    )
    days = []
    for number in range(DAYS):
        day = first + timedelta(days=number)
        days.append(Planned(day, pressure.allowed(plan, day), sent.get(day, 0)))
        if days[-1].allowed >= plan.full and day >= now.date():
            break
    return plan, days


def dead_letters() -> list[DeadLetter]:
    """The messages that wait for a person, the newest first."""
    many = list(
        Intent.objects.filter(state=Intent.State.DEAD)
        .select_related("version__piece")
        .order_by("-settled_at", "-id")[:MOST]
    )
    said = _last_words([one.pk for one in many])
    return [
        DeadLetter(one.pk, one.channel, one.version.piece.name, one.settled_at, one.attempt, said.get(one.pk, ""))
        for one in many
    ]


def counts() -> dict[str, int]:
    """How many messages wait for a person: dead, unknown. Each by an index of its own."""
    return {
        str(state): Intent.objects.filter(state=state).count() for state in (Intent.State.DEAD, Intent.State.UNKNOWN)
    }


def alerts(now: datetime) -> list[str]:
    """What somebody who plans campaigns must know today, in sentences."""
    names, told = channel_words(), []
    for channel, (since, _why, _seconds) in sorted(_away().items()):
        said = {"name": names.get(channel, channel), "when": local_time(since or now)}
        told.append(_("%(name)s: the carrier has not answered since %(when)s. What is due waits.") % said)
    for one in Pause.objects.filter(lifted_at__isnull=True).order_by("channel"):
        said = {"name": names.get(one.channel, one.channel), "why": one.reason}
        told.append(_("%(name)s: news and offers are paused. %(why)s") % said)
    dead = counts()["dead"]
    if dead:
        words = ngettext(
            "%(n)s message was tried too often and waits for you.",
            "%(n)s messages were tried too often and wait for you.",
            dead,
        )
        told.append(words % {"n": dead})
    return told


def channel_words() -> dict[str, str]:
    return {
        "email": _("E-mail"),
        "sms": _("Texts"),
        "print": _("Letters"),
        "call": _("Calls"),
        "portal": _("Portal"),
        "push": _("Web push"),
    }


def way_out(name: str) -> str:
    """What a rate is about, in words."""
    if name == pacing.EVERY_DOMAIN:
        return _("E-mail to each receiving domain")
    channel, _colon, domain = name.partition(":")
    return _("E-mail to %(domain)s") % {"domain": domain} if domain else channel_words().get(channel, channel)


def short(day: date) -> str:
    """Nov 14"""
    return str(date_format(day, _("M j")))


def _away() -> dict[str, tuple[datetime | None, str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_BREAKERS)
        return {row[0]: (row[1], row[2], float(row[3])) for row in cursor.fetchall()}


def _last_words(intent_ids: Sequence[int]) -> dict[int, str]:
    rows = Receipt.objects.filter(intent_id__in=intent_ids).order_by("at", "id").values_list("intent_id", "reason")
    return dict(rows)
