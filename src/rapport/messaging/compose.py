"""From intents to messages: names and addresses opened for a whole batch, the wording filled in for each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from rapport.content import showing, texting
from rapport.content.models import Version
from rapport.content.render import LinkSigner, Rendered, Unsigned, conditions, render
from rapport.content.words import BrokenTemplate
from rapport.directory.models import Location, ServiceLine
from rapport.messaging import confirming, pushing, tracking, untelling
from rapport.messaging.carried import Outgoing
from rapport.messaging.models import Brief, Intent
from rapport.messaging.seen import facts_of
from rapport.people import queries as people
from rapport.people.models import Person

_READ = ("id", "merged_into_id", "home_location_id", "language", "timezone", "birth_month", "sex")
AT_HOME = ("portal", "push")
ASKS = "optin"  # the cause of a message that asks whether a sign-up was meant


class Composed(msgspec.Struct, frozen=True):
    """Messages by intent id, and for the intents that could not be written down the reason."""

    messages: dict[int, Outgoing]
    problems: dict[int, str]


class Merged(msgspec.Struct, frozen=True):
    """What one message is filled in with, for a form that `render` does not know: paper."""

    version: Version
    merge: dict[str, str]
    shown: list[bool]
    postal: people.Postal | None


class _Known(msgspec.Struct):
    """What a batch needs, read at once. Everything is keyed by the record that is kept."""

    kept: dict[int, Person]
    names: dict[int, people.Name]
    points: dict[int, people.Address]
    postal: dict[int, people.Postal]
    locations: dict[int, Location]
    versions: dict[int, Version]
    appointments: dict[int, tuple[datetime, int | None]]
    lines: dict[int, ServiceLine]
    senders: dict[int, str]
    conditions: dict[int, tuple[showing.Condition, ...]]
    facts: dict[int, showing.Facts]


def compose(intents: Sequence[Intent], to: Mapping[int, int | None], now: datetime) -> Composed:
    """Write every message of a batch. `to`: intent -> the contact point that the policy judged; no other is used.

    The caller writes the audit line.
    """
    known = _read(intents, to, now)
    messages: dict[int, Outgoing] = {}
    problems = dict.fromkeys(untelling.untrue(intents), untelling.GONE)
    for intent in intents:
        if intent.pk in problems:
            continue
        person = known.kept[intent.person_id]
        address = _address(intent, person, known, to)
        if not address:
            problems[intent.pk] = "The address can't be read any more."
            continue
        version = known.versions[intent.version_id]
        links = tracking.Links(intent.pk, version.pk, intent.cause_id if intent.cause == ASKS else 0)
        try:
            rendered = _filled(person, version, known, links)
        except BrokenTemplate as wrong:
            problems[intent.pk] = f"The wording could not be filled in: {str(wrong).splitlines()[0]}"
            continue
        if intent.channel == "sms":
            rendered = _as_text(rendered, intent, version.piece.language)
        messages[intent.pk] = Outgoing(
            intent_id=intent.pk,
            message_id=tracking.message_id(intent.pk),
            address=address,
            rendered=rendered,
            unsubscribe_url=links.unsubscribe(),
            at=now,
            language=version.piece.language,
            sender_name=known.senders.get(intent.brief_id or 0, ""),
        )
    return Composed(messages, problems)


def as_read(*, person_id: int, version: Version, now: datetime) -> Rendered:
    """A wording as one person would read it, before there is a message: its links lead nowhere. Raises BrokenTemplate.

    The caller writes the audit line.
    """
    planned = Intent(person_id=person_id, version_id=version.pk, channel=version.piece.channel)
    known = _read([planned], {}, now)
    person, wording = known.kept[person_id], known.versions[version.pk]
    rendered = _filled(person, wording, known, Unsigned())
    return _as_text(rendered, planned, wording.piece.language) if planned.channel == "sms" else rendered


def merged(intents: Sequence[Intent], now: datetime) -> dict[int, Merged]:
    """What each message is filled in with, by intent. The caller writes the audit line."""
    known = _read(intents, {}, now)
    found = {}
    for one in intents:
        person, version = known.kept[one.person_id], known.versions[one.version_id]
        seen = showing.shown(known.conditions[version.pk], known.facts.get(person.pk, showing.Facts()))
        found[one.pk] = Merged(version, _merge(person, version, known), seen, known.postal.get(person.pk))
    return found


def _address(intent: Intent, person: Person, known: _Known, to: Mapping[int, int | None]) -> str:
    """Where it goes; empty when that can't be read any more. What ends in this house goes to the person herself."""
    if intent.channel == "push" and intent.cause == untelling.CAUSE:
        return f"{pushing.BELL}{person.pk}"
    if intent.channel in AT_HOME:
        return f"person:{person.pk}"
    if intent.channel == "print":
        postal = known.postal.get(person.pk)
        return "\n".join(postal.lines) if postal else ""
    point = known.points.get(to.get(intent.pk) or 0)
    return point.value if point else ""


