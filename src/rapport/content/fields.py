"""Merge fields: the only words of a message that change from person to person. Whatever is not in this list can't be written.

Each field says what it is in the sense of privacy, what stands there when it is not known, and an example for previews.
Names and addresses (`pii`) may stand in the body; nothing of a person may stand in a subject, a preheader or an address of a link.
A field that tells something of a person's care (`phi`) has a data class, and stands only where the purpose may use that class.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from rapport.consent import classes
from rapport.consent import rules as rulebook
from rapport.content import showing


class Field(msgspec.Struct, frozen=True):
    """One merge field."""

    name: str
    label: str
    privacy: Literal["pii", "phi", "plain", "link"]
    example: str
    fallback: dict[str, str] = {}
    data_class: str = ""

    @property
    def words(self) -> str:
        """The label in the language of whoever reads; the label itself stands in remarks that are kept."""
        return gettext(self.label)

    @property
    def is_personal(self) -> bool:
        return self.privacy in {"pii", "phi"}


FIELDS = {
    one.name: one
    for one in (
        Field("person.given", noop("First name"), "pii", "Pat", {"en": "there", "es": "qué tal"}),
        Field("person.salutation", noop("Salutation"), "pii", "Ms. Rivera", {"en": "friend", "es": "paciente"}),
        Field("clinic.name", noop("Name of the clinic"), "plain", "Riverbend Health"),
        Field(
            "clinic.address", noop("Postal address of the clinic"), "plain", "200 Merrimack Street, Lowell, MA 01852"
        ),
        Field("clinic.phone", noop("Telephone of the clinic"), "plain", "(978) 555-0100"),
        Field("location.name", noop("The person's own location"), "plain", "Riverbend Lowell"),
        Field("service_line.name", noop("Service line"), "plain", "Orthopedics"),
        Field(
            "appointment.day",
            noop("Day of the next appointment"),
            "phi",
            "Thursday, March 12",
            {"en": "your next appointment", "es": "su próxima cita"},
            "general",
        ),
        Field(
            "appointment.place",
            noop("Place of the next appointment"),
            "phi",
            "Riverbend Lowell",
            {"en": "our clinic", "es": "nuestra clínica"},
            "general",
        ),
        Field("links.book", noop("Link: book a visit"), "link", "#book"),
        Field("links.unsubscribe", noop("Link: stop these messages"), "link", "#unsubscribe"),
        Field("links.preferences", noop("Link: choose what to get"), "link", "#preferences"),
        Field("links.inbox", noop("Link: read one's messages"), "link", "#inbox"),
        Field("links.confirm", noop("Link: confirm a sign-up"), "link", "#confirm"),
    )
}


def classes_of(names: Iterable[str]) -> set[str]:
    """The classes of data that these fields tell of, or by which blocks are shown (`show:<class>`)."""
    return {field.data_class for name in names if (field := _known(name)) is not None and field.data_class}


def _known(name: str) -> Field | None:
    if name.startswith(showing.MARK):
        return Field(name, "A block that only some people see", "phi", "", data_class=name.removeprefix(showing.MARK))
    return FIELDS.get(name)


class Forbidden(msgspec.Struct, frozen=True):
    """A field that a purpose does not permit, and why."""

    field: Field
    sentence: str
    rule: str


def forbidden(names: Iterable[str], purpose: str, *, on: date) -> list[Forbidden]:
    """Which of these fields may not stand in a message of this purpose."""
    found = []
    for name in sorted(set(names)):
        field = _known(name)
        if field is None or not field.data_class:
            continue
        use = classes.may_use(purpose, field.data_class, on=on)
        if not use.allowed:
            sentence = f"“{field.label}” may not stand in it: {use.reason} [{use.rule}]"
            found.append(Forbidden(field, sentence, use.rule))
    return found


def forbidden_for_topic(names: Iterable[str], topic: str, *, on: date) -> list[Forbidden]:
    """Fields that no purpose of this topic permits: such a wording could never be used."""
    purposes = [name for name, one in rulebook.in_force(on).purposes.items() if topic in one.topics and not one.blocked]
    by_purpose = [forbidden(names, purpose, on=on) for purpose in purposes]
    if not by_purpose:
        return []
    everywhere = set.intersection(*({one.field.name for one in found} for found in by_purpose))
    return [one for one in by_purpose[0] if one.field.name in everywhere]


def fallback(name: str, language: str) -> str:
    """What to write when the field is not known for this person."""
    words = FIELDS[name].fallback
    return words.get(language[:2], words.get("en", ""))


def example(language: str = "en") -> dict[str, dict[str, str]]:
    """The merge values of a preview."""
    nested: dict[str, dict[str, str]] = {}
    for name, field in FIELDS.items():
        group, _, leaf = name.partition(".")
        nested.setdefault(group, {})[leaf] = field.example
    if language.startswith("es"):
        nested["person"]["salutation"] = "Sra. Rivera"
    return nested


def nested(values: dict[str, str], language: str) -> dict[str, dict[str, str]]:
    """Merge values by field name as the template sees them; unknown ones get their fallback, others are dropped."""
    found: dict[str, dict[str, str]] = {}
    for name in FIELDS:
        group, _, leaf = name.partition(".")
        found.setdefault(group, {})[leaf] = values.get(name) or fallback(name, language)
    return found
