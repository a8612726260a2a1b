"""What stops or steers messages, kind by kind: how it reads, what is typed, how it is written down, and how it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.consent import choices, restrictions
from rapport.consent.models import ConsentRecord
from rapport.home.capture import VIA
from rapport.home.forms import HoldForm, NoContactForm, OnlyByForm, Plain, RestrictionForm
from rapport.home.wishes import only_by
from rapport.trust.models import User

Kind = ConsentRecord.Kind


@dataclass(frozen=True)
class Stop:
    """One kind of statement that stops or steers messages: how it reads, what is typed, how it is written down."""

    label: str | Promise
    icon: str
    effect: str | Promise
    form: type[Plain]
    write: Callable[[User, int, dict[str, Any], datetime], Any]


def _no_contact(by: User, person_id: int, said: dict[str, Any], now: datetime) -> None:
    restrictions.leave_alone(by=by, person_id=person_id, via=f"{VIA}{said['way']}", words=said["words"], now=now)


def _restriction(by: User, person_id: int, said: dict[str, Any], now: datetime) -> None:
    restrictions.restrict(
        by=by, person_id=person_id, via=f"{VIA}{said['way']}", words=said["words"], topic=said["topic"],
        recipient=said["recipient"], now=now,
    )  # fmt: skip


def _confidential(by: User, person_id: int, said: dict[str, Any], now: datetime) -> None:
    only_by(by=by, person_id=person_id, only=said["only"], via=f"{VIA}{said['way']}", now=now)


def _hold(by: User, person_id: int, said: dict[str, Any], now: datetime) -> None:
    restrictions.hold(by=by, person_id=person_id, words=said["words"], via=said["way"], now=now)


STOPS = {
    Kind.DO_NOT_CONTACT.value: Stop(
        _("Do not contact"),
        "ban",
        _("Nothing goes out any more, not even about care, also of what is waiting. Say so before you write it down."),
        NoContactForm,
        _no_contact,
    ),
    Kind.CONFIDENTIAL.value: Stop(
        _("Only by one way"),
        "mail-check",
        _("Everything goes this way alone. It takes the place of an earlier wish of this kind."),
        OnlyByForm,
        _confidential,
    ),
    Kind.RESTRICTION.value: Stop(
        _("A restriction"),
        "hand",
        _("What it is about stops at once, also what is waiting. Write it down only when we have agreed to it."),
        RestrictionForm,
        _restriction,
    ),
}
HOLD = Stop(
    _("Legal hold"),
    "gavel",
    _("Nothing goes out, and nothing of this person can be erased, until the hold is lifted."),
    HoldForm,
    _hold,
)
NAMES = {
    Kind.LEGAL_HOLD.value: _("Legal hold"),
    Kind.DO_NOT_CONTACT.value: _("Not to be contacted"),
    Kind.CONFIDENTIAL.value: _("Only by one way"),
    Kind.RESTRICTION.value: _("Agreed restriction"),
    Kind.OBJECTION.value: _("Objects to marketing"),
}


def standing(person_id: int, now: datetime) -> list[ConsentRecord]:
    """What holds now for this human being, whichever of her records it was said under."""
    return restrictions.standing(choices.records_of(person_id), now=now)


def find(person_id: int, record_id: int, now: datetime) -> ConsentRecord | None:
    """One of them, if it stands."""
    return next((one for one in standing(person_id, now) if one.pk == record_id), None)
