"""Life events are noticed when a fact arrives, in the transaction that writes it, for a whole batch at once.

- What is dated before the rule's `days` makes no event: old history that arrives today is no news.
- New cancer is the first diagnosis of its kind (the ICD-10-CM category, or the SNOMED CT concept); a later visit is not news.
- A record that turns out refuted or entered in error ends the event that it made. A complaint ends when it is closed.
- An event is named by its record and its kind, so that a replay is a no-op.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import connection

from rapport.consent.codes import Code, CodeSet, plain
from rapport.consent.life_events import life_rules
from rapport.consent.rule_kinds import LifeEventRule
from rapport.people import bulk
from rapport.trust.sealing import source_key

HAPPENED = frozenset({"condition", "procedure", "encounter", "claim", "payment"})
NEVER_WAS = frozenset({"entered-in-error", "refuted"})
CLOSED = "_closed"
_COLUMNS = ("person_id", "kind", "at", "source_key", "recorded_at")
_STAGE = "person_id bigint, kind text, at timestamptz, source_key uuid, recorded_at timestamptz"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One event or fact as it arrives: whose, when it happened (None: not said), by which record, with every code of it."""

    person_id: int
    kind: str
    key: uuid.UUID
    at: datetime | None = None
    codes: tuple[Code, ...] = ()
    status: str = ""


class _Sign(msgspec.Struct, frozen=True):
    person_id: int
    event: str
    at: datetime
    key: uuid.UUID
    code: Code = ("", "")


def notice(*, seen: Sequence[Seen], person_ids: Iterable[int] = (), now: datetime) -> set[int]:
    """Write the life events that these records tell of, and deaths among `person_ids`. Returns whose there are new ones."""
    rules = life_rules(now.date())
    signs = [sign for one in seen for sign in _signs(one, rules, now)]
    signs = _first_of_their_kind(signs, now)
    everyone = sorted({*person_ids, *(one.person_id for one in seen)})
    new = _write(signs, now) | _deaths(everyone, now)
    _end(seen, rules, now)
    return new


def key_of(event: str, record: uuid.UUID) -> uuid.UUID:
    """The name of the life event that a record makes."""
    return source_key("life", event, str(record))


def _signs(one: Seen, rules: Iterable[LifeEventRule], now: datetime) -> list[_Sign]:
    at = one.at or now
    if at > now or one.status in NEVER_WAS:
        return []
    found = []
    for rule in rules:
        if rule.days is not None and at <= now - timedelta(days=rule.days):
            continue
        if one.kind in rule.kinds:
            found.append(_Sign(one.person_id, rule.event, at, key_of(rule.event, one.key)))
        elif one.kind in HAPPENED and rule.codes and (code := _set_of(rule).any_of(one.codes)) is not None:
            found.append(_Sign(one.person_id, rule.event, at, key_of(rule.event, one.key), code))
    return found


def _set_of(rule: LifeEventRule) -> CodeSet:
    key = (rule.rule, rule.version)
    if key not in _SETS:
        _SETS[key] = CodeSet.of(rule.codes)
    return _SETS[key]


_SETS: dict[tuple[str, int], CodeSet] = {}

_EARLIER = """
SELECT asked.person_id, asked.system, asked.code
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[]) AS asked(person_id, system, code, since)
WHERE EXISTS (
    SELECT FROM people_event e WHERE e.person_id = asked.person_id AND e.at <= asked.since AND e.kind = ANY(%s)
    AND e.code_system = asked.system AND left(e.code, length(asked.code)) = asked.code
) OR EXISTS (
    SELECT FROM people_fact f WHERE f.person_id = asked.person_id AND f.starts_at <= asked.since AND f.kind = 'condition'
    AND f.code_system = asked.system AND left(f.code, length(asked.code)) = asked.code
)
"""


def _first_of_their_kind(signs: Sequence[_Sign], now: datetime) -> list[_Sign]:
    """Leave out cancers that were known before: a diagnosis of the same kind stands further back than news reaches."""
    asked = {(one.person_id, *_category(one.code)) for one in signs if one.event == "new_cancer"}
    if not asked:
        return list(signs)
    days = next(rule.days or 0 for rule in life_rules(now.date()) if rule.event == "new_cancer")
    people, systems, codes = zip(*sorted(asked), strict=True)
    since = [now - timedelta(days=days)] * len(asked)
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER, [list(people), list(systems), list(codes), since, sorted(HAPPENED)])
        known = set(cursor.fetchall())
    return [one for one in signs if one.event != "new_cancer" or (one.person_id, *_category(one.code)) not in known]


def _category(code: Code) -> Code:
    system, text = code
    return (system, plain(system, text)[:3] if system == "icd10cm" else text)


def _write(signs: Sequence[_Sign], now: datetime) -> set[int]:
    if not signs:
        return set()
    rows = {one.key: (one.person_id, one.event, one.at, one.key, now) for one in signs}
    bulk.stage("new_life_event", _STAGE, _COLUMNS, rows.values())
    columns = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO consent_lifeevent ({columns}) SELECT {columns} FROM pg_temp.new_life_event ORDER BY source_key "
            "ON CONFLICT (source_key) DO NOTHING RETURNING person_id"
        )
        return {row[0] for row in cursor.fetchall()}


def _deaths(person_ids: list[int], now: datetime) -> set[int]:
    if not person_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.deceased_at FROM people_person p WHERE p.id = ANY(%s) AND p.deceased_at IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM consent_lifeevent l WHERE l.person_id = p.id AND l.kind = 'death')",
            [person_ids],
        )
        found = cursor.fetchall()
    return _write([_Sign(person, "death", at, source_key("life", "death", str(person))) for person, at in found], now)


def _end(seen: Sequence[Seen], rules: Iterable[LifeEventRule], now: datetime) -> None:
    """Records that never were true end what they made; closing a complaint ends every open one of the person."""
    wrong = [key_of(rule.event, one.key) for one in seen if one.status in NEVER_WAS for rule in rules]
    with connection.cursor() as cursor:
        if wrong:
            cursor.execute(
                "UPDATE consent_lifeevent SET ended_at = %s WHERE source_key = ANY(%s) AND ended_at IS NULL",
                [now, wrong],
            )
        for rule in rules:
            closing = {f"{kind}{CLOSED}" for kind in rule.kinds}
            closed = [(one.person_id, one.at or now) for one in seen if one.kind in closing]
            if closed:
                cursor.execute(
                    "UPDATE consent_lifeevent l SET ended_at = v.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS v(person_id, at) "
                    "WHERE l.person_id = v.person_id AND l.kind = %s AND l.ended_at IS NULL AND l.at <= v.at",
                    [[person for person, _ in closed], [at for _, at in closed], rule.event],
                )
