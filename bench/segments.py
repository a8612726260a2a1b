"""Segments: the compiled statement against SQL written by hand on the same engine, cold and warm, and how it grows.

A made-up warehouse (encrypted, clustered like the real one) of 100,000 people (BENCH_PEOPLE) with 20 events each. The two forms
take turns, so that a busy machine slows both; ratios compare the best times, figures are medians. The hand-written form
is what a good analyst would write: one pass over the profile, semi- and anti-joins. Every pair must find the same people.
"""

import os
import statistics
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from rapport import segments
from rapport.kit.warehouse import Folder
from rapport.segments import compiler
from rapport.segments.columnar import Snapshot
from rapport.segments.days import AsOf
from rapport.segments.language import (
    Age,
    All,
    Any_,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasCode,
    Last,
    LivesIn,
    Node,
    None_,
    Sex,
    TraitIs,
)  # fmt: skip

SCHEMA = Path(segments.__file__).with_name("schema.sql").read_text()
TODAY = AsOf(date(2026, 11, 23), "UTC")
ZIPS = tuple(f"{10000 + 3 * number:05}" for number in range(300))
EVENTS_EACH, ROUNDS = 20, 15
ZIP_LIST = ", ".join(f"'{one}'" for one in ZIPS)

PEOPLE = """
INSERT INTO profile SELECT hash(i)::UBIGINT % 4611686018427387903, (DATE '1930-01-01' + INTERVAL (i * 37 % 1080) MONTH)::DATE,
  CASE WHEN i % 2 = 0 THEN 'F' ELSE 'M' END, CASE WHEN i % 9 = 0 THEN 'es' ELSE 'en' END, 'MA', (10000 + i * 7 % 900)::VARCHAR,
  1 + i % 2, i % 97 = 0 FROM range({people}) t(i)
"""
EVENTS = """
INSERT INTO event SELECT row_number() OVER (ORDER BY kind, "at"), * FROM (
  SELECT hash(i // {each})::UBIGINT % 4611686018427387903 AS pseudonym,
    CASE WHEN h % 100 < 40 THEN 'message_sent' WHEN h % 100 < 55 THEN 'message_opened' WHEN h % 100 < 60 THEN 'portal_login'
         WHEN h % 100 < 75 THEN 'encounter' WHEN h % 100 < 85 THEN 'procedure' WHEN h % 100 < 95 THEN 'condition'
         ELSE 'payment' END AS kind,
    TIMESTAMP '2023-11-24' + INTERVAL (h // 128 % 1576800) MINUTE AS "at",
    CASE WHEN h % 100 BETWEEN 75 AND 84 THEN 'cpt' WHEN h % 100 BETWEEN 85 AND 94 THEN 'icd10cm' ELSE '' END,
    CASE WHEN h % 100 BETWEEN 75 AND 84 THEN CASE WHEN h // 7 % 5 = 0 THEN '77067' ELSE (70000 + h // 7 % 900)::VARCHAR END
         WHEN h % 100 BETWEEN 85 AND 94 THEN 'M' || (10 + h // 11 % 60)::VARCHAR || '.' || (h // 13 % 9)::VARCHAR ELSE '' END,
    NULL::DOUBLE, 1 + h // 17 % 4, 1 + h // 19 % 2, CASE WHEN h % 100 < 55 THEN 1 + h // 23 % 12 END, 'general'
  FROM (SELECT i, hash(i * 2654435761) % 9007199254740881 AS h FROM range({people} * {each}) t(i))) ORDER BY kind, "at"
"""
CONSENTS = """
INSERT INTO consent_now SELECT pseudonym, 'email', 'health_services', CASE WHEN pseudonym % 5 < 3 THEN 'granted' ELSE 'withdrawn' END,
  TIMESTAMP '2024-01-01', NULL FROM profile WHERE pseudonym % 7 > 0
"""
TRAITS = """
INSERT INTO trait SELECT row_number() OVER (), pseudonym, 'score.no_show', '', (pseudonym % 1000) / 1000.0, 'general',
  TIMESTAMP '2026-01-01' FROM profile WHERE pseudonym % 3 = 0
"""

