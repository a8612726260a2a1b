"""The words of the segment language: frozen nodes. A node means a set of people; groups combine sets.

Rules that every engine keeps:

- A criterion is true or not true of a person. What is unknown (no birth month, no ZIP) is not true; so `none` of an
  unknown is true. There is no third value.
- The universe is living, unmerged people. `All()` of nothing is everybody, `Any_()` of nothing is nobody, `None_()` of
  nothing is everybody.
- Windows are whole days of the clinic's zone, seen from the day of the question (`days`).
- Only the birth month is known. A person has turned N from the first day of the month after the birth month: nobody is
  ever taken for older than he or she is.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]
System = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
Zip = Annotated[str, Meta(pattern=r"^[0-9]{3,5}$")]
State = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Years = Annotated[int, Meta(ge=0, le=130)]
Count = Annotated[int, Meta(ge=0, le=10_000)]
Span = Annotated[int, Meta(ge=0, le=10_000)]
Id = Annotated[int, Meta(ge=1, le=2**62)]
Many = Meta(max_length=20_000)

Unit = Literal["day", "month", "year"]
SexCode = Literal["F", "M", "O", "U"]
ClinicalKind = Literal["condition", "procedure", "observation", "medication", "immunization", "claim"]
EventKind = Literal[
    "encounter", "condition", "procedure", "observation", "medication", "immunization", "appointment", "claim", "payment",
    "visit_cost", "consent", "message_sent", "message_opened", "message_clicked", "message_bounced", "unsubscribed", "booked",
    "form_submitted", "portal_login",
]  # fmt: skip
Channel = Literal["email", "sms", "print", "call", "portal", "push"]
Topic = Literal["care", "health_services", "newsletter", "survey", "billing", "fundraising"]

VERSION: Literal[1] = 1


class Written(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How every part of the language is written down: frozen, tagged, nothing unknown."""


class Last(Written, tag="last", tag_field="window"):
    """From the day that many units before today, through today."""

    count: Span
    unit: Unit = "day"


class Next(Written, tag="next", tag_field="window"):
    """From today through the day that many units after it. For what is planned: appointments."""

    count: Span
    unit: Unit = "day"


class Between(Written, tag="between", tag_field="window"):
    """From the one day through the other, both included; an end left out is open (until: today)."""

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError("The first day must not be after the last day")


Window = Last | Next | Between


class Age(Written, tag="age", tag_field="is"):
    """Full years on the day of the question, or on the day named by `on`. Both ends are included."""

    at_least: Years | None = None
    at_most: Years | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("Say an age: at least, at most, or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("The lower age must not be above the higher age")


class Sex(Written, tag="sex", tag_field="is"):
    """Sex as recorded: F, M, O (other) or U (not known)."""

    one_of: Annotated[tuple[SexCode, ...], Meta(min_length=1, max_length=4)]


class Speaks(Written, tag="speaks", tag_field="is"):
    """The language a person wants to be addressed in (`es` also finds `es-MX`)."""

    one_of: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,4})?$")], ...], Meta(min_length=1, max_length=50)
    ]


class CodeIs(Written):
    """One code of a code system, or with `prefix` every code that begins with it (ICD-10 `M17`: all of M17.x)."""

    system: System
    code: Code
    prefix: bool = False


class HasCode(Written, tag="has_code", tag_field="is"):
    """A clinical fact with one of the codes. `active`: on the list of current things now, whenever it began."""

    codes: Annotated[tuple[CodeIs, ...], Meta(min_length=1, max_length=2_000)]
    kind: ClinicalKind | None = None
    within: Window | None = None
    active: bool = False


class Encountered(Written, tag="encountered", tag_field="is"):
    """Visits: how many, where, for what, when. `at_most=0` is "no visit"."""

    at_least: Count | None = None
    at_most: Count | None = None
    service_lines: Annotated[tuple[Id, ...], Many] = ()
    locations: Annotated[tuple[Id, ...], Many] = ()
    within: Window | None = None

    def __post_init__(self) -> None:
        check_counts(self.at_least, self.at_most)


class Happened(Written, tag="happened", tag_field="is"):
    """Anything on the timeline: opened a message, booked, paid. Counted like visits."""

    kind: EventKind
    at_least: Count | None = None
    at_most: Count | None = None
    campaigns: Annotated[tuple[Id, ...], Many] = ()
    service_lines: Annotated[tuple[Id, ...], Many] = ()
    within: Window | None = None

    def __post_init__(self) -> None:
        check_counts(self.at_least, self.at_most)


class Consented(Written, tag="consented", tag_field="is"):
    """The newest statement of will about a channel and topic, as known now. An expired yes is no yes."""

    channel: Channel
    topic: Topic
    status: Literal["granted", "withdrawn"] = "granted"


class AtLocation(Written, tag="at_location", tag_field="is"):
    """The place a person is usually seen at."""

    one_of: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=20_000)]


class LivesIn(Written, tag="lives_in", tag_field="is"):
    """In one of these ZIP codes (three or four digits: all that begin so) or in one of these states."""

    zips: Annotated[tuple[Zip, ...], Many] = ()
    states: Annotated[tuple[State, ...], Meta(max_length=60)] = ()

    def __post_init__(self) -> None:
        if not self.zips and not self.states:
            raise ValueError("Name at least one ZIP code or state")


class TraitIs(Written, tag="trait_is", tag_field="is"):
    """A trait that another room wrote: present, one of these words, or a number in a range (ends included)."""

    name: Text
    one_of: Annotated[tuple[Text, ...], Many] = ()
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.one_of and (self.at_least is not None or self.at_most is not None):
            raise ValueError("Ask for words or for a range of numbers, not for both")


class All(Written, tag="all", tag_field="is"):
    """People of whom every part is true."""

    of: "tuple[Node, ...]" = ()


class Any_(Written, tag="any", tag_field="is"):  # noqa: N801 - the plain word is taken
    """People of whom at least one part is true."""

    of: "tuple[Node, ...]" = ()


class None_(Written, tag="none", tag_field="is"):  # noqa: N801 - the plain word is taken
    """People of whom no part is true."""

    of: "tuple[Node, ...]" = ()


Leaf = Age | Sex | Speaks | HasCode | Encountered | Happened | Consented | AtLocation | LivesIn | TraitIs
Group = All | Any_ | None_
Node = (
    All
    | Any_
    | None_
    | Age
    | Sex
    | Speaks
    | HasCode
    | Encountered
    | Happened
    | Consented
    | AtLocation
    | LivesIn
    | TraitIs
)
GROUPS = (All, Any_, None_)
LEAVES = (Age, Sex, Speaks, HasCode, Encountered, Happened, Consented, AtLocation, LivesIn, TraitIs)


class Definition(Written):
    """A whole question as it is stored and sent: the version of the language, and who."""

    version: Literal[1]
    who: Node


def check_counts(at_least: int | None, at_most: int | None) -> None:
    if at_least is not None and at_most is not None and at_least > at_most:
        raise ValueError("The lower number must not be above the higher number")
