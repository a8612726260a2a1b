"""A translated batch becomes places, people, events, facts and consents; who or what is missing becomes a problem.

What happened in a life (a death, a loss) stops what waits to be said, in the same transaction, by whatever way it came in.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from rapport.consent import ledger, life_signs, minors
from rapport.consent.life_signs import Seen
from rapport.directory import learning
from rapport.integrations.translation import Desk, Problem, Record, Said, Subject, Translation, problem_of
from rapport.messaging import stopping
from rapport.people import erasing, identity, profile, timeline
from rapport.people.records import Match, NewEvent, NewFact
from rapport.trust.actors import System
from rapport.trust.sealing import source_key

MARKETING_TOPICS = ("health_services", "newsletter")
BY = System("take-in")
CHANNELS = ("email", "sms", "call", "print")
ERASED = "this person was erased"
LET_IN = (
    "Let the person in again only if she has come back as a patient, or if the number belongs to somebody else now."
)


@dataclass
class Outcome:
    """What became of a batch. `arrived`: keys of the people that are known now, for whom others may be waiting.

    `known`: the people of its person records.
    """

    accepted: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    arrived: set[uuid.UUID] = field(default_factory=set)
    people_new: int = 0
    people_matched: int = 0
    events: int = 0
    known: set[int] = field(default_factory=set)


def settle(told: Translation, records: Sequence[Record], desk: Desk, *, fill_only: bool = False) -> Outcome:
    """Write one batch of one source, in the current transaction."""
    erasing.keep_out()
    outcome = Outcome(problems=list(told.problems))
    refused = {id(problem.record) for problem in told.problems}
    learning.learn(told=[one for record, one in told.directory if id(record) not in refused])
    places = _places(told)
    refused |= _people(told, places, desk, outcome, fill_only=fill_only)
    said = [one for one in (*told.events, *told.facts, *told.consents) if id(one.record) not in refused]
    owners = _owners(said)
    refused |= _missing(said, owners, outcome)
    by_number = {one.what.person_id for one in said if one.subject is None and not isinstance(one.what, dict)}
    ready = _Ready(owners, places, identity.living(person_ids=by_number), refused)
    events = [(ready.of(one), one.codes) for one in told.events if ready.may(one)]
    facts = [(ready.of(one), one.codes) for one in told.facts if ready.may(one)]
    outcome.events = timeline.append(events=[one for one, _ in events], now=desk.now).inserted
    profile.fold(facts=[one for one, _ in facts], now=desk.now)
    seen = [_seen(one, one.at, codes) for one, codes in events] + [
        _seen(one, one.starts_at, codes) for one, codes in facts
    ]
    minors.keep_confidential({one.person_id for one in seen})
    silenced = life_signs.notice(seen=seen, person_ids=outcome.known, now=desk.now)
    stopping.stop_silenced(person_ids=silenced, now=desk.now)
    stated = [record for one in told.consents if ready.may(one) for record in _statements(one, owners)]
    ledger.append(by=BY, records=stated, now=desk.now)
    outcome.accepted = [record for record in records if id(record) not in refused]
    return outcome


@dataclass(frozen=True)
class _Ready:
    """What is known when events and facts are written."""

    owners: dict[uuid.UUID, int]
    places: dict[uuid.UUID, int]
    living: dict[int, int]
    refused: set[int]

    def may(self, one: Said) -> bool:
        return id(one.record) not in self.refused

    def of(self, one: Said) -> Any:
        """The event or fact with its person and its place."""
        if one.subject is None:
            now_is = self.living.get(one.what.person_id, one.what.person_id)
            return one.what if now_is == one.what.person_id else msgspec.structs.replace(one.what, person_id=now_is)
        location = self.places.get(one.place) if one.place else None
        return msgspec.structs.replace(one.what, person_id=self.owners[one.subject.key], location_id=location)


def _seen(what: NewEvent | NewFact, at: datetime | None, codes: tuple[tuple[str, str], ...]) -> Seen:
    """An event or fact as the life events look at it: by every code of its record."""
    own = ((what.code_system, what.code),) if what.code else ()
    status = what.status if isinstance(what, NewFact) else what.detail.get("status", "")
    return Seen(
        person_id=what.person_id, kind=what.kind, key=what.source_key, at=at, codes=(*own, *codes), status=str(status)
    )


def _places(told: Translation) -> dict[uuid.UUID, int]:
    keys = {one.place for one in (*told.events, *told.facts) if one.place}
    return learning.places(list(keys | {home for _, _, home in told.persons if home}))


def _people(
    told: Translation, places: dict[uuid.UUID, int], desk: Desk, outcome: Outcome, *, fill_only: bool
) -> set[int]:
    """Identify everybody; who can't be told apart from another patient, or was erased, stays behind."""
    refused = _erased(told, outcome)
    persons = [one for one in told.persons if id(one[0]) not in refused]
    if not persons:
        return refused
    known = [
        msgspec.structs.replace(person, home_location_id=places.get(home)) if home in places else person
        for _, person, home in persons
    ]
    matches = identity.identify(records=known, source=desk.source, now=desk.now, fill_only=fill_only)
    for (record, person, _), match in zip(persons, matches, strict=True):
        if match.person_id is None:
            refused.add(id(record))
            outcome.problems.append(_conflict(record, match))
            continue
        outcome.known.add(match.person_id)
        outcome.people_new += match.is_new
        outcome.people_matched += not match.is_new
        own = person.identifiers[0][0] if person.identifiers else ""
        outcome.arrived |= {
            source_key(*own.rsplit(":", 1), value) for system, value in person.identifiers if system == own
        }
    return refused


