"""Load the demo clinic, or enlarge it."""

from typing import Annotated

import typer

from rapport.demo import load, replay
from rapport.demo.clinic import NotHere, leave_logins, logins, password
from rapport.demo.models import World
from rapport.demo.progress import Progress, seconds
from rapport.kit import clock
from rapport.people.models import Person


def command(
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing when there are people already, except to finish a demo.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another world.")] = load.DEFAULT_SEED,
    people: Annotated[
        int, typer.Option(help="Replay patients with new identities until there are so many people.")
    ] = 0,
) -> None:
    """About 300 synthetic patients and twelve months of their life. An interrupted load goes on where it was."""
    progress = Progress()
    try:
        _load(if_empty, seed, people, progress)
    except NotHere as refusal:
        raise SystemExit(str(refusal)) from None
    except KeyboardInterrupt:
        progress.say("\nStopped; the same command goes on from here.")
        raise SystemExit(130) from None


def _load(if_empty: bool, seed: int, people: int, progress: Progress) -> None:
    begun = World.objects.filter(finished_at__isnull=True).first()
    if if_empty and begun is None and Person.objects.exists():
        if World.objects.exists():
            leave_logins()
        return
    other = World.objects.exclude(seed=seed).first()
    if other is not None:
        raise SystemExit(f"The world of seed {other.seed} is loaded here; one installation holds one world.")
    known = World.objects.filter(seed=seed, finished_at__isnull=False).exists()
    if not known:
        progress.say(
            "Loading the demo clinic (synthetic patients)" if begun is None else "Going on with the demo clinic"
        )
    world = load.load(seed=seed, now=clock.now(), progress=progress)
    if people > world.people:
        replay.enlarge(world, to=people, now=clock.now(), progress=progress)
    progress.say(
        f"{Person.objects.count():,} people. Took {seconds(progress.took)}. Password of all demo logins: {password()}"
    )
    for email, name, role in logins():
        progress.say(f"  {email:<24} {name} ({role})")