NAMED = All((
    Age(50, 74), Sex(("F",)), LivesIn(zips=ZIPS),
    None_((HasCode((CodeIs("cpt", "77067"),), kind="procedure", within=Last(27, "month")),)),
    Consented("email", "health_services"),
    Any_((Happened("message_opened", within=Last(90)), Happened("portal_login", within=Last(30)))),
    None_((Happened("message_sent", campaigns=(7,)),)),
))  # fmt: skip
BY_HAND_NAMED = f"""
SELECT pseudonym FROM profile p WHERE NOT deceased AND sex = 'F' AND birth_month > DATE '1951-10-01'
AND birth_month <= DATE '1976-10-01' AND zip5 IN ({ZIP_LIST})
AND NOT EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym AND kind = 'procedure' AND code_system = 'cpt'
    AND code = '77067' AND "at" >= TIMESTAMP '2024-08-23' AND "at" < TIMESTAMP '2026-11-24')
AND EXISTS (SELECT 1 FROM consent_now c WHERE c.pseudonym = p.pseudonym AND channel = 'email' AND topic = 'health_services'
    AND status = 'granted')
AND pseudonym IN (
    SELECT pseudonym FROM event WHERE kind = 'message_opened' AND "at" >= TIMESTAMP '2026-08-25' AND "at" < TIMESTAMP '2026-11-24'
    UNION ALL
    SELECT pseudonym FROM event WHERE kind = 'portal_login' AND "at" >= TIMESTAMP '2026-10-24' AND "at" < TIMESTAMP '2026-11-24')
AND NOT EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym AND kind = 'message_sent' AND campaign_id = 7
    AND "at" < TIMESTAMP '2026-11-24')
"""
AGE_AND_SEX = "SELECT pseudonym FROM profile WHERE NOT deceased AND sex = 'F' AND birth_month <= DATE '1961-10-01'"
CODE_PREFIX = """
SELECT pseudonym FROM profile p WHERE NOT deceased AND EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym
    AND kind = 'condition' AND code_system = 'icd10cm' AND code LIKE 'M17%' AND "at" < TIMESTAMP '2026-11-24')
"""
THREE_VISITS = """
SELECT p.pseudonym FROM profile p JOIN (SELECT pseudonym FROM event WHERE kind = 'encounter' AND "at" >= TIMESTAMP '2025-11-23'
    AND "at" < TIMESTAMP '2026-11-24' GROUP BY 1 HAVING count(*) >= 3) v USING (pseudonym) WHERE NOT deceased
"""
LAPSED = """
SELECT pseudonym FROM profile p WHERE NOT deceased AND pseudonym IN (SELECT pseudonym FROM event WHERE kind = 'encounter'
    AND "at" >= TIMESTAMP '2023-11-23' AND "at" < TIMESTAMP '2026-11-24')
AND NOT EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym AND kind = 'encounter'
    AND "at" >= TIMESTAMP '2025-05-23' AND "at" < TIMESTAMP '2026-11-24')
"""
ANY_OF_FIVE = """
SELECT pseudonym FROM profile WHERE NOT deceased AND (sex = 'O' OR pseudonym IN (
    SELECT pseudonym FROM trait WHERE name = 'score.no_show' AND number >= 0.9
    UNION ALL SELECT pseudonym FROM event WHERE kind = 'payment' AND "at" >= TIMESTAMP '2026-11-16' AND "at" < TIMESTAMP '2026-11-24'
    UNION ALL SELECT pseudonym FROM event WHERE kind = 'message_opened' AND "at" >= TIMESTAMP '2026-08-25'
        AND "at" < TIMESTAMP '2026-11-24' GROUP BY 1 HAVING count(*) >= 4
    UNION ALL SELECT pseudonym FROM event WHERE code_system = 'cpt' AND code = '77067'
        AND "at" >= TIMESTAMP '2026-10-24' AND "at" < TIMESTAMP '2026-11-24'))
"""
CASES: dict[str, tuple[Node, str]] = {
    "named": (NAMED, BY_HAND_NAMED),
    "age and sex": (All((Age(at_least=65), Sex(("F",)))), AGE_AND_SEX),
    "code prefix": (HasCode((CodeIs("icd10cm", "M17", True),), kind="condition"), CODE_PREFIX),
    "three visits": (Encountered(at_least=3, within=Last(12, "month")), THREE_VISITS),
    "lapsed": (
        All((Encountered(at_least=1, within=Last(36, "month")), Encountered(at_most=0, within=Last(18, "month")))),
        LAPSED,
    ),
    "any of five": (
        Any_(
            (
                TraitIs("score.no_show", at_least=0.9),
                Happened("payment", at_least=1, within=Last(7)),
                Sex(("O",)),
                Happened("message_opened", at_least=4, within=Last(90)),
                HasCode((CodeIs("cpt", "77067"),), within=Last(30)),
            )
        ),
        ANY_OF_FIVE,
    ),
}