def _read(intents: Sequence[Intent], to: Mapping[int, int | None], now: datetime) -> _Known:
    kept = kept_records({one.person_id for one in intents})
    ids = sorted({one.pk for one in kept.values()})
    versions = Version.objects.select_related("piece").in_bulk({one.version_id for one in intents})
    places = {one.home_location_id for one in kept.values() if one.home_location_id}
    lines = {one.piece.service_line_id for one in versions.values() if one.piece.service_line_id}
    asked = {one.pk: conditions(one) for one in versions.values()}
    asks = any(name.startswith("appointment.") for one in versions.values() for name in one.fields)
    appointments = people.next_appointments(person_ids=ids, now=now) if asks else {}
    places |= {place for _, place in appointments.values() if place}
    return _Known(
        kept=kept,
        names=people.names(person_ids=ids),
        postal=people.postal(person_ids=ids) if any(one.channel == "print" for one in intents) else {},
        points=people.points(point_ids={to[one.pk] or 0 for one in intents if one.pk in to}),
        locations=Location.objects.in_bulk(places),
        versions=versions,
        appointments=appointments,
        lines=ServiceLine.objects.in_bulk(lines),
        senders=_senders({one.brief_id for one in intents if one.brief_id}),
        conditions=asked,
        facts=facts_of(kept.values(), [one for every in asked.values() for one in every], now),
    )


def _senders(briefs: set[int]) -> dict[int, str]:
    return dict(Brief.objects.filter(pk__in=briefs).exclude(sender_name="").values_list("id", "sender_name"))


def _filled(person: Person, version: Version, known: _Known, links: LinkSigner) -> Rendered:
    seen = showing.shown(known.conditions[version.pk], known.facts.get(person.pk, showing.Facts()))
    return render(version, _merge(person, version, known), links, version.piece.language, shown=seen)


def _as_text(rendered: Rendered, intent: Intent, language: str) -> Rendered:
    """A text message has words alone. Every one says how to stop; the confirmation of a stop need not."""
    is_answer = confirming.point_of(intent) is not None
    words = rendered.text.strip() if is_answer else texting.with_opt_out(rendered.text, language)
    return Rendered(rendered.subject, "", words)


def kept_records(asked: set[int]) -> dict[int, Person]:
    """Each person asked for -> the record that is kept of that human being."""
    found = Person.objects.only(*_READ).in_bulk(asked)
    while missing := {one.merged_into_id for one in found.values() if one.merged_into_id} - found.keys():
        found.update(Person.objects.only(*_READ).in_bulk(missing))
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
    starts_at, where = known.appointments.get(person.pk, (None, None))
    there = known.locations.get(where or 0)
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
        "appointment.day": _day(starts_at, person, version.piece.language) if starts_at else "",
        "appointment.place": there.name if there else "",
    }


def _day(at: datetime, person: Person, language: str) -> str:
    """The day in the person's own place, in the words of the language."""
    local = at.astimezone(ZoneInfo(person.timezone or settings.TIME_ZONE))
    with translation.override(language):
        return str(date_format(local, r"l j \d\e F" if language.startswith("es") else "l, F j"))
