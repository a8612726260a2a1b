"""What the parameters of each kind of rule mean. One struct a kind; a row that does not fit it stops the program at start.

Every struct begins with the marks of its row (`rule`, `version`, `jurisdiction`, `authority`), so that a verdict can name it.
"""

from datetime import datetime, time, timedelta

import msgspec

from rapport.consent.policy_facts import LifeFact


class Marked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """The marks of the row."""

    rule: str
    version: int
    jurisdiction: str
    authority: str


class Purpose(Marked, frozen=True, kw_only=True):
    """What one purpose (P1 to P13) demands.

    marketing: never | if_remunerated | always | exempt (marketing that needs no authorization). needs: channel -> no_objection |
    express | written, what the person must have said; promotional: the same where the words advertise (offer, price, praise).
    """

    purpose: str
    name: str
    why: str
    topics: tuple[str, ...]
    marketing: str
    commercial: bool
    needs: dict[str, str]
    promotional: dict[str, str] = {}
    channels: tuple[str, ...] = ()
    blocked: bool = False
    may_be_exempt: bool = False
    lapse_days: int | None = None

    def need(self, channel: str, promotional: bool) -> str:
        """What must have been said for this channel; a channel that is not named needs the most."""
        found = self.promotional.get(channel, "") if promotional else ""
        return found or self.needs.get(channel, "written")


class Gate(Marked, frozen=True, kw_only=True):
    """One of the fifteen gates: its place in the order, its title and what it asks."""

    gate: str
    place: int
    title: str
    asks: str


class Cap(Marked, frozen=True, kw_only=True):
    """At most `messages` messages in any `hours`. same_topic: only those on the same matter are counted together."""

    channels: tuple[str, ...]
    messages: int
    hours: int
    wait_at_most_hours: int
    same_topic: bool = False


class Window(Marked, frozen=True, kw_only=True):
    """Local hours in which a channel may be used on some days of the week (Monday is 0).

    covers: commercial (what sells or entertains) or all. Care that can't wait is let through by the gate, not here.
    """

    channels: tuple[str, ...]
    days: frozenset[int]
    opens: time
    closes: time
    covers: str = "commercial"


class DataUse(Marked, frozen=True, kw_only=True):
    """For one class of data: purpose -> what must stand beside it; a purpose that is absent is refused."""

    data_class: str
    words: str
    allowed: dict[str, str]


class StateHealth(Marked, frozen=True, kw_only=True):
    """A health privacy law of a state or of the EU, beside HIPAA.

    applies_to: residents of these states; empty with `gdpr` for people in the EU. purposes: which messages it speaks about.
    data_classes: only when one of these is used; empty for any patient data. remunerated: only when somebody pays for it.
    needs: the kinds of paper that must stand. shares_needs: more of them when data goes to another recipient.
    must_say: what the words must carry (payment, toll_free). free_channels: channels the law leaves free.
    """

    law: str
    words: str
    purposes: tuple[str, ...]
    applies_to: tuple[str, ...] = ()
    gdpr: bool = False
    data_classes: tuple[str, ...] = ()
    remunerated: bool = False
    needs: tuple[str, ...] = ()
    shares_needs: tuple[str, ...] = ()
    must_say: tuple[str, ...] = ()
    free_channels: tuple[str, ...] = ()


class Exemption(Marked, frozen=True, kw_only=True):
    """The health care exemption of the TCPA (tier T1): every condition must hold."""

    tier: str
    purposes: tuple[str, ...]
    channels: tuple[str, ...]
    most_characters: int
    a_day: int
    a_week: int
    free_to_end_user: bool


class Inducement(Marked, frozen=True, kw_only=True):
    """What may be given to a patient of a federal programme. Every payer not named counts as federal, and an unknown one does."""

    item_cents: int
    year_cents: int
    year_days: int
    cash_equivalents: bool
    not_federal: tuple[str, ...] = ()
    exceptions: dict[str, str] = {}


class LifeEventRule(Marked, frozen=True, kw_only=True):
    """After this event messages of these purposes (and of these programmes) stop, for `days` or, without, for good.

    discreet: what is said to staff does not name it.
    """

    event: str
    words: str
    stops: tuple[str, ...]
    programmes: tuple[str, ...] = ()
    days: int | None = None
    discreet: bool = False
    codes: dict[str, tuple[str, ...]] = {}
    kinds: tuple[str, ...] = ()

    def holds(self, fact: LifeFact, at: datetime) -> bool:
        """Whether the event is this rule's, has happened, stands, and is not older than the rule reaches back."""
        if fact.kind != self.event or fact.at > at or (fact.ended_at is not None and fact.ended_at <= at):
            return False
        return self.days is None or at < fact.at + timedelta(days=self.days)


class Health(Marked, frozen=True, kw_only=True):
    """Above this share of complaints commercial mail of a sender pauses by itself; the providers' own limit is higher."""

    pause_at: float
    provider_limit: float
    least_messages: int = 0


class Minors(Marked, frozen=True, kw_only=True):
    """Below this age a person has no marketing profile, and a parent or guardian is addressed."""

    age: int
    stops: tuple[str, ...]


class Confirmation(Marked, frozen=True, kw_only=True):
    """The one text that may answer a revocation or a call for help, and within how many minutes."""

    minutes: int
    most: int


KINDS: dict[str, type[Marked]] = {
    "purpose": Purpose,
    "gate": Gate,
    "frequency": Cap,
    "quiet_hours": Window,
    "data_use": DataUse,
    "state_health": StateHealth,
    "exemption": Exemption,
    "inducement": Inducement,
    "life_event": LifeEventRule,
    "deliverability": Health,
    "minors": Minors,
    "confirmation": Confirmation,
}
