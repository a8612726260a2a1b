"""How a person wants to be spoken to: said again and again, never edited; the newest row counts, whole.

A wish names only what the person spoke about. What was not spoken about stays as it stood: the verb completes the row from the
newest one, so that a reader needs one row a person and never has to look back.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType

from rapport.consent.models import Preference
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.actors import Actor

LANGUAGES = ("en", "es")
WEEKLY, MONTHLY = 4, 1  # messages in 30 days
PAUSE_AT_MOST = 366  # days
FIELDS = ("language", "at_most", "pause_until", "quiet_from", "quiet_until", "feeling")


class NotAWish(ValueError):
    """What was asked for makes no sense: a language we do not write, hours without an end, a pause in the past."""


class PreferenceNow(msgspec.Struct, frozen=True, kw_only=True):
    """How a person wants to be spoken to now. Never said is empty or None.

    `at_most` counts messages in 30 days; nothing is sent before `pause_until`; the quiet hours are local and may span midnight.
    """

    language: str = ""
    at_most: int | None = None
    pause_until: date | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    feeling: str = ""
    said_at: datetime | None = None
    id: int | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says now; a field left out stays as it was, None or empty takes it back."""

    language: str | UnsetType = UNSET
    at_most: int | UnsetType | None = UNSET
    pause_until: date | UnsetType | None = UNSET
    quiet_from: time | UnsetType | None = UNSET
    quiet_until: time | UnsetType | None = UNSET
    feeling: str | UnsetType = UNSET


NOTHING_SAID = PreferenceNow()


def newest(person_ids: Iterable[int]) -> dict[int, PreferenceNow]:
    """What holds now, set-based: person -> the newest row. Whoever never said anything is absent."""
    rows = (
        Preference.objects.filter(person_id__in=list(person_ids))
        .order_by("person_id", "-at", "-id")
        .distinct("person_id")
        .values_list("person_id", "at", "id", *FIELDS)
    )
    return {
        person_id: PreferenceNow(said_at=at, id=pk, **dict(zip(FIELDS, said, strict=True)))
        for person_id, at, pk, *said in rows
    }


def of(person_id: int) -> PreferenceNow:
    """What one person wants now; everything open when nothing was ever said."""
    return newest([person_id]).get(person_id, NOTHING_SAID)


@transaction.atomic
def say(*, by: Actor, person_id: int, wish: Wish, via: str, now: datetime) -> Preference | None:
    """Write down what the person wants from now on. A wish that changes nothing writes nothing and returns None."""
    _wait_for_others(person_id)
    before = of(person_id)
    told = {name: said for name in FIELDS if (said := getattr(wish, name)) is not UNSET}
    after = {name: told.get(name, getattr(before, name)) for name in FIELDS}
    changed = [name for name in FIELDS if after[name] != getattr(before, name)]
    if not changed:
        return None
    _check(after, changed, now)
    row = Preference.objects.create(person_id=person_id, via=via, at=now, **after)
    audit.record(
        by=by,
        verb="preference.say",
        now=now,
        person=person_id,
        thing=f"preference:{row.pk}",
        details={"changed": changed, "via": via},
    )
    return row


def back_to(before: Preference | PreferenceNow | None) -> Wish:
    """The wish that brings back everything as it stood; to nothing said, if nothing was."""
    return Wish(**{name: getattr(before or NOTHING_SAID, name) for name in FIELDS})


def _check(after: dict, changed: list[str], now: datetime) -> None:
    if after["language"] and after["language"] not in LANGUAGES:
        raise NotAWish(_("We write in English and in Spanish."))
    if (after["quiet_from"] is None) != (after["quiet_until"] is None):
        raise NotAWish(_("Quiet hours need a beginning and an end."))
    if after["quiet_from"] is not None and after["quiet_from"] == after["quiet_until"]:
        raise NotAWish(_("Quiet hours can't end when they begin."))
    if after["at_most"] is not None and after["at_most"] < 1:
        raise NotAWish(_("Less than one message a month is a no, and belongs in the ledger."))
    if after["feeling"] not in Preference.Feeling.values:
        raise NotAWish(_("That is none of the feelings we ask about."))
    pause = after["pause_until"]
    if "pause_until" in changed and pause is not None and not 0 <= (pause - now.date()).days <= PAUSE_AT_MOST:
        raise NotAWish(_("A pause ends between today and a year from now."))


def _wait_for_others(person_id: int) -> None:
    """Two who speak for one person at the same time would complete each other's rows from the same old one."""
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person_id)
