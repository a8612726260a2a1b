"""What a picker of the builder offers for typed words: value sets and codes, each with what the purpose says of it, or counties."""

import typing
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from rapport.consent import classes, code_classes
from rapport.directory import queries as directory
from rapport.segments import value_sets, vocabulary
from rapport.segments.language.nodes import ClinicalKind
from rapport.segments.reference import CodeFound
from rapport.segments.value_sets import ValueSet

CLINICAL: tuple[str, ...] = typing.get_args(ClinicalKind)
MOST_SETS = 4


@dataclass(frozen=True)
class Offer:
    """One thing to choose: the key it is chosen by, its words, and what stands beside a delicate one."""

    key: str
    words: str
    note: str
    locked: bool = False
    forbidden: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Offers:
    """Offers under one heading; the first have none."""

    heading: str
    of: tuple[Offer, ...]

    @property
    def count(self) -> int:
        return len(self.of)


def found(field: str, typed: str, kind: str, purpose: str, *, now: datetime) -> list[Offers]:
    """Everything that the words in a picker find, in the order of the screen. Value sets can't be exceptions."""
    if field == "counties":
        return _filled(Offers("", tuple(_county(*one) for one in directory.find_counties(typed))))
    lock = _Lock(purpose, now)
    prefixes = vocabulary.prefixes(typed)
    offered = {one.key for one in prefixes}
    codes = vocabulary.find_codes(typed, kind if kind in CLINICAL else "")
    codes = [one for one in codes if one.key not in offered]
    sets = [] if field.endswith("but_not") else value_sets.find(typed, MOST_SETS)
    ours = [lock.of_beginning(one) for one in prefixes] + [lock.of_code(one) for one in codes if one.ours]
    more = [lock.of_code(one) for one in codes if not one.ours]
    return _filled(
        Offers(_("Groups of codes"), tuple(lock.of_set(one) for one in sets)),
        Offers(_("Codes that your people have") if sets else "", tuple(ours)),
        Offers(_("From the catalogue"), tuple(more)),
    )


@dataclass(frozen=True)
class _Lock:
    """What a purpose says about delicate things."""

    purpose: str
    now: datetime

    def of_set(self, one: ValueSet) -> Offer:
        strictest = "general"
        for data_class in one.data_classes:
            strictest = code_classes.stricter(strictest, data_class)
        many = len(one.codes)
        note = ngettext("%(num)s code", "%(num)s codes", many) % {"num": many}
        return self._offer(f"|{one.slug}", one.name_in(get_language() or "en"), note, strictest)

    def of_beginning(self, one: CodeFound) -> Offer:
        words = _("All codes that begin with %(code)s") % {"code": one.code}
        words = f"{words}: {one.label}" if one.label else words
        return self._offer(one.key, words, vocabulary.SYSTEMS.get(one.system, one.system), one.data_class)

    def of_code(self, one: CodeFound) -> Offer:
        note = f"{vocabulary.SYSTEMS.get(one.system, one.system)} {one.code}"
        note += _(" and all below it") if one.prefix else ""
        return self._offer(one.key, one.label or one.code, note, one.data_class)

    def _offer(self, key: str, words: str, note: str, data_class: str) -> Offer:
        if data_class == "general":
            return Offer(key, words, note)
        use = classes.may_use(self.purpose, data_class, on=self.now.date())
        return Offer(key, words, note, locked=True, forbidden=not use.allowed, reason=use.reason)


def _county(state: str, name: str) -> Offer:
    many = len(directory.zips_of_county(state, name))
    note = ngettext("%(num)s ZIP code", "%(num)s ZIP codes", many) % {"num": many}
    return Offer(f"{state}|{name}", f"{name}, {state}", note)


def _filled(*parts: Offers) -> list[Offers]:
    return [one for one in parts if one.of]
