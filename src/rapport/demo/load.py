"""Loads the demo clinic, step by step, through the same doors that real feeds use.

Every step is named in `World.steps` when it is done, and can be told twice: records have names for ever, so an interrupted
load goes on with the step that was cut off and makes no doubles. The numbers of a step come from the seed and the step's name
alone, so a load in two halves is the same world as a load in one.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from rapport.demo import campaign, clinic, compliance, desk, hands, patients, reviews, scenes, years
from rapport.demo.models import World
from rapport.demo.progress import Progress, Step

DEFAULT_SEED = 7


@dataclass
class Load:
    """What every step is given."""

    world: World
    progress: Progress

    @property
    def today(self) -> datetime:
        return self.world.today

    def rng(self, word: str) -> np.random.Generator:
        """The random numbers of one step: the same whenever it runs."""
        return np.random.default_rng([self.world.seed, zlib.crc32(word.encode())])


STEPS: tuple[tuple[str, str, Callable[[Load, Step], None]], ...] = (
    ("clinic", "Places, service lines, staff", lambda load, step: clinic.furnish(load.today)),
    ("charts", "Patients and their charts (FHIR)", patients.charts),
    ("registration", "Contact details", patients.registration),
    ("consents", "What people said about e-mail", patients.consents),
    ("before", "Visits until the campaign", years.before),
    ("launch", "The campaign goes out over SMTP", campaign.launch),
    ("answers", "Patients open, click, book and unsubscribe", campaign.answers),
    ("after", "Visits, claims and payments since", years.after),
    ("desk", "Appointments of today and the next days", desk.appointments),
    ("lately", "What the front desk wrote down lately", desk.lately),
    ("compliance", "Vendors, courses, the calendar and signed papers", compliance.keep),
    ("sources", "A file with mistakes, and two records that may be one person", desk.mistakes),
    ("compare", "Two subjects compared", scenes.compare),
    ("news", "A newsletter goes out", scenes.news),
    ("letters", "Letters are printed and posted", hands.letters),
    ("calls", "Calls are made", hands.calls),
    ("inbox", "A message in the inbox is answered", hands.inbox),
    ("reviews", "Words wait for a review", reviews.lay),
    ("plans", "Drafts and segments", campaign.plans),
    ("results", "Warehouse and results", campaign.weigh),
)


def load(*, seed: int, now: datetime, progress: Progress) -> World:
    """Load the world of this seed, or go on where a former load was cut off. Returns it; does nothing when it is complete."""
    clinic.refuse_production()
    world, _ = World.objects.get_or_create(seed=seed, defaults={"started_at": now, "today": now.replace(microsecond=0)})
    work = Load(world, progress)
    for name, words, act in STEPS:
        if name in world.steps:
            continue
        with progress.step(words) as step:
            act(work, step)
        _done(world, name, now)
    if world.finished_at is None:
        world.finished_at = now
        world.save(update_fields=["finished_at"])
    clinic.leave_logins()
    return world


@transaction.atomic
def _done(world: World, name: str, now: datetime) -> None:
    world.steps = {**world.steps, name: now.isoformat()}
    world.save(update_fields=["steps", "truth", "people"])
