"""Who acts: a member of staff who signed in, or a named part of the program. `by` is one of the two everywhere."""

from dataclasses import dataclass

from rapport.trust.models import User


@dataclass(frozen=True, slots=True)
class System:
    """A part of the program that acts without a human at the keyboard: the worker, a command, a public page."""

    label: str

    def __str__(self) -> str:
        return self.label


SYSTEM = System("system")

Actor = User | System


def label(actor: Actor) -> str:
    """The name that stands in the audit trail beside the account."""
    if isinstance(actor, System):
        return actor.label
    return f"{actor.name[:40]}, key {actor.key_prefix}" if actor.key_prefix else actor.name


def account(actor: Actor) -> User | None:
    """The account that acted, for rows that name it; none when a part of the program did."""
    return None if isinstance(actor, System) else actor