def _erased(told: Translation, outcome: Outcome) -> set[int]:
    """Records of people who were erased: an old feed must not bring anybody back by itself."""
    held = erasing.erased_among(number for _, person, _ in told.persons for number in person.identifiers)
    refused = set()
    for record, person, _ in told.persons:
        if held.intersection(person.identifiers):
            refused.add(id(record))
            outcome.problems.append(problem_of(record, ERASED, path=f"{record.kind}.identifier", remedy=LET_IN))
    return refused


def _conflict(record: Record, match: Match) -> Problem:
    return problem_of(
        record, "; ".join(match.reasons)[:300], path=f"{record.kind}.identifier",
        remedy="Find out whose number it is. Correct the number, or the name and birth date, and replay.",
    )  # fmt: skip


def _owners(said: Sequence[Said]) -> dict[uuid.UUID, int]:
    """Subject key -> person."""
    subjects: dict[uuid.UUID, Subject] = {one.subject.key: one.subject for one in said if one.subject}
    numbers = {number for subject in subjects.values() for number in subject.numbers}
    people = identity.owners(numbers=numbers)
    found = {key: next((people[n] for n in subject.numbers if n in people), None) for key, subject in subjects.items()}
    return {key: person for key, person in found.items() if person is not None}


def _missing(said: Sequence[Said], owners: dict[uuid.UUID, int], outcome: Outcome) -> set[int]:
    """Records about somebody we don't know yet wait for her: one problem a record."""
    waiting: dict[int, Problem] = {}
    lost = [one for one in said if one.subject and one.subject.key not in owners]
    held = erasing.erased_among(number for one in lost if one.subject for number in one.subject.numbers)
    for one in lost:
        if one.subject and id(one.record) not in waiting:
            erased = held.intersection(one.subject.numbers)
            waiting[id(one.record)] = problem_of(
                one.record, ERASED if erased else "the patient it is about has not arrived yet", path=one.subject.path,
                remedy=LET_IN if erased else "Nothing to do: it is taken in as soon as the patient arrives.",
                waits_for=one.subject.key,
            )  # fmt: skip
    outcome.problems += waiting.values()
    return set(waiting)


def _statements(one: Said, owners: dict[uuid.UUID, int]) -> list[ledger.NewRecord]:
    """A yes given to us is one statement with its words; a no to marketing is a no in every channel."""
    told = one.what
    person = owners[one.subject.key] if one.subject else told["person_id"]
    if told.get("status") == "granted":
        said = {
            name: told[name]
            for name in ("channel", "topic", "status", "at", "via", "text_version", "locale", "evidence")
        }
        return [ledger.NewRecord(person_id=person, source_key=source_key("optin", str(told["key"])), **said)]
    return [
        ledger.NewRecord(
            person_id=person, channel=channel, topic=topic, status="withdrawn", at=told["at"], via="hospital",
            text_version="fhir-consent", source_key=source_key("consent", str(told["key"]), channel, topic),
            evidence={"resource": "Consent"},
        )
        for channel in CHANNELS
        for topic in MARKETING_TOPICS
    ]  # fmt: skip