def run(report: Callable[..., None]) -> dict[str, Any]:
    """Measure. `report` gets progress lines; the figures come back."""
    people = int(os.environ.get("BENCH_PEOPLE", "100000"))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as place:
        big = _measure(Folder(Path(place) / "big", "bench-key"), people, report)
        small = _measure(Folder(Path(place) / "small", "bench-key"), max(1_000, people // 10), report)
    ratios = {name: case["ratio"] for name, case in big["cases"].items()}
    return {
        "people": people, "events": people * EVENTS_EACH, "worst_ratio": max(ratios.values()), "ratios": ratios,
        "named_p50_ms": big["cases"]["named"]["compiled_ms"], "named_cold_ms": big["cold_ms"],
        "named_bitmaps_cold_ms": big["bitmaps_cold_ms"],
        "named_one_leaf_changed_ms": big["one_leaf_ms"], "named_cached_ms": big["cached_ms"],
        "growth": round(big["cases"]["named"]["compiled_ms"] / small["cases"]["named"]["compiled_ms"], 2), "file_mb": big["file_mb"],
        "fill_s": big["fill_s"], "cases": big["cases"],
    }  # fmt: skip


def _measure(folder: Folder, people: int, report: Callable[..., None]) -> dict[str, Any]:
    began = perf_counter()
    with folder.writing() as writer:
        for statement in (SCHEMA, PEOPLE, EVENTS, CONSENTS, TRAITS):
            writer.connection.execute(statement.format(people=people, each=EVENTS_EACH))
        file = writer.publish(1)
    found: dict[str, Any] = {
        "fill_s": round(perf_counter() - began, 1),
        "file_mb": round(file.stat().st_size / 2**20, 1),
    }
    report(
        f"{people:,} people, {people * EVENTS_EACH:,} events in {found['fill_s']} s, {found['file_mb']} MB encrypted"
    )
    began = perf_counter()
    snapshot = Snapshot(folder.reading(file.name), 1)
    snapshot.people(NAMED, TODAY)
    found["cold_ms"] = _ms(began)  # a new handle, nothing decrypted yet; the file cache of the system is warm
    began = perf_counter()
    snapshot.counts(NAMED, TODAY)
    found["bitmaps_cold_ms"] = _ms(began)
    found["cached_ms"] = _median(lambda: snapshot.counts(NAMED, TODAY))[0]
    began = perf_counter()
    snapshot.counts(All((*NAMED.of[:-1], None_((Happened("message_sent", campaigns=(8,)),)))), TODAY)
    found["one_leaf_ms"] = _ms(began)
    found["cases"] = {name: _case(snapshot, node, by_hand) for name, (node, by_hand) in CASES.items()}
    for name, case in found["cases"].items():
        report(
            f"  {name}: {case['people']:,} people, compiled {case['compiled_ms']} ms, by hand {case['by_hand_ms']} ms"
        )
    return found


def _case(snapshot: Snapshot, node: Node, by_hand: str) -> dict[str, Any]:
    cursor = snapshot.handle.cursor()
    statement = compiler.sql(compiler.compile(node, TODAY))
    mine = lambda: cursor.execute(statement).fetchnumpy()["pseudonym"]  # noqa: E731
    theirs = lambda: cursor.execute(by_hand).fetchnumpy()["pseudonym"]  # noqa: E731
    assert sorted(mine().tolist()) == sorted(theirs().tolist()), "the two forms disagree"
    times: dict[str, list[float]] = {"mine": [], "theirs": []}
    for _ in range(ROUNDS):
        for name, act in (("mine", mine), ("theirs", theirs)):
            began = perf_counter()
            act()
            times[name].append(_ms(began))
    return {
        "people": len(mine()), "compiled_ms": round(statistics.median(times["mine"]), 2),
        "by_hand_ms": round(statistics.median(times["theirs"]), 2), "ratio": round(min(times["mine"]) / min(times["theirs"]), 2),
    }  # fmt: skip


def _median(act: Callable[[], Any]) -> tuple[float, Any]:
    times, found = [], None
    for _ in range(ROUNDS):
        began = perf_counter()
        found = act()
        times.append(_ms(began))
    return round(statistics.median(times), 2), found


def _ms(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
