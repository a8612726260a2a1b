"""What is read about a batch of people before the policy is asked: one query a subject, whatever the number of people."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Sum

from rapport.consent import life_events, preferences, programmes, representatives, rewards
from rapport.consent import queries as consents
from rapport.consent import rules as rulebook
from rapport.consent.codes import BY_BEGINNING
from rapport.consent.models import Reward
from rapport.consent.policy import (
    CodeFact,
    ConsentFact,
    ContactFact,
    DrugFact,
    LifeFact,
    Message,
    PaperFact,
    PreferenceFact,
    SaidFact,
    SuppressionFact,
)
from rapport.messaging import pushing
from rapport.people import reach
from rapport.people.models import Fact

CONTACT_KIND = {"email": "email", "sms": "phone", "call": "phone"}
COUNTED = timedelta(days=31)
OF_AGE = 18
ACTIVE = {"active", "on-hold", "draft"}

_PEOPLE = """
WITH RECURSIVE up AS (
    SELECT id AS asked, id, merged_into_id FROM people_person WHERE id = ANY(%s)
    UNION ALL
    SELECT up.asked, p.id, p.merged_into_id FROM up JOIN people_person p ON p.id = up.merged_into_id
)
SELECT up.asked, p.id, p.deceased_at, p.state, p.timezone, p.country, p.birth_month, p.street IS NOT NULL AND p.zip5 <> ''
FROM up JOIN people_person p ON p.id = up.id WHERE up.merged_into_id IS NULL
"""
_RECORDS = """
WITH RECURSIVE down AS (
    SELECT id AS kept, id FROM people_person WHERE id = ANY(%s)
    UNION ALL
    SELECT down.kept, p.id FROM down JOIN people_person p ON p.merged_into_id = down.id
)
SELECT id, kept FROM down
"""
# The address that would be used: the agreed one, then a working one before a broken one, then by rank; mobile before landline
# for texts; a number that takes no texts is broken for them alone. The send composes with the address chosen here.
_CONTACTS = """
SELECT DISTINCT ON (person_id) person_id, id, works,
    CASE WHEN is_valid AND NOT works THEN %(no_texts)s ELSE invalid_reason END, bounced_at, digest, area_state, area_timezone
FROM (
    SELECT *, is_valid AND NOT (%(texts)s AND no_texts_at IS NOT NULL) AS works
    FROM people_contactpoint WHERE person_id = ANY(%(people)s) AND kind = %(kind)s
) c
ORDER BY person_id, id = ANY(%(agreed)s) DESC, works DESC, (%(texts)s AND use = 'mobile') DESC, rank, id
"""
_INBOXES = """
SELECT p.id FROM people_person p WHERE p.id = ANY(%s) AND p.birth_date IS NOT NULL AND p.erased_at IS NULL AND EXISTS (
    SELECT FROM people_contactpoint c WHERE c.person_id = p.id AND c.is_valid
)
"""
_SAID = """
SELECT person_id, id, state, settled_at, channel, purpose, topic FROM messaging_intent
WHERE person_id = ANY(%s) AND (state = 'claimed' OR (state IN ('sent', 'unknown') AND settled_at > %s))
"""
_CODES = """
SELECT person_id, code_system, code, at FROM people_event
WHERE person_id = ANY(%s) AND code_system = %s AND code LIKE ANY(%s) AND at <= %s
"""


class Human(msgspec.Struct, frozen=True):
    """The record that is kept of one human being."""

    root: int
    deceased_at: datetime | None
    state: str
    timezone: str
    country: str
    birth_month: date | None
    has_postal_address: bool


class Address(msgspec.Struct, frozen=True):
    """The address that would be used, without its value."""

    fact: ContactFact
    digest: bytes
    area_state: str = ""
    area_timezone: str = ""


class Said(msgspec.Struct, frozen=True):
    """A message of the last month; `fact` is None while it is on its way."""

    intent_id: int
    channel: str
    fact: SaidFact | None


class Known(msgspec.Struct):
    """What was read about a batch of people for one kind of message. Everything is keyed by the record that is kept."""

    people: dict[int, Human]
    contacts: dict[int, Address]
    consents: dict[int, list[ConsentFact]]
    papers: dict[int, list[PaperFact]]
    suppressed: dict[int, list[tuple[bytes, SuppressionFact]]]
    said: dict[int, list[Said]]
    life_events: dict[int, list[LifeFact]]
    preferences: dict[int, PreferenceFact]
    codes: dict[int, list[CodeFact]]
    drugs: dict[int, DrugFact]
    rewards: dict[int, int]
    payers: dict[int, str]


def read(*, message: Message, person_ids: set[int], now: datetime, point_id: int | None = None) -> Known:
    """Everything that bears on this message to these people. `point_id`: the number that asked, for an answer to it."""
    people = _people(sorted(person_ids))
    roots = sorted({one.root for one in people.values()})
    root_of = _records(roots)
    everyone = sorted(root_of)
    papers = _gathered(consents.papers(person_ids=everyone, now=now), root_of)
    contacts, addressed = _contacts(message, people, papers, now, point_id)
    kind = CONTACT_KIND.get(message.channel, message.channel)
    listed = consents.suppressed(person_ids=sorted({*roots, *addressed.values()}), kind=kind)
    return Known(
        people=people,
        contacts=contacts,
        consents=_gathered(consents.statements(person_ids=everyone, now=now), root_of),
        papers=papers,
        suppressed={root: listed.get(addressed.get(root, root), []) for root in roots},
        said=_said(everyone, root_of, now),
        life_events=_life(everyone, root_of, now),
        preferences=_preferences(everyone, root_of, now),
        codes=_codes(message, everyone, root_of, now) if message.programme else {},
        drugs=_drugs(message.drug, everyone, root_of) if message.drug else {},
        rewards=_rewards(everyone, root_of, now) if message.gift_cents or message.gift_is_cash else {},
        payers=rewards.payer_classes(root_of, now=now) if message.gift_cents or message.gift_is_cash else {},
    )


def _people(asked: list[int]) -> dict[int, Human]:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [asked])
        return {row[0]: Human(*row[1:]) for row in cursor.fetchall()}


def _records(roots: list[int]) -> dict[int, int]:
    """Each record of a human being -> the one that is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, [roots])
        return dict(cursor.fetchall())


