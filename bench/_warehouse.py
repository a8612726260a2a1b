"""A made-up network of hospitals in the record: N people, their events over three years, consents, traits, coverages, households.

    fill(connection, people=1_000_000, events_each=20, report=print)

By set-based SQL in the database itself, the same at every run. The timeline is filled without its indexes and gets them back at
the end; nobody has a name. Everything random is a hash of a row's number.
"""

# ruff: noqa: E501 - statements read best with their columns on one line

from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.db import connection as ours

CHUNK = 50_000  # people whose events are written by one statement
FIRST_DAY, MINUTES = "2023-11-24", 1_576_800  # three years
# The start of a share in thousandths, the kind, and where its code comes from.
KINDS = (
    (0, "message_sent"), (350, "message_opened"), (500, "portal_login"), (550, "encounter"), (700, "procedure"),
    (800, "condition"), (880, "observation"), (930, "payment"), (970, "appointment"),
)  # fmt: skip

PEOPLE = """
INSERT INTO people_person (key, pseudonym, birth_month, sex, language, city, state, country, zip5, timezone, home_location_id,
  deceased_at, created_at, changed_at, tx)
SELECT gen_random_uuid(), hashint8extended(i, 1) & 4611686018427387903, (DATE '1930-01-01' + make_interval(months => (i * 37 % 1080)::int))::date,
  CASE WHEN i % 2 = 0 THEN 'F' ELSE 'M' END, CASE WHEN i % 9 = 0 THEN 'es' ELSE 'en' END, '', 'MA', 'US', lpad((10000 + i * 7 % 900)::text, 5, '0'),
  'America/New_York', NULL, CASE WHEN i % 97 = 0 THEN TIMESTAMPTZ '2026-01-01' END, TIMESTAMPTZ '2023-01-01' + make_interval(days => (i % 1000)::int),
  TIMESTAMPTZ '2026-01-01', 0
FROM generate_series(1, %s) AS i
"""
EVENTS = """
INSERT INTO people_event (person_id, kind, at, source, source_key, code_system, code, label, value, unit, data_class, service_line_id,
  location_id, campaign_id, detail, recorded_at, tx)
SELECT person, kind, at, 'bench', md5(person || '-' || one)::uuid,
  CASE kind WHEN 'procedure' THEN 'cpt' WHEN 'condition' THEN 'icd10cm' WHEN 'observation' THEN 'loinc' ELSE '' END,
  code, CASE WHEN code = '' THEN '' ELSE 'Name of ' || code END,
  CASE kind WHEN 'observation' THEN 40 + c % 1200 / 10.0 WHEN 'payment' THEN 20 + c % 30000 / 100.0 END,
  CASE kind WHEN 'observation' THEN 'mg/dL' WHEN 'payment' THEN 'USD' ELSE '' END, 'general', 1 + c % 4, 1 + b % 2,
  CASE WHEN kind IN ('message_sent', 'message_opened') THEN 1 + a / 1000 % 12 END, '{}', at, pg_current_xact_id()::text::bigint
FROM (
  SELECT *, CASE kind WHEN 'procedure' THEN CASE WHEN c % 5 = 0 THEN '77067' ELSE (70000 + c % 900)::text END
    WHEN 'condition' THEN 'M' || (10 + c % 60) || '.' || (b % 9) WHEN 'observation' THEN '4548-4' ELSE '' END AS code,
    TIMESTAMPTZ '{FIRST_DAY} 00:00+00' + make_interval(mins => (b % {MINUTES})::int) AS at
  FROM (
    SELECT person, one, a, b, c, CASE {KINDS} END AS kind
    FROM generate_series(%s::bigint, %s) AS person CROSS JOIN generate_series(1, %s) AS one
    CROSS JOIN LATERAL (SELECT hashint8extended(person * 1000 + one, 2) & 1073741823 AS a, hashint8extended(person * 1000 + one, 3) & 1073741823 AS b,
      hashint8extended(person * 1000 + one, 4) & 1073741823 AS c) AS chance
  ) AS rolled
) AS told
"""
OTHERS = {
    "consents": """
        INSERT INTO consent_consentrecord (person_id, kind, channel, topic, sender, data_class, recipient, tier, status, at, expires_event,
          text_version, locale, evidence, via, source_key, recorded_at, tx)
        SELECT id, 'consent', 'email', 'health_services', 'all', '', '', 'express', CASE WHEN id % 5 < 3 THEN 'granted' ELSE 'withdrawn' END,
          TIMESTAMPTZ '2024-01-01', '', '1', 'en', '{}', 'bench', gen_random_uuid(), TIMESTAMPTZ '2024-01-01', 0
        FROM people_person WHERE id % 7 > 0""",
    "preferences": """
        INSERT INTO consent_preference (person_id, language, at_most, feeling, via, at, tx)
        SELECT id, '', 4, '', 'bench', TIMESTAMPTZ '2025-01-01', 0 FROM people_person WHERE id % 10 = 0""",
    "traits": """
        INSERT INTO people_trait (person_id, name, text, number, data_class, source, at, tx)
        SELECT id, 'score.no_show', '', (id % 1000) / 1000.0, 'general', 'bench', TIMESTAMPTZ '2026-01-01', 0
        FROM people_person WHERE id % 3 = 0""",
    "coverages": """
        INSERT INTO people_fact (person_id, kind, source_key, code_system, code, label, status, data_class, starts_at, detail, changed_at, tx)
        SELECT id, 'coverage', gen_random_uuid(), '', (ARRAY['medicare', 'medicaid', 'commercial', 'commercial', 'self_pay'])[1 + id % 5], '',
          'active', 'general', TIMESTAMPTZ '2024-01-01', '{}', TIMESTAMPTZ '2024-01-01', 0 FROM people_person""",
    "appointments": """
        INSERT INTO people_fact (person_id, kind, source_key, code_system, code, label, status, data_class, starts_at, location_id,
          service_line_id, detail, changed_at, tx)
        SELECT id, 'appointment', gen_random_uuid(), '', '', '', 'booked', 'general', TIMESTAMPTZ '2026-11-24' + make_interval(hours => (id % 2000)::int),
          1 + id % 2, 1 + id % 4, '{}', TIMESTAMPTZ '2026-11-01', 0 FROM people_person WHERE id % 4 = 0""",
    "houses": "INSERT INTO people_household (created_at) SELECT TIMESTAMPTZ '2024-01-01' FROM generate_series(1, (SELECT max(id) / 3 + 1 FROM people_person))",
    "households": """
        INSERT INTO people_relationship (person_id, household_id, kind, scope, tx)
        SELECT id, 1 + id / 3, 'member', '', 0 FROM people_person WHERE id % 2 = 0""",
}  # fmt: skip
MORE = """
INSERT INTO people_event (person_id, kind, at, source, source_key, code_system, code, label, unit, data_class, detail, recorded_at, tx)
SELECT 1 + (hashint8extended(i, %s) & 1073741823) % %s, 'message_opened', TIMESTAMPTZ '2026-11-23 12:00+00', 'bench', gen_random_uuid(),
  '', '', '', '', 'general', '{}', now(), 0 FROM generate_series(1, %s) AS i
"""
INDEXES = """
SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = 'people_event'::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid)
"""
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'people_event'::regclass AND contype IN ('p', 'u', 'f')
ORDER BY contype DESC
"""


def fill(connection: Any = ours, *, people: int, events_each: int, report: Callable[..., None]) -> dict[str, Any]:
    """Fill an empty, migrated database over a Django connection that sees all rows. Returns how long it took and how big it is."""
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(_escaped(PEOPLE), [people])
        cursor.execute("SELECT min(id), max(id) FROM people_person")
        first, last = cursor.fetchone()
        assert last - first + 1 == people, "the database was not empty"
        report(f"{people:,} people after {perf_counter() - began:.0f} s")
        restore = _bare(cursor)
        statement = (
            EVENTS.replace("{KINDS}", _kinds()).replace("{FIRST_DAY}", FIRST_DAY).replace("{MINUTES}", str(MINUTES))
        )
        for start in range(first, last + 1, CHUNK):
            cursor.execute(_escaped(statement), [start, min(start + CHUNK - 1, last), events_each])
        report(f"{people * events_each:,} events after {perf_counter() - began:.0f} s")
        for name, other in OTHERS.items():
            cursor.execute(other)
            report(f"{cursor.rowcount:,} {name} after {perf_counter() - began:.0f} s")
        for command in restore:
            cursor.execute(command)
        report(f"indexes after {perf_counter() - began:.0f} s")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    return {"fill_s": round(perf_counter() - began, 1), "record_mb": round(size / 2**20)}


def more_events(connection: Any = ours, *, many: int, people: int, round_: int) -> None:
    """One commit with `many` new events of today, for people all over the place."""
    with connection.cursor() as cursor:
        cursor.execute(_escaped(MORE), [round_, people, many])


def _kinds() -> str:
    return " ".join(f"WHEN a % 1000 >= {start} THEN '{kind}'" for start, kind in reversed(KINDS))


def _escaped(statement: str) -> str:
    """The remainder operator is written as in SQL; only places for values keep a single sign."""
    return statement.replace("%", "%%").replace("%%s", "%s")


def _bare(cursor: Any) -> list[str]:
    """Take indexes, keys and the stamp off the timeline. Returns what brings them back."""
    back = []
    cursor.execute(INDEXES)
    for name, definition in cursor.fetchall():
        back.append(definition.replace(" ON ONLY ", " ON "))
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute(CONSTRAINTS)
    for name, definition in cursor.fetchall():
        back.append(f"ALTER TABLE people_event ADD CONSTRAINT {name} {definition}")
        cursor.execute(f"ALTER TABLE people_event DROP CONSTRAINT {name}")
    cursor.execute("ALTER TABLE people_event DISABLE TRIGGER stamp_tx")
    return [*back, "ALTER TABLE people_event ENABLE TRIGGER stamp_tx"]
