"""What comes out of the API about campaigns: plans, runs, comparisons, and what was not sent. Numbers and reasons; nobody by name or id."""

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from rapport.api.shapes import HeldBack, Page


class CampaignLine(Schema):
    """One campaign: what it is, where it stands, when it goes out."""

    slug: str
    name: str
    state: Literal["draft", "scheduled", "launched", "paused", "stopped"]
    kind: Literal["once", "repeats", "dated", "newsletter"]
    rule: str = Field(description="How it repeats (RRULE), read in the zone of the clinic; empty when it does not.")
    occasion: str = Field(description="For dated ones: the day of each person's own.")
    channel: str
    others: list[str] = Field(description="The ways that a message takes next, in order, when it can't go this one.")
    purpose: str
    topic: str
    segment: str | None = Field(description="The short name of the segment.")
    service_line: str | None
    objective: str | None = Field(description="The short name of the objective it serves.")
    holdout_percent: float
    test_percent: float = Field(description="Of the people contacted: who gets the variants before one has won.")
    variants: int
    send_at: datetime | None
    next_at: datetime | None = Field(description="When something that repeats is due again.")
    created_at: datetime
    launched_at: datetime | None
    stopped_at: datetime | None


class Campaigns(Page):
    items: list[CampaignLine]


class WaveOut(Schema):
    """Those who were invited at one moment."""

    at: datetime
    people: int


class RunOut(Schema):
    """One time that a campaign went out, with its own frozen people.

    meant = permitted + those held back; permitted = held_out + contacted; contacted = invited + waiting.
    """

    run: str = Field(description="Its name within the campaign: 1, or the day.")
    state: Literal["running", "skipped"]
    due_at: datetime
    began_at: datetime
    meant: int
    permitted: int
    held_out: int
    invited: int
    waiting: int
    waits_for: str = Field(description="winner, capacity, budget; empty when nobody waits.")
    look_at: datetime | None = Field(description="When it is looked at again.")
    reason: str = Field(description="Why it was left out.")
    content_version: int | None
    winner: str | None = Field(description="The label of the variant that the rest gets.")
    decided_at: datetime | None
    waves: list[WaveOut] = Field(description="In the order of time; the newest hundred.")


class Runs(Page):
    campaign: str
    items: list[RunOut]


class Difference(Schema):
    """Of shares, with an interval that holds however often one looks (a confidence sequence, 95 %)."""

    value: float
    low: float
    high: float
    p: float


class VariantOut(Schema):
    """One way to say it: what it says, and how many answered of those invited in the test."""

    label: str
    percent: float = Field(description="Its planned share of the test.")
    content_version: int | None
    subject: str
    sender_name: str
    channel: str
    later_minutes: int
    people: int
    clicked: int
    booked: int
    came: int
    rate: float = Field(description="The share that gave the answer that decides.")
    against_first: Difference | None = Field(description="Null for the first, and while nothing can be said.")
    chance_of_best: float
    is_winner: bool


class Comparison(Schema):
    """The variants of one run beside each other, as of now. Opens are not counted: mail programs open by themselves."""

    campaign: str
    run: str
    at: datetime
    decide_by: Literal["clicked", "booked", "came"]
    decides_at: datetime = Field(description="When the leader wins even if the difference is not clear.")
    because: str = Field(
        description="split, few, clear, time, open, by_hand: where the decision stands, or why it was so."
    )
    winner: str | None
    decided_at: datetime | None
    sample_ratio_p: float | None = Field(description="Chance of shares so far from the plan; below 0.001 is an alarm.")
    is_split_alarm: bool = Field(description="The shares did not come out as planned: nothing is to be concluded.")
    smallest_difference: float | None = Field(description="What shows in four of five tests of this size.")
    items: list[VariantOut]


class UnsentLine(Schema):
    """So many people of the contact group for one reason."""

    state: str = Field(description="Of the message; empty where none was declared yet.")
    reason: str
    people: int
    waits: bool = Field(description="They may still be written to.")


class Unsent(Schema):
    """Who was not written to and why: by the lot, at the launch, and of those who were to be written to."""

    campaign: str
    at: datetime
    held_out: int
    not_permitted: list[HeldBack]
    items: list[UnsentLine]


class Reach(Schema):
    """What one way reaches of the segment: now, a little later, or not and why."""

    channel: str
    people: int
    now: int
    later: int
    held: int
    held_back: list[HeldBack]


class Forecast(Schema):
    campaign: str
    channel: str
    at: datetime
    items: list[Reach]