def _gathered(found: dict[int, list], root_of: dict[int, int]) -> dict[int, list]:
    together: dict[int, list] = defaultdict(list)
    for person_id, many in found.items():
        together[root_of[person_id]] += many
    return together


def _contacts(
    message: Message, people: dict[int, Human], papers: dict[int, list[PaperFact]], now: datetime, point_id: int | None
) -> tuple[dict[int, Address], dict[int, int]]:
    """The address of each, and whose it is where it is another's."""
    by_root = {one.root: one for one in people.values()}
    if message.channel == "print":
        fact = Address(ContactFact(True), b"")
        return {root: fact for root, one in by_root.items() if one.has_postal_address}, {}
    if message.channel == "portal":
        return dict.fromkeys(_have_an_inbox(by_root, now), Address(ContactFact(True), b"")), {}
    if message.channel == "push":
        told = set(pushing.told_people(by_root))
        return {one: Address(ContactFact(True), b"") for one in _have_an_inbox(by_root, now) if one in told}, {}
    if message.channel == "in_person":
        return dict.fromkeys(by_root, Address(ContactFact(True), b"")), {}
    speaks = _speakers(message, by_root, now)
    whose = sorted({*by_root, *speaks.values()})
    agreed = [] if point_id is None else [point_id]
    agreed += [
        paper.contact_point_id
        for many in papers.values()
        for paper in many
        if paper.kind == "confidential" and paper.contact_point_id is not None
    ]
    kind = CONTACT_KIND.get(message.channel, message.channel)
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"people": whose, "kind": kind, "agreed": agreed, "texts": message.channel == "sms"}
        cursor.execute(_CONTACTS, asked | {"no_texts": reach.NO_TEXTS})
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    contacts = {}
    for root in by_root:
        row = found.get(speaks.get(root, root))
        if row is None:
            continue
        point, is_valid, reason, bounced_at, digest, area_state, area_timezone = row
        owner = "representative" if root in speaks else "self"
        contacts[root] = Address(
            ContactFact(is_valid, reason, bounced_at, point, owner), bytes(digest), area_state, area_timezone
        )
    return contacts, speaks


def _have_an_inbox(by_root: dict[int, Human], now: datetime) -> list[int]:
    """Adults who can prove who they are by their birth date, and whom a link can reach. A minor's inbox would be read by others."""
    adults = [root for root, one in by_root.items() if one.birth_month and not _is_minor(one.birth_month, now.date())]
    with connection.cursor() as cursor:
        cursor.execute(_INBOXES, [adults])
        return [row[0] for row in cursor.fetchall()]


