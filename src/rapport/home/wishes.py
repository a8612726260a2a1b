"""How a person wants to be reached, as told to the front desk: language, a break, only by one way, or not at all.

“Only by this way” is the confidential communication of 45 CFR 164.522(b); it and “do not contact” are statements of the ledger.
A break and the language are preferences.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.consent import choices, ledger, preferences
from rapport.consent.ledger import NewRecord
from rapport.consent.models import ConsentRecord
from rapport.consent.preferences import PreferenceNow, Wish
from rapport.home.capture import VIA, WAYS
from rapport.people import queries as people
from rapport.trust.models import User

TEXT_VERSION = "desk-wishes-1"
ONLY_BY: dict[str, str | Promise] = {
    "email": _("Only by e-mail"),
    "sms": _("Only by text"),
    "call": _("Only by phone call"),
    "print": _("Only by letter"),
}
CHANNEL_OF = {"email": "email", "phone": "call"}
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


def standing(person_id: int) -> Standing:
    only, stop = _newest(person_id, "confidential"), _newest(person_id, "do_not_contact")
    way = ""
    if only is not None:
        way = f"point:{only.contact_point_id}" if only.contact_point_id else only.channel
    return Standing(preferences.of(person_id), way, stop is not None)


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
    before = standing(person_id)
    via = f"{VIA}{told.way}"
    wish = Wish(language=told.language, pause_until=_pause(told, before.preference.pause_until, now.date()))
    changed = preferences.say(by=by, person_id=person_id, wish=wish, via=via, now=now) is not None
    if told.only != before.only:
        _only(by=by, person_id=person_id, told=told, had_one=bool(before.only), now=now)
        changed = True
    if told.no_contact != before.no_contact:
        status = "granted" if told.no_contact else "withdrawn"
        _state(by=by, person_id=person_id, told=told, kind="do_not_contact", status=status, now=now)
        changed = True
    return changed


def _only(*, by: User, person_id: int, told: Told, had_one: bool, now: datetime) -> None:
    """One way takes the place of another: what was agreed before ends first."""
    if had_one:
        _state(by=by, person_id=person_id, told=told, kind="confidential", status="withdrawn", now=now)
    if not told.only:
        return
    point = int(told.only.removeprefix("point:")) if told.only.startswith("point:") else None
    channel = told.only
    if point is not None:
        kinds = {one.id: one.kind for one in people.contact_points(person_ids=[person_id])}
        channel = "all" if kinds[point] == "phone" else CHANNEL_OF[kinds[point]]
    _state(
        by=by,
        person_id=person_id,
        told=told,
        kind="confidential",
        status="granted",
        now=now,
        channel=channel,
        point=point,
    )


def _state(
    *,
    by: User,
    person_id: int,
    told: Told,
    kind: str,
    status: str,
    now: datetime,
    channel: str = "all",
    point: int | None = None,
) -> None:
    record = NewRecord(
        person_id=person_id,
        kind=kind,
        channel=channel,
        topic="all",
        status=status,
        at=now,
        via=f"{VIA}{told.way}",
        text_version=TEXT_VERSION,
        source_key=uuid.uuid4(),
        contact_point_id=point,
        evidence={"way": told.way, "by": by.pk, "form": "desk"},
    )
    ledger.state(by=by, record=record, now=now)


def _newest(person_id: int, kind: str) -> ConsentRecord | None:
    """The newest statement of a kind, if it still holds."""
    ids = choices.records_of(person_id)
    newest = ConsentRecord.objects.filter(person_id__in=ids, kind=kind).order_by("-at", "-id").first()
    return newest if newest is not None and newest.status == "granted" else None


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
