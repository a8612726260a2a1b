"""From intents to messages: names and addresses opened for a whole batch, the wording filled in for each."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.conf import settings

from rapport.content.models import Version
from rapport.content.render import render
from rapport.content.words import BrokenTemplate
from rapport.directory.models import Location, ServiceLine
from rapport.messaging import tracking
from rapport.messaging.carried import Outgoing
from rapport.messaging.models import Intent
from rapport.people import queries as people
from rapport.people.models import Person

ASKS = "optin"  # the cause of a message that asks whether a sign-up was meant


class Composed(msgspec.Struct, frozen=True):
    """Messages by intent id, and for the intents that could not be written down the reason."""

    messages: dict[int, Outgoing]
    problems: dict[int, str]


class _Known(msgspec.Struct):
    """What a batch needs, read at once. Everything is keyed by the record that is kept."""

    kept: dict[int, Person]
    names: dict[int, people.Name]
    addresses: dict[int, people.Address]
    locations: dict[int, Location]
    versions: dict[int, Version]
    lines: dict[int, ServiceLine]


def compose(intents: Sequence[Intent], now: datetime) -> Composed:
    """Write every message of a batch. The caller writes the audit line."""
    known = _read(intents)
    messages: dict[int, Outgoing] = {}
    problems: dict[int, str] = {}
    for intent in intents:
        person = known.kept[intent.person_id]
        address = known.addresses.get(person.pk)
        if address is None:
            problems[intent.pk] = "The address can't be read any more."
            continue
        version = known.versions[intent.version_id]
        links = tracking.Links(intent.pk, version.pk, intent.cause_id if intent.cause == ASKS else 0)
        try:
            rendered = render(version, _merge(person, version, known), links, version.piece.language)
        except BrokenTemplate as wrong:
            problems[intent.pk] = f"The wording could not be filled in: {str(wrong).splitlines()[0]}"
            continue
        messages[intent.pk] = Outgoing(
            intent_id=intent.pk,
            message_id=tracking.message_id(intent.pk),
            address=address.value,
            rendered=rendered,
            unsubscribe_url=links.unsubscribe(),
            at=now,
            language=version.piece.language,
        )
    return Composed(messages, problems)


def _read(intents: Sequence[Intent]) -> _Known:
    kept = _kept({one.person_id for one in intents})
    ids = sorted({one.pk for one in kept.values()})
    versions = Version.objects.select_related("piece").in_bulk({one.version_id for one in intents})
    places = {one.home_location_id for one in kept.values() if one.home_location_id}
    lines = {one.piece.service_line_id for one in versions.values() if one.piece.service_line_id}
    return _Known(
        kept=kept,
        names=people.names(person_ids=ids),
        addresses=people.addresses(person_ids=ids, kind="email"),
        locations=Location.objects.in_bulk(places),
        versions=versions,
        lines=ServiceLine.objects.in_bulk(lines),
    )


def _kept(asked: set[int]) -> dict[int, Person]:
    """Each person asked for -> the record that is kept of that human being."""
    found = Person.objects.only("id", "merged_into_id", "home_location_id", "language").in_bulk(asked)
    while missing := {one.merged_into_id for one in found.values() if one.merged_into_id} - found.keys():
        found.update(Person.objects.only("id", "merged_into_id", "home_location_id", "language").in_bulk(missing))
    kept = {}
    for person_id in asked:
        person = found[person_id]
        while person.merged_into_id:
            person = found[person.merged_into_id]
        kept[person_id] = person
    return kept


def _merge(person: Person, version: Version, known: _Known) -> dict[str, str]:
    name = known.names.get(person.pk)
    place = known.locations.get(person.home_location_id or 0)
    line = known.lines.get(version.piece.service_line_id or 0)
    return {
        "person.given": name.called if name else "",
        "person.salutation": f"{name.prefix} {name.family}"
        if name and name.prefix and name.family
        else (name.called if name else ""),
        "clinic.name": settings.CLINIC_NAME,
        "clinic.address": settings.CLINIC_ADDRESS,
        "clinic.phone": settings.CLINIC_PHONE,
        "location.name": place.name if place else settings.CLINIC_NAME,
        "service_line.name": line.name if line else "",
    }
