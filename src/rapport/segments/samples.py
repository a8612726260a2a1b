"""A few people of an answer, masked, and why each is in: what is true of her, and what stands behind it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.people import queries as people
from rapport.people.models import Person
from rapport.segments import meaning, permission, queries, store, vocabulary
from rapport.segments.columnar import Reason
from rapport.segments.days import age_on
from rapport.segments.language import (
    Age,
    All,
    Anniversary,
    AtLocation,
    Bucket,
    Capped,
    Consented,
    HasAppointment,
    InSegment,
    IsKnown,
    KnownSince,
    Names,
    Node,
    Sex,
    Speaks,
    TraitIs,
    leaves,
    phrases,
)  # fmt: skip
from rapport.segments.language.classes import GENERAL
from rapport.segments.language.sentence import say_part
from rapport.trust.actors import Actor
from rapport.ui import formats

SAMPLE = 5


@dataclass(frozen=True)
class Example:
    """One person of the answer, masked: initials, age band and the reasons."""

    initials: str
    band: str
    reasons: list[dict[str, str]]


def sample(node: Node, *, purpose: str, by: Actor, now: datetime) -> list[Example]:
    """A few people of the answer: initials, age band, and why each is in. Looking is written into the audit trail.

    Raises NotForThisPurpose.
    """
    permission.check(node, purpose, on=now.date())
    snapshot, as_of = store.snapshot(), queries.day_of(now)
    chosen = snapshot.members(meaning.of(node), as_of, limit=SAMPLE)
    known = dict(Person.objects.filter(pseudonym__in=chosen, merged_into=None).values_list("pk", "pseudonym"))
    cards = people.cards(by=by, person_ids=list(known), now=now)
    names = vocabulary.names(node)
    delicate: dict[Node, bool] = {leaf: bool(set(permission.classes_of(leaf)) - {GENERAL}) for leaf in leaves(node)}
    found = []
    for card in cards:
        reasons = [
            _reason(one, names, masked=delicate.get(one.node, False))
            for one in queries.why(node, known[card.id], as_of)
            if not (isinstance(one.node, All | Capped) and not one.path)
        ]
        born = card.birth_date.replace(day=1) if card.birth_date else None
        found.append(Example(card.initials, band(_band_of(age_on(born, as_of.day) if born else None)), reasons))
    return found


def say_one(node: Node, names: Names | None = None) -> str:
    """One part in words, as they stand alone."""
    said = say_part(node, _language(), names or vocabulary.names(node))
    return said[:1].upper() + said[1:]


def band(ages: tuple[int, int] | None) -> str:
    if ages is None:
        return _("Not known")
    low, high = ages
    return _("%(low)s and older") % {"low": low} if high >= 130 else f"{low}–{high}"


def _band_of(age: int | None) -> tuple[int, int] | None:
    from_bands = [one for one in queries.BANDS if age is not None and one[0] <= age <= one[1]]
    return from_bands[0] if from_bands else None


def _reason(reason: Reason, names: Names, *, masked: bool) -> dict[str, str]:
    return {
        "text": say_one(reason.node, names),
        "tone": "good" if reason.holds else "neutral",
        "evidence": _("protected: not shown here") if masked else evidence(reason, names),
        "note": "" if reason.holds else _("not true"),
    }


def evidence(reason: Reason, names: Names) -> str:
    """What stands behind a criterion, in words; empty for a group, and where nothing does."""
    if reason.value:
        return _of_profile(reason, names)
    if not reason.rows or not reason.last_at:
        return ""
    day = formats.local_date(reason.last_at.replace(tzinfo=UTC))
    match reason.node:
        case TraitIs():
            return _("written on %(day)s") % {"day": day}
        case Consented():
            return _("said on %(day)s") % {"day": day}
        case InSegment():
            return _("in since %(day)s") % {"day": day}
        case HasAppointment():
            return _("%(many)s found, the latest for %(day)s") % {"many": reason.rows, "day": day}
    return _("%(many)s found, the last on %(day)s") % {"many": reason.rows, "day": day}


def _of_profile(reason: Reason, names: Names) -> str:
    """What the profile says, as people write it. Of a birth month, never the year."""
    value = reason.value
    match reason.node:
        case Age():
            return _("%(age)s years") % {"age": value}
        case Sex():
            return {"F": _("Woman"), "M": _("Man"), "O": _("Other"), "U": _("Not known")}.get(value, value)
        case Speaks():
            return phrases.LANGUAGES[_language()].get(value.split("-")[0], value)
        case Anniversary(of="birth_month") | IsKnown(what="birth_month"):
            return phrases.MONTHS[_language()][int(value[5:7]) - 1]
        case Anniversary() | KnownSince():
            return formats.local_date(date.fromisoformat(value))
        case AtLocation() | IsKnown(what="location"):
            return names.locations.get(int(value), _("another place"))
        case Bucket():
            return f"{int(value) / 100:.2f} %"
    return value


def _language() -> Literal["en", "es"]:
    return "es" if (get_language() or "en").startswith("es") else "en"
