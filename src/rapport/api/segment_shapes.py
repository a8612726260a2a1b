"""What goes in and out of the API about segments."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from rapport.api.shapes import Page, Strict

Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=120)]
Note = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=300)]
Purpose = Annotated[str, StringConstraints(pattern=r"^P[0-9]{1,2}$")]
Definition = Annotated[
    dict[str, Any],
    Field(description="The definition, in the JSON Schema that /segment-definitions/schema gives."),
]


class Asked(Strict):
    """A definition that is not saved, and what it would be for."""

    definition: Definition
    purpose: Purpose = "P2"


class NewSegment(Asked):
    """A segment to make."""

    name: Name
    note: Note = ""


class ChangedSegment(NewSegment):
    """The next version of a segment, as a whole."""

    seen_version: int = Field(
        ge=1,
        le=2**31 - 1,
        description="The version you read before you changed it. If another was saved meanwhile: 409.",
    )


class Size(Schema):
    """How many people. `people` is null when it is not known, or hidden because it is small."""

    people: int | None
    hidden: bool = Field(description="True when fewer than 11 were found and the key may not read people.")


class Sentences(Schema):
    en: str
    es: str


class SegmentLine(Size):
    """One segment in the list, with its newest size."""

    id: int = Field(description="What a definition names it by (in_segment).")
    slug: str
    name: str
    kind: Literal["live", "list"] = Field(description="live: kept up to date; list: its people were chosen once.")
    purpose: str
    version: int
    note: str
    sentence: Sentences
    changed_at: datetime
    counted_at: datetime | None


class Segments(Page):
    items: list[SegmentLine]


class VersionOut(Schema):
    """What the segment meant at one time."""

    version: int
    name: str
    purpose: str
    definition: dict[str, Any]
    saved_by: str | None
    saved_at: datetime


class SizeOut(Size):
    """The size of one version at one time."""

    version: int
    counted_at: datetime


class SegmentOut(SegmentLine):
    """A segment as a whole. Versions and sizes are the newest fifty, the oldest first."""

    definition: dict[str, Any]
    created_at: datetime
    versions: list[VersionOut]
    sizes: list[SizeOut]


class Sizes(Page):
    items: list[SizeOut]


class NodeSize(Size):
    """One part of the definition alone. `path`: the index of each step from the root; the root itself is []."""

    path: list[int]


class Counted(Size):
    """The size of the whole, and of each part alone."""

    sentence: Sentences
    data_until: datetime | None = Field(description="Up to which instant everything is in the numbers.")
    parts: list[NodeSize]


class RefusalOut(Schema):
    """A class of data that the purpose does not permit, or only on a condition that is asked of each person at sending."""

    data_class: str
    sentence: str
    rule: str


class FlawOut(Schema):
    """Where a definition is not in the language."""

    place: str
    problem: str
    remedy: str


class Validated(Schema):
    """Whether the definition is in the language and the purpose may use what it asks for."""

    valid: bool
    permitted: bool
    flaw: FlawOut | None = None
    refusals: list[RefusalOut] = []
    conditions: list[RefusalOut] = []
    data_classes: list[str] = []
    sentence: Sentences | None = None


class Members(Schema):
    """A page of people. Ask again with `after` = `next_after` until it is null."""

    segment: str
    version: int
    total: int = Field(description="All of them within the sight of the key.")
    items: list[int]
    next_after: int | None
