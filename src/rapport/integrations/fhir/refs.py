"""What a reference points at: `Patient/1`, an absolute address, `urn:uuid:` inside a bundle, or a conditional reference."""

import uuid
from urllib.parse import unquote

from rapport.integrations.fhir.shapes import Reference
from rapport.integrations.translation import Record, Subject
from rapport.trust.sealing import source_key


def target(ref: Reference | None, record: Record, kind: str) -> tuple[str, str] | None:
    """(kind, id), or None when it points at nothing outside the resource. `kind` is what an unknown urn:uuid is taken for.

    A conditional reference (`Location?identifier=system|value`) is taken for the id, which is what bulk exports mean by it.
    """
    if ref is None or not ref.reference or ref.reference.startswith("#"):
        return None
    text = ref.reference
    inside = record.refs.get(text)
    if inside:
        return inside
    if text.startswith("urn:uuid:"):
        return kind, text[9:]
    if "?identifier=" in text:
        named, _, value = text.partition("?identifier=")
        return named.rsplit("/", 1)[-1], unquote(value).rpartition("|")[2]
    parts = text.split("/_history/")[0].split("/")
    return (parts[-2], parts[-1]) if len(parts) > 1 else (kind, text)


def subject(ref: Reference | None, record: Record, slug: str, path: str) -> Subject | None:
    """Whom a record is about; None when it doesn't say, or is about something that is no patient."""
    found = target(ref, record, "Patient")
    numbers = _logical(ref)
    if found is None:
        if not numbers:
            return None
        system, value = numbers[0]
        return Subject(numbers, source_key(slug, "Patient?", system, value), path)
    kind, name = found
    if kind != "Patient" or not name:
        return None
    if ref is not None and "?identifier=" in ref.reference:
        system = unquote(ref.reference.partition("?identifier=")[2]).rpartition("|")[0]
        return Subject(
            ((system, name), (own_system(slug), name)),
            source_key(slug, "Patient", name),
            path,
        )
    return Subject(((own_system(slug), name), *numbers), source_key(slug, "Patient", name), path)


def own_system(slug: str) -> str:
    """The system under which a source's own name for a patient is kept."""
    return f"{slug}:Patient"


def place(location: Reference | None, organization: Reference | None, record: Record, slug: str) -> uuid.UUID | None:
    """The key of the place: a location, else the seat of an organisation."""
    found = target(location, record, "Location")
    if found and found[0] == "Location":
        return source_key(slug, "Location", found[1])
    found = found or target(organization, record, "Organization")
    return seat_key(slug, found[1]) if found and found[0] == "Organization" else None


def seat_key(slug: str, organization: str) -> uuid.UUID:
    return source_key(slug, "Organization", organization, "seat")


def _logical(ref: Reference | None) -> tuple[tuple[str, str], ...]:
    number = ref.identifier if ref else None
    return ((number.system, number.value),) if number and number.system and number.value else ()
