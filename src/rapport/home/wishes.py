"""How a person wants to be reached, as told to the front desk: language, a break, only by one way, or not at all.

“Only by this way” is the confidential communication of 45 CFR 164.522(b); it and “do not contact” are statements of the ledger.
A break and the language are preferences.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.consent import choices, preferences, restrictions
from rapport.consent.models import ConsentRecord
from rapport.consent.preferences import PreferenceNow, Wish
from rapport.home.capture import VIA, WAYS
from rapport.people import queries as people
from rapport.trust.models import User

ONLY_BY: dict[str, str | Promise] = {
    "email": _("Only by e-mail"),
    "sms": _("Only by text"),
    "call": _("Only by phone call"),
    "print": _("Only by letter"),
}
CHANNEL_OF = {"email": "email", "phone": ""}  # a number may be called and texted
BREAKS = {"month": timedelta(days=30), "months": timedelta(days=91)}


class NotAWay(ValueError):
    """The form named a way, an address or a day that is not offered."""


@dataclass(frozen=True)
class Told:
    """What the form says. `only`: a channel, `point:<number>` for one address, or nothing; `pause`: keep, no, month, months, date."""

    language: str
    pause: str
    only: str
    no_contact: bool
    way: str
    pause_day: str = ""


@dataclass(frozen=True)
class Standing:
    """What holds now."""

    preference: PreferenceNow
    only: str
    no_contact: bool


def standing(person_id: int, now: datetime) -> Standing:
    only, no_contact = "", False
    for one in restrictions.standing(choices.records_of(person_id), now=now):
        if one.kind == ConsentRecord.Kind.CONFIDENTIAL:
            only = f"point:{one.contact_point_id}" if one.contact_point_id else one.channel
        no_contact = no_contact or one.kind == ConsentRecord.Kind.DO_NOT_CONTACT
    return Standing(preferences.of(person_id), only, no_contact)


def ways(person_id: int) -> list[tuple[str, Any]]:
    """What “only by” may be: every channel, and each address on file, opened. The caller has the right to see them."""
    points = people.contact_points(person_ids=[person_id])
    found: list[tuple[str, Any]] = [("", _("Any way is fine")), *ONLY_BY.items()]
    return found + [(f"point:{one.id}", _("Only at %(address)s") % {"address": one.value}) for one in points]


@transaction.atomic
def say(*, by: User, person_id: int, told: Told, now: datetime) -> bool:
    """Write what changed; whether anything did. Raises NotAWay and preferences.NotAWish."""
    if told.way not in dict(WAYS) or told.only not in dict(ways(person_id)):
        raise NotAWay
    before = standing(person_id, now)
    via = f"{VIA}{told.way}"
    wish = Wish(language=told.language, pause_until=_pause(told, before.preference.pause_until, now.date()))
    changed = preferences.say(by=by, person_id=person_id, wish=wish, via=via, now=now) is not None
    same: dict[str, Any] = {"by": by, "person_id": person_id, "via": via, "now": now}
    if told.only != before.only:
        only_by(only=told.only, **same)
        changed = True
    if told.no_contact != before.no_contact:
        (restrictions.leave_alone if told.no_contact else restrictions.allow_again)(**same)
        changed = True
    return changed


def only_by(*, only: str, **same: Any) -> None:
    """One way takes the place of another. `only` as in `ways`; the rest goes on to `restrictions`."""
    if not only:
        restrictions.any_way(**same)
    elif only.startswith("point:"):
        point = int(only.removeprefix("point:"))
        kinds = {one.id: one.kind for one in people.contact_points(person_ids=[same["person_id"]])}
        restrictions.only_by(**same, channel=CHANNEL_OF[kinds[point]], contact_point_id=point)
    else:
        restrictions.only_by(**same, channel=only)


def _pause(told: Told, stands: date | None, today: date) -> date | None:
    if told.pause == "keep":
        return stands
    if told.pause in BREAKS:
        return today + BREAKS[told.pause]
    if told.pause == "date":
        try:
            return date.fromisoformat(told.pause_day)
        except ValueError:
            raise NotAWay from None
    return None