def _speakers(message: Message, by_root: dict[int, Human], now: datetime) -> dict[int, int]:
    """Who is addressed for a minor: the parent or guardian in office, except about care to which the minor consented alone."""
    if "minor_confidential" in message.data_classes:
        return {}
    minors = [root for root, one in by_root.items() if _is_minor(one.birth_month, now.date())]
    if not minors:
        return {}
    found: dict[int, int] = {}
    for one in representatives.in_office(minors, on=now.date()):
        if not one.topics or message.topic in one.topics:
            found.setdefault(one.person_id, one.other_id)
    return found


def _is_minor(birth_month: date | None, on: date) -> bool:
    if birth_month is None:
        return False
    return on.year - birth_month.year - (on.month <= birth_month.month) < OF_AGE


def _said(everyone: list[int], root_of: dict[int, int], now: datetime) -> dict[int, list[Said]]:
    said: dict[int, list[Said]] = defaultdict(list)
    purposes = rulebook.in_force(now.date()).purposes
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [everyone, now - COUNTED])
        for person_id, number, state, at, channel, purpose, topic in cursor.fetchall():
            if state != "claimed":
                said[root_of[person_id]].append(Said(number, channel, SaidFact(at, channel, purpose, topic)))
            elif purpose not in purposes or purposes[purpose].commercial:
                said[root_of[person_id]].append(Said(number, channel, None))
    return said


def _life(everyone: list[int], root_of: dict[int, int], now: datetime) -> dict[int, list[LifeFact]]:
    return _gathered(dict(life_events.current(everyone, now)), root_of)


def _preferences(everyone: list[int], root_of: dict[int, int], now: datetime) -> dict[int, PreferenceFact]:
    """The newest wish of any record of the person."""
    newest: dict[int, preferences.PreferenceNow] = {}
    for person_id, wish in preferences.newest(everyone).items():
        root = root_of[person_id]
        newest[root] = max(newest.get(root, wish), wish, key=lambda one: (one.said_at or now, one.id or 0))
    return {
        root: PreferenceFact(wish.at_most, wish.pause_until, wish.quiet_from, wish.quiet_until)
        for root, wish in newest.items()
    }


def _codes(message: Message, everyone: list[int], root_of: dict[int, int], now: datetime) -> dict[int, list[CodeFact]]:
    """Codes on record that bear on the programme."""
    row = rulebook.in_force(now.date()).programmes.get(message.programme)
    found: dict[int, list[CodeFact]] = defaultdict(list)
    if row is None:
        return found
    with connection.cursor() as cursor:
        for system, codes in programmes.codes_read(row).items():
            wanted = [f"{code}%" if system in BY_BEGINNING else code for code in codes]
            cursor.execute(_CODES, [everyone, system, wanted, now])
            for person_id, *told in cursor.fetchall():
                found[root_of[person_id]].append(CodeFact(*told))
    return found


def _drugs(drug: str, everyone: Sequence[int], root_of: dict[int, int]) -> dict[int, DrugFact]:
    """The prescription of the drug: the running one, else the one that ended last."""
    found: dict[int, DrugFact] = {}
    rows = Fact.objects.filter(person_id__in=everyone, kind="medication", code=drug)
    for person_id, status, ends_at in rows.values_list("person_id", "status", "ends_at"):
        root = root_of[person_id]
        one = DrugFact(status in ACTIVE and ends_at is None, ends_at)
        before = found.get(root)
        if before is None or (one.is_active and not before.is_active) or _later(one, before):
            found[root] = one
    return found


def _later(one: DrugFact, before: DrugFact) -> bool:
    if before.is_active or one.ended_at is None:
        return False
    return before.ended_at is None or one.ended_at > before.ended_at


def _rewards(everyone: Sequence[int], root_of: dict[int, int], now: datetime) -> dict[int, int]:
    caps = rulebook.in_force(now.date()).inducements
    days = max((cap.year_days for cap in caps), default=365)
    rows = Reward.objects.filter(person_id__in=everyone, given_at__gt=now - timedelta(days=days), exception="")
    found: dict[int, int] = defaultdict(int)
    for person_id, cents in (
        rows.values("person_id").annotate(total=Sum("retail_cents")).values_list("person_id", "total")
    ):
        found[root_of[person_id]] += cents
    return found
