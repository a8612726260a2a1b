"""How a few people of the demo want to be spoken to: how often, in which language, when not, and whether it is too much."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

import numpy as np

from rapport.consent import preferences
from rapport.consent.preferences import MONTHLY, WEEKLY, Wish
from rapport.demo.register import Registered
from rapport.trust.actors import System

BY = System("demo")
SHARE = 0.08
PATTERNS = (
    Wish(at_most=WEEKLY, feeling="just_right"),
    Wish(at_most=MONTHLY, feeling="too_much"),
    Wish(quiet_from=time(19), quiet_until=time(9)),
    Wish(feeling="just_right"),
    Wish(language="es"),
)


def speak(people: Iterable[Registered], rng: np.random.Generator, *, until: datetime) -> int:
    """About one in twelve says something in the weeks before `until`. Returns how many."""
    said = 0
    for one in people:
        luck, pattern, days = rng.random(), int(rng.integers(len(PATTERNS))), int(rng.integers(2, 60))
        if luck >= SHARE or not one.has_email:
            continue
        at = until - timedelta(days=days)
        preferences.say(by=BY, person_id=one.person_id, wish=PATTERNS[pattern], via=_via(days), now=at)
        said += 1
    return said


def speak_for_pat(person_id: int, *, until: datetime) -> None:
    """Pat, whom every guide knows, wants one message a week and her evenings for herself."""
    wish = Wish(language="en", at_most=WEEKLY, quiet_from=time(20), quiet_until=time(8), feeling="just_right")
    preferences.say(by=BY, person_id=person_id, wish=wish, via="preference_centre", now=until - timedelta(days=3))


def _via(days: int) -> str:
    """Half of them on their own page, half at the desk."""
    return "preference_centre" if days % 2 else "front_desk_in_person"
