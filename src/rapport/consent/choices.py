"""What a person can say yes or no to: one choice a channel and topic that makes sense, and what stands for each of them now.

- Marketing by telephone is a yes in writing (47 CFR 64.1200(f)(9)): only a statement of that tier makes it a yes.
- E-mail and letters about care, bills and surveys are sent until the person says no; everything else needs a yes.
- A no counts in whatever tier it was said. An address on the suppression list is a no.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from rapport.consent import queries
from rapport.consent.models import ConsentRecord
from rapport.people.models import Person

CONTACT_KIND = {"email": "email", "sms": "phone", "call": "phone"}
UNTIL_A_NO = frozenset({"care", "billing", "survey"})
MARKETING = ("health_services", "newsletter", "survey", "fundraising")


class Choice(msgspec.Struct, frozen=True, order=True):
    """One switch. `tier` is what a yes must be: express, or written with a signature."""

    topic: str
    channel: str
    tier: str = "express"

    @property
    def key(self) -> str:
        return f"{self.channel}.{self.topic}"

    @property
    def is_open(self) -> bool:
        """Whether it is a yes as long as nothing was ever said."""
        return self.channel in {"email", "print"} and self.topic in UNTIL_A_NO


CHOICES = (
    Choice("care", "email"),
    Choice("care", "sms"),
    Choice("care", "call"),
    Choice("billing", "email"),
    Choice("health_services", "email"),
    Choice("health_services", "sms", "written"),
    Choice("health_services", "call", "written"),
    Choice("health_services", "print"),
    Choice("newsletter", "email"),
    Choice("newsletter", "print"),
    Choice("survey", "email"),
    Choice("survey", "sms"),
    Choice("fundraising", "email"),
    Choice("fundraising", "print"),
)
BY_KEY = {one.key: one for one in CHOICES}


class Stand(msgspec.Struct, frozen=True):
    """What holds for one choice, and the statement that says so; none when nothing was ever said."""

    is_on: bool
    record: ConsentRecord | None = None

    def is_yes(self, choice: Choice) -> bool:
        """What was said, whatever the list of addresses says."""
        return choice.is_open if self.record is None else self.record.status == "granted"


def records_of(person_id: int) -> list[int]:
    """Every record of that human being: her own and those that were merged into it."""
    found, newest = [person_id], [person_id]
    while newest:
        newest = list(
            Person.objects.filter(merged_into_id__in=newest).exclude(pk__in=found).values_list("pk", flat=True)
        )
        found += newest
    return found


def standing(person_id: int, now: datetime, *, without: Iterable[int] = ()) -> dict[Choice, Stand]:
    """What holds now for each choice; or what held if the statements `without` had not been made."""
    ids = records_of(person_id)
    made = ConsentRecord.objects.filter(person_id__in=ids, kind="consent").exclude(pk__in=list(without))
    said = list(made.order_by("-at", "-id"))
    listed = {
        kind: {fact.topic for many in queries.suppressed(person_ids=ids, kind=kind).values() for _, fact in many}
        for kind in ("email", "phone")
    }
    return {one: _stand(one, said, listed.get(CONTACT_KIND.get(one.channel, ""), set()), now) for one in CHOICES}


def _stand(choice: Choice, said: Iterable[ConsentRecord], listed: set[str], now: datetime) -> Stand:
    newest = next((one for one in said if _speaks(one, choice, now)), None)
    if newest is None:
        return Stand(choice.is_open and not _listed(choice, listed))
    if newest.status != "granted":
        return Stand(is_on=False, record=newest)
    return Stand(not _listed(choice, listed), newest)


def _listed(choice: Choice, listed: set[str]) -> bool:
    return bool(listed & {"all", choice.topic})


def _speaks(one: ConsentRecord, choice: Choice, now: datetime) -> bool:
    if one.channel not in {"all", choice.channel} or one.topic not in {"all", choice.topic}:
        return False
    if one.status != "granted":
        return True
    if one.expires_at is not None and one.expires_at <= now:
        return False
    return choice.tier == "express" or one.tier == choice.tier
