"""The map: what follows what, and nowhere else.

    landing -> take_in -> people, timeline, profile -> warehouse -> segment -> campaign -> intent
    whatever is written about a person -> her stays in segments, within the second; all stays with each new warehouse
    take_in -> a life event (death, loss ...) -> intents that must not be said any more are stopped
    intent -> send_out -> receipt -> hear_back (a landing) -> take_in -> attribution

Every step takes a batch. Between two durable rows (Landing, Intent, Receipt) plain functions call plain functions.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rapport.attribution import conversions
from rapport.campaigns import due as campaigns
from rapport.experience import optin
from rapport.integrations import take_in as door
from rapport.messaging import notices, pressure, send, switching
from rapport.messaging import queries as queue
from rapport.segments import sync
from rapport.segments.membership import full, live, reading
from rapport.trust.actors import Actor

LANDINGS, INTENTS, STUCK_REST, LONGEST_REST = 20, 500, 1.0, 10.0  # at once, at once, seconds, seconds


@dataclass(frozen=True)
class Tick:
    """What one turn of the worker did."""

    landings: int = 0
    launched: int = 0
    settled: int = 0
    asked: int = 0
    sheets: int = 0

    @property
    def idle(self) -> bool:
        return self == Tick()


def take_in(*, now: datetime, limit: int = LANDINGS) -> int:
    """Landings that wait become people, events and facts. One transaction a landing: a bad one does not hold up the rest."""
    taken = 0
    while taken < limit:
        with transaction.atomic():
            landings = door.claim(limit=1, now=now)
            if not landings:
                break
            door.take(landings=landings, now=now)
            taken += len(landings)
    return taken


def launch_due(*, by: Actor, now: datetime) -> int:
    """Campaigns whose moment has come are frozen, randomised and declared as intents."""
    return len(campaigns.launch_due(by=by, now=now))


def send_out(*, owner: str, now: datetime, limit: int = INTENTS) -> int:
    """Intents that are due are decided, composed, delivered, or go the next way; patients are told of what lies in their inbox."""
    send.reap(now=now)
    pressure.watch(now)
    settled = send.send_due(owner=owner, now=now, limit=limit).settled if queue.is_due(now=now) else 0
    switching.turn(now=now)
    notices.turn(now=now)
    return settled


def ask_strangers(*, by: Actor, now: datetime) -> int:
    """Whoever signed up under an address we don't know is asked whether it was meant."""
    return optin.send_due(by=by, now=now)


def hear_back(*, now: datetime, limit: int = LANDINGS) -> int:
    """What came back (opened, clicked, booked, unsubscribed) landed like everything else, and is taken in the same way."""
    return take_in(now=now, limit=limit)


def notice(*, by: live.Follower, now: datetime) -> live.Turn:
    """Whoever was just written about is asked again: which segments is she in now?"""
    return by.turn(now=now)


def learn(*, now: datetime) -> None:
    """What came in reaches the warehouse, the segments, and the campaigns that were before it."""
    learn_groups(now=now)
    learn_visits(now=now)


def learn_groups(*, now: datetime) -> int | None:
    """The warehouse catches up with the timeline, then who is in which segment. Returns the number of the newest version."""
    newest = sync.keep_fresh(now=now)
    full.refresh_due(now=now)
    return newest.number if newest else None


def learn_visits(*, now: datetime) -> None:
    """Visits are tied to the campaigns before them. Another answer only when something came in, or with time."""
    conversions.refresh_open(now=now)


def tick(*, owner: str, by: Actor, now: datetime) -> Tick:
    """One turn of the worker: what arrived, what is due to begin, what is due to be said."""
    return Tick(
        landings=take_in(now=now),
        launched=launch_due(by=by, now=now),
        settled=send_out(owner=owner, now=now),
        asked=ask_strangers(by=by, now=now),
        sheets=reading.turn(now=now),  # a part of a long sheet that becomes a list
    )


def rest(*, now: datetime) -> float:
    """Seconds in which, after an idle turn, there is nothing to do. What is due and did not go is looked at again each second."""
    due = [(moment - now).total_seconds() for moment in (campaigns.next_at(), queue.next_due_at()) if moment]
    until = min([*due, LONGEST_REST])
    return until if until > 0 else STUCK_REST
