"""The front desk records what a person said: yes or no, by which way, to what, how it was said, word for word which text.

- Every statement keeps who asked, in which language and how it was answered. Nothing is overwritten.
- Marketing by text or call is a yes in writing (47 CFR 64.1200(f)(9)): only a signed form, about one number that is on file.
- Whoever wrote a statement can take it back within a minute; after that the opposite is said.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.consent import choices, following, ledger, texts
from rapport.consent.choices import Choice, Stand
from rapport.consent.ledger import NewRecord
from rapport.consent.models import ConsentRecord
from rapport.experience import centre
from rapport.home import desk
from rapport.people.queries import Address
from rapport.trust.models import User

FORM = "desk"
VIA = "front_desk_"
WAYS = (
    ("in_person", _("Said it at the desk")),
    ("phone", _("Said it on the phone")),
    ("paper", _("Signed a form")),
)
TOPICS: dict[str, str | Promise] = {
    "care": _("Visits and care"),
    "billing": _("Bills"),
    "health_services": _("Our health services"),
    "newsletter": _("Newsletter"),
    "survey": _("Surveys"),
    "fundraising": _("Fundraising"),
}
CHANNELS: dict[str, str | Promise] = {"email": _("E-mail"), "sms": _("Text"), "call": _("Call"), "print": _("Letter")}
# What is asked most, in the order in which it is suggested; the words are those of the chip.
CHIPS: dict[str, str | Promise] = {
    "sms.care": _("Yes to texts about visits"),
    "email.health_services": _("Yes to e-mail about our services"),
    "email.newsletter": _("Yes to the newsletter"),
    "call.care": _("Yes to calls about visits"),
}
MOST_CHIPS = 3
MAY_UNDO_FOR = timedelta(minutes=1)


class NotAChoice(ValueError):
    """The form named a choice, an answer or a way that is not offered."""


class NeedsPaper(ValueError):
    """Marketing by text or call was to be agreed to without a signed form, without a number, or without saying where the form is."""


class TooLate(ValueError):
    """A minute has passed, or somebody else wrote it: it is not taken back, the opposite is said."""


@dataclass(frozen=True)
class Said:
    """What a person said at the desk: to which choice, yes or no, in which way and language; where a signed form is kept."""

    key: str
    answer: str
    way: str
    locale: str = "en"
    paper: str = ""


@dataclass(frozen=True)
class Cell:
    """One choice in the table of the page."""

    key: str
    label: str | Promise
    is_on: bool
    was_asked: bool


@dataclass(frozen=True)
class Question:
    """One choice, as it is asked: the sentence to read aloud and what may be answered."""

    choice: Choice
    title: str
    sentence: str
    locale: str
    stand: Stand
    is_written: bool
    may_say_yes: bool


def table(person_id: int, now: datetime) -> list[tuple[str | Promise, list[Cell]]]:
    """Every choice with what stands, by topic."""
    stands = choices.standing(person_id, now)
    return [
        (
            label,
            [
                Cell(one.key, CHANNELS[one.channel], stand.is_on, stand.record is not None)
                for one, stand in stands.items()
                if one.topic == topic
            ],
        )
        for topic, label in TOPICS.items()
    ]


def chips(person_id: int, now: datetime, points: Sequence[str]) -> list[tuple[str, str | Promise]]:
    """What was never asked and could be, most useful first. `points`: kinds of contact point that are on file."""
    stands = choices.standing(person_id, now)
    open_ones = [
        (key, words)
        for key, words in CHIPS.items()
        if stands[choices.BY_KEY[key]].record is None
        and choices.CONTACT_KIND[choices.BY_KEY[key].channel] in points
        and not stands[choices.BY_KEY[key]].is_on
    ]
    return open_ones[:MOST_CHIPS]


def question(person_id: int, key: str, locale: str, now: datetime) -> Question:
    """The sentence to read aloud for one choice. Raises NotAChoice."""
    choice = _choice(key)
    text = texts.find(FORM, choice.channel, choice.topic, locale)
    number = _number(person_id, choice)
    return Question(
        choice=choice,
        title=f"{TOPICS[choice.topic]}: {CHANNELS[choice.channel]}",
        sentence=text.said(clinic=settings.CLINIC_NAME, number=desk.spoken(number.value) if number else "____"),
        locale=text.locale,
        stand=choices.standing(person_id, now)[choice],
        is_written=choice.tier == "written",
        may_say_yes=choice.tier != "written" or number is not None,
    )


@transaction.atomic
def record(*, by: User, person_id: int, said: Said, now: datetime) -> ConsentRecord:
    """Write one statement of will with its evidence, and let the list of addresses follow."""
    choice = _choice(said.key)
    if said.answer not in {"yes", "no"} or said.way not in dict(WAYS):
        raise NotAChoice(said.answer)
    is_yes = said.answer == "yes"
    number = _number(person_id, choice)
    if is_yes and choice.tier == "written" and (said.way != "paper" or not said.paper.strip() or number is None):
        raise NeedsPaper
    text = texts.find(FORM, choice.channel, choice.topic, said.locale)
    key = uuid.uuid4()
    shown = centre.ending(number) or "____"
    evidence: dict[str, Any] = {
        "asked": text.said(clinic=settings.CLINIC_NAME, number=shown),
        "answer": said.answer,
        "way": said.way,
        "by": by.pk,
        "form": FORM,
    }
    if said.paper.strip():
        evidence["paper"] = said.paper.strip()[:80]
    new = NewRecord(
        person_id=person_id,
        channel=choice.channel,
        topic=choice.topic,
        status="granted" if is_yes else "withdrawn",
        at=now,
        via=f"{VIA}{said.way}",
        text_version=text.version,
        source_key=key,
        tier=choice.tier,
        contact_point_id=number.id if number and is_yes else None,
        locale=text.locale,
        evidence=evidence,
    )
    made = ledger.state(by=by, record=new, now=now)
    following.list_addresses(by=by, person_id=person_id, turned=[(choice, is_yes)], now=now)
    return made


def just_said(*, by: User, person_id: int, now: datetime) -> ConsentRecord | None:
    """The newest statement that this member of staff wrote here within the minute, and that still stands."""
    newest = ConsentRecord.objects.filter(person_id=person_id).order_by("-at", "-id").first()
    if newest is None or not _is_mine(newest, by, now):
        return None
    return newest


@transaction.atomic
def undo(*, by: User, person_id: int, record_id: int, now: datetime) -> ConsentRecord:
    """Take back a statement written by mistake: what stood before stands again. Raises TooLate."""
    made = just_said(by=by, person_id=person_id, now=now)
    if made is None or made.pk != record_id:
        raise TooLate
    choice = _choice(f"{made.channel}.{made.topic}")
    before = choices.standing(person_id, now, without=[made.pk])[choice]
    proof = {"undoes": made.pk, "by": by.pk, "form": FORM}
    was_yes = before.is_yes(choice)
    if was_yes:
        following.bring_back(
            by=by, person_id=person_id, choice=choice, before=before.record, text_version=made.text_version,
            proof=proof, now=now, locale=made.locale,
        )  # fmt: skip
    elif made.status == "granted":
        ledger.withdraw(
            by=by, person_id=person_id, channel=choice.channel, topic=choice.topic, tier=made.tier, via=following.UNDO_VIA,
            now=now, text_version=made.text_version, evidence=proof, locale=made.locale,
        )  # fmt: skip
    following.list_addresses(by=by, person_id=person_id, turned=[(choice, was_yes)], now=now)
    return made


def said_in_words(made: ConsentRecord) -> str:
    """“Newsletter: E-mail”"""
    return f"{TOPICS.get(made.topic, made.topic)}: {CHANNELS.get(made.channel, made.channel)}"


def _is_mine(made: ConsentRecord, by: User, now: datetime) -> bool:
    return (
        made.kind == "consent"
        and made.evidence.get("form") == FORM
        and made.evidence.get("by") == by.pk
        and made.via.startswith(VIA)
        and now - made.at <= MAY_UNDO_FOR
    )


def _choice(key: str) -> Choice:
    if key not in choices.BY_KEY:
        raise NotAChoice(key)
    return choices.BY_KEY[key]


def _number(person_id: int, choice: Choice) -> Address | None:
    """The telephone number a statement about texts or calls is about."""
    return centre.numbers(person_id).get(choice.channel) if choice.channel in {"sms", "call"} else None
