"""Ready segments: definitions that somebody takes, looks at and changes, from `segments.yaml`. Read once.

What a clinic must fill in itself stands apart: `near_us` becomes a distance from every location of ours.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from rapport.segments.language import LivesIn, Near, Node, parse

FILE = Path(__file__).with_name("segments.yaml")
Kind = Literal["demographics", "conditions", "care", "utilisation", "geography", "preferences", "insurance"]
KINDS: tuple[Kind, ...] = (
    "care", "conditions", "utilisation", "demographics", "geography", "preferences", "insurance",
)  # fmt: skip


class Ready(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One definition to begin with."""

    slug: str
    kind: Kind
    name: str
    name_es: str
    about: str
    about_es: str
    purpose: str
    who: dict[str, Any] = {}
    near_us: float = 0

    def name_in(self, language: str) -> str:
        return self.name_es if language.startswith("es") else self.name

    def about_in(self, language: str) -> str:
        return self.about_es if language.startswith("es") else self.about

    def node(self, locations: Sequence[int]) -> Node | None:
        """The definition for a house with these locations. None where it has none and one is needed."""
        if not self.near_us:
            return parse({"version": 1, "who": self.who})
        return LivesIn(near=tuple(Near(one, self.near_us) for one in locations)) if locations else None


@cache
def all_ready() -> tuple[Ready, ...]:
    """Every ready segment, by kind and then as the file has them."""
    found = msgspec.convert(yaml.safe_load(FILE.read_text()), list[Ready])
    return tuple(sorted(found, key=lambda one: KINDS.index(one.kind)))


def get(slug: str) -> Ready:
    """Raises KeyError."""
    return {one.slug: one for one in all_ready()}[slug]
