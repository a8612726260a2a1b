"""The words of the segment language: frozen nodes. A node means a set of people; groups combine sets.

Rules that every engine keeps:

- A criterion is true or not true of a person. What is unknown (no birth month, no ZIP) is not true; so `none` of an
  unknown is true. There is no third value.
- The universe is living, unmerged people. `All()` of nothing is everybody, `Any_()` of nothing is nobody, `None_()` of
  nothing is everybody.
- Windows are whole days of the clinic's zone, seen from the day of the question (`days`).
- Only the birth month is known. A person has turned N from the first day of the month after the birth month: nobody is
  ever taken for older than he or she is.
- Money is compared in whole cents, a value rounded half away from zero before it is summed.
- Value sets, counties, distances and other segments are names for something that stands elsewhere: `resolving` puts it in their
  place before an engine is asked.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rapport.segments.language.windows import Between, Calendar, Day, Held, Last, Next, Span, Window, Written

Text = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]
System = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Zip = Annotated[str, Meta(pattern=r"^[0-9]{3,5}$")]
State = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Years = Annotated[int, Meta(ge=0, le=130)]
Count = Annotated[int, Meta(ge=0, le=10_000)]
Id = Annotated[int, Meta(ge=1, le=2**62)]
Amount = Annotated[float, Meta(ge=-1e12, le=1e12)]
Dollars = Annotated[float, Meta(ge=-1e10, le=1e10)]
Share = Annotated[int, Meta(ge=0, le=9_999)]
Many = Meta(max_length=20_000)
Some = Meta(min_length=1, max_length=20_000)

SexCode = Literal["F", "M", "O", "U"]
ClinicalKind = Literal["condition", "procedure", "observation", "medication", "immunization", "claim"]
EventKind = Literal[
    "encounter", "condition", "procedure", "observation", "medication", "immunization", "appointment", "claim", "payment",
    "visit_cost", "consent", "message_sent", "message_opened", "message_clicked", "message_bounced", "message_received", "unsubscribed",
    "complaint", "booked", "form_submitted", "portal_login", "held_out", "journey_entered", "journey_finished", "survey_answered",
]  # fmt: skip
Channel = Literal["email", "sms", "print", "call", "portal", "push"]
Topic = Literal["care", "health_services", "newsletter", "survey", "billing", "fundraising"]
Status = Literal["pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"]
PayerClass = Literal["medicare", "medicaid", "commercial", "self_pay", "other"]
Wish = Literal["too_much", "just_right", "paused", "limited"]
Knowable = Literal["birth_month", "zip", "state", "location", "household"]

VERSION: Literal[1] = 1


class Age(Written, tag="age", tag_field="is"):
    """Full years on the day of the question, or on the day named by `on`. Both ends are included."""

    at_least: Years | None = None
    at_most: Years | None = None
    on: Day | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("Say an age: at least, at most, or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("The lower age must not be above the higher age")


class Anniversary(Written, tag="anniversary", tag_field="is"):
    """A yearly return that falls into the window: of the birth month, of the day we came to know them, of a visit.

    A birth month returns in every year: a window that touches the month finds it. Every other day returns from one year on,
    up to fifty; February 29 returns on February 28 where there is no other. A window with an open end finds all.
    """

    of: Literal["birth_month", "known_since", "first_visit", "last_visit"]
    within: Window


class KnownSince(Written, tag="known_since", tag_field="is"):
    """The day on which a person first came into our records."""

    within: Window


class IsKnown(Written, tag="is_known", tag_field="is"):
    """Whether something is on record at all, whatever it is."""

    what: Knowable


class Sex(Written, tag="sex", tag_field="is"):
    """Sex as recorded: F, M, O (other) or U (not known)."""

    one_of: Annotated[tuple[SexCode, ...], Meta(min_length=1, max_length=4)]


class Speaks(Written, tag="speaks", tag_field="is"):
    """The language a person wants to be addressed in (`es` also finds `es-MX`)."""

    one_of: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,4})?$")], ...], Meta(min_length=1, max_length=50)
    ]


class AtLocation(Written, tag="at_location", tag_field="is"):
    """The place a person is usually seen at."""

    one_of: Annotated[tuple[Id, ...], Some]


class County(Written):
    """A county of a state."""

    state: State
    name: Text


class Near(Written):
    """Within so many miles of one of our locations, as the crow flies, by the middle of the ZIP code."""

    location: Id
    miles: Annotated[float, Meta(ge=0, le=500)]


class LivesIn(Written, tag="lives_in", tag_field="is"):
    """In one of these ZIP codes (three or four digits: all that begin so), states or counties, or near one of these locations."""

    zips: Annotated[tuple[Zip, ...], Many] = ()
    states: Annotated[tuple[State, ...], Meta(max_length=60)] = ()
    counties: Annotated[tuple[County, ...], Meta(max_length=200)] = ()
    near: Annotated[tuple[Near, ...], Meta(max_length=50)] = ()

    def __post_init__(self) -> None:
        if not (self.zips or self.states or self.counties or self.near):
            raise ValueError("Name at least one ZIP code, state, county or distance")


class CodeIs(Written):
    """One code of a code system, or with `prefix` every code that begins with it (ICD-10 `M17`: all of M17.x)."""

    system: System
    code: Code
    prefix: bool = False


Codes = Annotated[tuple[CodeIs, ...], Meta(max_length=5_000)]
Sets = Annotated[tuple[Slug, ...], Meta(max_length=100)]


class HasCode(Written, tag="has_code", tag_field="is"):
    """A clinical fact with one of the codes or value sets, except `but_not`. `active`: on the list of current things now, whenever
    it began; `held` then says for how long."""

    codes: Codes = ()
    kind: ClinicalKind | None = None
    within: Window | None = None
    active: bool = False
    value_sets: Sets = ()
    but_not: Codes = ()
    held: Held | None = None

    def __post_init__(self) -> None:
        if not self.codes and not self.value_sets:
            raise ValueError("Name at least one code or value set")
        if self.held is not None and not self.active:
            raise ValueError("Only what is on the list of current things lasts; leave `held` out or ask for `active`")


class Step(Written):
    """A kind of thing on the timeline, and what else must be true of it. Lists left empty ask nothing; values are included ends."""

    kind: EventKind
    campaigns: Annotated[tuple[Id, ...], Many] = ()
    service_lines: Annotated[tuple[Id, ...], Many] = ()
    locations: Annotated[tuple[Id, ...], Many] = ()
    codes: Codes = ()
    value_sets: Sets = ()
    but_not: Codes = ()
    value_at_least: Amount | None = None
    value_at_most: Amount | None = None


class Happened(Written, tag="happened", tag_field="is"):
    """Anything on the timeline: opened a message, booked, paid. Counted like visits."""

    kind: EventKind
    at_least: Count | None = None
    at_most: Count | None = None
    campaigns: Annotated[tuple[Id, ...], Many] = ()
    service_lines: Annotated[tuple[Id, ...], Many] = ()
    within: Window | None = None
    locations: Annotated[tuple[Id, ...], Many] = ()
    codes: Codes = ()
    value_sets: Sets = ()
    but_not: Codes = ()
    value_at_least: Amount | None = None
    value_at_most: Amount | None = None

    def __post_init__(self) -> None:
        check_range(self.at_least, self.at_most)

    @property
    def step(self) -> Step:
        """The same without counts and window."""
        return Step(
            self.kind, self.campaigns, self.service_lines, self.locations, self.codes, self.value_sets, self.but_not,
            self.value_at_least, self.value_at_most,
        )  # fmt: skip


class Encountered(Written, tag="encountered", tag_field="is"):
    """Visits: how many, where, for what, when. `at_most=0` is "no visit"."""

    at_least: Count | None = None
    at_most: Count | None = None
    service_lines: Annotated[tuple[Id, ...], Many] = ()
    locations: Annotated[tuple[Id, ...], Many] = ()
    within: Window | None = None

    def __post_init__(self) -> None:
        check_range(self.at_least, self.at_most)

    @property
    def step(self) -> Step:
        """The same without counts and window."""
        return Step("encounter", service_lines=self.service_lines, locations=self.locations)


class Observed(Written, tag="observed", tag_field="is"):
    """A measured value: the latest, the earliest, any, or all of the window must fit. Without limits: that there is one.

    `at_least` and `at_most` include their ends, `above` and `below` don't. With `unit` only values in that unit count.
    """

    codes: Codes = ()
    which: Literal["latest", "earliest", "any", "all"] = "latest"
    at_least: Amount | None = None
    at_most: Amount | None = None
    above: Amount | None = None
    below: Amount | None = None
    unit: Annotated[str, Meta(min_length=1, max_length=30, pattern=r"^[^\x00-\x1f]+$")] | None = None
    value_sets: Sets = ()
    within: Window | None = None

    def __post_init__(self) -> None:
        if not self.codes and not self.value_sets:
            raise ValueError("Name at least one code or value set")


class Sequence(Written, tag="sequence", tag_field="is"):
    """One thing, then another after it, within so many times 24 hours. `without`: the first, and the other did not follow.

    With a number of days `without` waits until they are over: who still has time is not meant yet. `within` is the window of the
    first thing; the second must have come by the day of the question.
    """

    first: Step
    then: Step
    within_days: Span | None = None
    without: bool = False
    within: Window | None = None


class Money(Written, tag="money", tag_field="is"):
    """Dollars in a window: charged, paid, what the visits cost, or margin (paid less cost). Who has none stands at zero."""

    measure: Literal["charges", "payments", "cost", "margin"]
    at_least: Dollars | None = None
    at_most: Dollars | None = None
    service_lines: Annotated[tuple[Id, ...], Many] = ()
    within: Window | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("Say an amount: at least, at most, or both")
        check_range(self.at_least, self.at_most)


class HasAppointment(Written, tag="has_appointment", tag_field="is"):
    """Appointments as they stand now: still to come (from today on), past (before today) or both; counted like visits."""

    when: Literal["future", "past", "any"] = "future"
    at_least: Count | None = None
    at_most: Count | None = None
    statuses: Annotated[tuple[Status, ...], Meta(max_length=6)] = ()
    service_lines: Annotated[tuple[Id, ...], Many] = ()
    locations: Annotated[tuple[Id, ...], Many] = ()
    within: Window | None = None

    def __post_init__(self) -> None:
        check_range(self.at_least, self.at_most)


class Insured(Written, tag="insured", tag_field="is"):
    """A coverage in force on the day of the question, of one of these classes of payer; without any: of whatever class."""

    by: Annotated[tuple[PayerClass, ...], Meta(max_length=5)] = ()


class Consented(Written, tag="consented", tag_field="is"):
    """The newest statement of will about a channel and topic, as known now. An expired yes is no yes."""

    channel: Channel
    topic: Topic
    status: Literal["granted", "withdrawn"] = "granted"
    held: Held | None = None


class Wishes(Written, tag="wishes", tag_field="is"):
    """How somebody said to be spoken to: finds it too much or just right, has asked for a pause, has set a limit."""

    one_of: Annotated[tuple[Wish, ...], Meta(min_length=1, max_length=4)]


class TraitIs(Written, tag="trait_is", tag_field="is"):
    """A trait that another room wrote: present, one of these words, or a number in a range (ends included).

    `begins`: every trait whose name begins so (`gap.`: any care gap).
    """

    name: Text
    one_of: Annotated[tuple[Text, ...], Many] = ()
    at_least: float | None = None
    at_most: float | None = None
    begins: bool = False
    held: Held | None = None

    def __post_init__(self) -> None:
        if self.one_of and (self.at_least is not None or self.at_most is not None):
            raise ValueError("Ask for words or for a range of numbers, not for both")


class HouseholdSize(Written, tag="household_size", tag_field="is"):
    """How many living people we know in the household, the person included. Who has no household on record is not meant."""

    at_least: Count | None = None
    at_most: Count | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("Say a number: at least, at most, or both")
        check_range(self.at_least, self.at_most)


class InSegment(Written, tag="in_segment", tag_field="is"):
    """Is in one of these segments. A list is a list; any other segment means what it means on the day of the question.

    `held`: has been in without a break for so long, as the record of stays says.
    """

    one_of: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=100)]
    held: Held | None = None


class Bucket(Written, tag="bucket", tag_field="is"):
    """A random share that stays the same for a name: ten thousand equal buckets, from `first` through `last`."""

    name: Text
    first: Share = 0
    last: Share = 9_999

    def __post_init__(self) -> None:
        check_range(self.first, self.last)


class All(Written, tag="all", tag_field="is"):
    """People of whom every part is true."""

    of: "tuple[Node, ...]" = ()


class Any_(Written, tag="any", tag_field="is"):  # noqa: N801 - the plain word is taken
    """People of whom at least one part is true."""

    of: "tuple[Node, ...]" = ()


class None_(Written, tag="none", tag_field="is"):  # noqa: N801 - the plain word is taken
    """People of whom no part is true."""

    of: "tuple[Node, ...]" = ()


class LivesWith(Written, tag="lives_with", tag_field="is"):
    """People who share a household with another living person of whom every part is true."""

    of: "tuple[Node, ...]" = ()


class Capped(Written, tag="capped", tag_field="is"):
    """Of the people of whom every part is true, at most so many, chosen at random: always the same ones for a name.

    Only the whole definition can be capped: who is in depends on the others.
    """

    most: Annotated[int, Meta(ge=0, le=100_000_000)]
    name: Text
    of: "tuple[Node, ...]" = ()


Leaf = (
    Age | Anniversary | KnownSince | IsKnown | Sex | Speaks | AtLocation | LivesIn | HasCode | Happened | Encountered | Observed
    | Sequence | Money | HasAppointment | Insured | Consented | Wishes | TraitIs | HouseholdSize | InSegment | Bucket
)  # fmt: skip
Group = All | Any_ | None_ | LivesWith | Capped
Node = (
    All | Any_ | None_ | LivesWith | Capped
    | Age | Anniversary | KnownSince | IsKnown | Sex | Speaks | AtLocation | LivesIn | HasCode | Happened | Encountered | Observed
    | Sequence | Money | HasAppointment | Insured | Consented | Wishes | TraitIs | HouseholdSize | InSegment | Bucket
)  # fmt: skip
GROUPS = (All, Any_, None_, LivesWith, Capped)
LEAVES = (
    Age, Anniversary, KnownSince, IsKnown, Sex, Speaks, AtLocation, LivesIn, HasCode, Happened, Encountered, Observed, Sequence, Money,
    HasAppointment, Insured, Consented, Wishes, TraitIs, HouseholdSize, InSegment, Bucket,
)  # fmt: skip


class Definition(Written):
    """A whole question as it is stored and sent: the version of the language, and who."""

    version: Literal[1]
    who: Node


def check_range(low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        raise ValueError("The lower number must not be above the higher number")


__all__ = [
    "GROUPS", "LEAVES", "VERSION", "Age", "All", "Anniversary", "Any_", "AtLocation", "Between", "Bucket", "Calendar", "Capped", "CodeIs",
    "Consented", "County", "Day", "Definition", "Encountered", "Group", "Happened", "HasAppointment", "HasCode", "Held", "HouseholdSize",
    "InSegment", "Insured", "IsKnown", "KnownSince", "Last", "Leaf", "LivesIn", "LivesWith", "Money", "Near", "Next", "Node", "None_",
    "Observed", "Sequence", "Sex", "Speaks", "Step", "TraitIs", "Window", "Wishes", "Written", "date", "msgspec",
]  # fmt: skip
