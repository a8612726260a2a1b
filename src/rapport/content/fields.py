"""Merge fields: the only words of a message that change from person to person. Whatever is not in this list can't be written.

Each field says what it is in the sense of privacy, what stands there when it is not known, and an example for previews.
Names and addresses (`pii`) may stand in the body; nothing of a person may stand in a subject, a preheader or an address of a link.
"""

from typing import Literal

import msgspec


class Field(msgspec.Struct, frozen=True):
    """One merge field."""

    name: str
    label: str
    privacy: Literal["pii", "phi", "plain", "link"]
    example: str
    fallback: dict[str, str] = {}

    @property
    def is_personal(self) -> bool:
        return self.privacy in {"pii", "phi"}


FIELDS = {
    one.name: one
    for one in (
        Field("person.given", "First name", "pii", "Pat", {"en": "there", "es": "qué tal"}),
        Field("person.salutation", "Salutation", "pii", "Ms. Rivera", {"en": "friend", "es": "paciente"}),
        Field("clinic.name", "Name of the clinic", "plain", "Riverbend Health"),
        Field("clinic.address", "Postal address of the clinic", "plain", "200 Merrimack Street, Lowell, MA 01852"),
        Field("clinic.phone", "Telephone of the clinic", "plain", "(978) 555-0100"),
        Field("location.name", "The person's own location", "plain", "Riverbend Lowell"),
        Field("service_line.name", "Service line", "plain", "Orthopedics"),
        Field("links.book", "Link: book a visit", "link", "#book"),
        Field("links.unsubscribe", "Link: stop these messages", "link", "#unsubscribe"),
        Field("links.preferences", "Link: choose what to get", "link", "#preferences"),
        Field("links.confirm", "Link: confirm a sign-up", "link", "#confirm"),
    )
}


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
