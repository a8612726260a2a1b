"""Random definitions over one large random world: the cluster, the columnar engine and the reference engine say the same."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from rapport.people import erasing
from rapport.segments import compiler, distributed, exported, memory, queries, store, sync
from rapport.segments.columnar import Snapshot
from rapport.segments.days import AsOf
from rapport.segments.distributed import DIALECT, Distributed, Question
from rapport.segments.language import All, Capped, Encountered, LivesIn, Node, None_, to_json
from rapport.segments.language.windows import Last
from rapport.segments.memory import World
from tests import people_cast
from tests.segments import cluster, coverage, worlds
from tests.segments.definitions import definitions

pytestmark = [pytest.mark.slow, pytest.mark.one_stage]
DAYS, WORLDS_A_DAY = 5, 10
DRAWN, DEFINITIONS, A_JOB = 900, int(os.environ.get("SPARK_DEFINITIONS", "20")), 10
APART = 1_000  # between the numbers of one small world and the next
OWN = ("id", "pseudonym", "household_id")


@dataclass(frozen=True)
class Stage:
    """One world of many small ones in three engines, and what they are asked."""

    parts: list[World]
    world: World
    snapshot: Snapshot
    session: Any
    spark: Distributed
    questions: list[Question]


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("distributed")
    days = drawn(st.lists(worlds.as_ofs, min_size=DAYS, max_size=DAYS, unique=True), 20)[-1]
    parts = apart([one for day in days for one in drawn(worlds.worlds(day), WORLDS_A_DAY)])
    world = joined(parts)
    questions = [(node, days[number % DAYS]) for number, node in enumerate(telling(drawn(definitions, DRAWN)))]
    snapshot = Snapshot(worlds.InMemory().hold(world), 1)
    place = exported.export(snapshot, folder / exported.name(1, "a"), store_encrypts=True, rows_a_file=600)
    with cluster.running(folder) as session:
        spark = Distributed(session.newSession(), place.as_uri(), exported.tables(snapshot.handle.cursor()))
        yield Stage(parts, world, snapshot, session, spark, questions)


def drawn(strategy: st.SearchStrategy, many: int) -> list:
    """The same examples in every run."""
    found: list = []

    @drawing(
        max_examples=many,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(one: Any) -> None:
        found.append(one)

    take()
    return found


def telling(nodes: list[Node]) -> list[Node]:
    """A few that use every word of the language between them, then as they come."""
    words = [set(+coverage.used(node)) for node in nodes]
    missing, chosen = coverage.expected(), []
    while missing:
        best = max(range(len(nodes)), key=lambda one: len(words[one] & missing))
        if not words[best] & missing:
            break
        missing = missing - words[best]
        chosen.append(best)
    rest = [
        one for one in range(len(nodes) - 1, -1, -1) if one not in chosen
    ]  # the first that are drawn are the simplest
    return [nodes[one] for one in (chosen + rest)[:DEFINITIONS]]


def apart(parts: list[World]) -> list[World]:
    """The same small worlds with numbers of their own, so that nobody of one is somebody of another."""

    def moved(row: Any, by: int) -> Any:
        return replace(row, **{one.name: getattr(row, one.name) + by for one in fields(row) if one.name in OWN})

    return [
        World(**{
            table.name: [moved(row, APART * number) for row in getattr(part, table.name)] for table in fields(World)
        })
        for number, part in enumerate(parts)
    ]  # fmt: skip


def joined(parts: list[World]) -> World:
    return World(**{
        table.name: [row for part in parts for row in getattr(part, table.name)] for table in fields(World)
    })  # fmt: skip


def reference(node: Node, as_of: AsOf, stage: Stage) -> list[int]:
    """The reference engine is slow, and people of small worlds do not meet; only a draw is among all of them."""
    if isinstance(node, Capped):
        return sorted(memory.answer(node, stage.world, as_of))
    return sorted(one for part in stage.parts for one in memory.answer(node, part, as_of))


@pytest.mark.slow
@pytest.mark.timeout(900)  # two minutes on two idle cores; it does not get faster where others work too
def test_a_cluster_gives_the_answers_of_the_other_two_engines(stage):
    answered: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for start in range(0, len(stage.questions), A_JOB):
        job = stage.questions[start : start + A_JOB]
        for (node, as_of), found in zip(job, stage.spark.answers(job), strict=True):
            expected = reference(node, as_of, stage)
            assert found == expected, compiler.sql(compiler.compile(node, as_of), DIALECT)
            assert stage.snapshot.people(node, as_of) == expected, to_json(node)
            answered["some" if 0 < len(expected) < len(stage.world.profiles) else "all or none"] += 1
            words.update(coverage.used(node))
    assert sum(answered.values()) == DEFINITIONS
    assert answered["some"] >= DEFINITIONS / 3, answered
    seldom = {word: words[word] for word in coverage.expected() if words[word] < 1}
    assert not seldom, seldom


def test_one_question_gives_its_people_and_their_number(stage):
    for node, as_of in stage.questions[-3:]:
        people = stage.spark.people(node, as_of)
        assert people == stage.snapshot.people(node, as_of)
        assert stage.spark.count(node, as_of) == len(people) == stage.snapshot.count(node, as_of)
    assert stage.spark.answers([]) == []


def test_several_processes_did_the_work(stage):
    stage.spark.answers(stage.questions[:4])
    executors = stage.session.sparkContext._jsc.sc().statusStore().executorList(True)
    done = {one.id(): one.completedTasks() for one in map(executors.apply, range(executors.size()))}
    assert done.pop("driver") == 0
    assert len(done) == cluster.EXECUTORS
    assert min(done.values()) > 0, done
    processes = {process for process, words in cluster.processes() if "CoarseGrainedExecutorBackend" in words}
    assert len(processes) == cluster.EXECUTORS


def test_sessions_with_different_versions_do_not_disturb_each_other(stage, tmp_path):
    day = AsOf(worlds.DAYS[0])
    everybody = All()
    nobody = Snapshot(worlds.InMemory(), 2)
    place = exported.export(nobody, tmp_path / exported.name(2, "a"), store_encrypts=True)
    empty = Distributed(stage.session.newSession(), place.as_uri(), exported.tables(nobody.handle.cursor()))
    before = stage.spark.people(everybody, day)
    assert empty.people(everybody, day) == []
    assert stage.spark.people(everybody, day) == before == stage.snapshot.people(everybody, day) != []


def test_nobody_with_such_a_row_is_an_ordinary_anti_join_and_events_are_skipped_by_kind_and_time(stage):
    lapsed = None_((Encountered(within=Last(3, "month")),))
    statement = compiler.sql(compiler.compile(lapsed, AsOf(worlds.DAYS[0])), DIALECT)
    plans = stage.spark.session.sql(statement)._jdf.queryExecution()
    anti = next(line for line in plans.optimizedPlan().toString().splitlines() if "LeftAnti" in line)
    assert "isnull" not in anti
    pushed = [
        line.split("PushedFilters: ")[1]
        for line in plans.toString().splitlines()
        if "PushedFilters: [IsNotNull(kind)" in line
    ]
    assert pushed
    assert all("EqualTo(kind,encounter)" in line and "GreaterThan" in line for line in pushed)


@pytest.fixture
def site(stage, transactional_db, settings, tmp_path) -> Iterator[Any]:
    """A site that has named the running cluster, and a folder."""
    settings.ANALYTICS = stage.session.conf.get("spark.master")
    settings.ANALYTICS_FOLDER = str(tmp_path / "lake")
    settings.ANALYTICS_STORE_ENCRYPTED = True
    store.forget()
    yield settings
    store.forget()


def exports(site: Any) -> list[str]:
    return sorted(one.name.split("-")[1] for one in Path(site.ANALYTICS_FOLDER).glob("*/version-*"))


def test_a_site_that_names_a_cluster_gets_its_full_answers_from_there(site, now):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    here = LivesIn(zips=(pat.zip5,))
    version = sync.refresh(now=now)
    assert exports(site) == []  # only who asks pays
    assert queries.person_ids(here, now, purpose="P1") == sorted([pat.pk, quinn.pk])
    engine = store.in_full()
    assert isinstance(engine, Distributed)
    assert (engine.version, exports(site)) == (version.number, [str(version.number)])
    assert store.in_full() is engine

    type(quinn).objects.filter(pk=quinn.pk).update(zip5="02139")
    newer = sync.refresh(now=now + timedelta(minutes=1))
    assert queries.person_ids(here, now, purpose="P1") == [pat.pk]
    assert store.in_full().version == newer.number
    assert len(exports(site)) == 2


def test_no_export_from_before_an_erasure_stays(site, now):
    pat = people_cast.pat()
    people_cast.quinn()
    sync.refresh(now=now)
    store.in_full()
    assert len(exports(site)) == 1
    with transaction.atomic():
        erasing.erase(erasing.known_by([pat.pk]), now=now)
    sync.refresh(now=now + timedelta(minutes=1))
    assert exports(site) == []
    assert store.in_full().count(All(), queries.day_of(now)) == 1


def test_a_version_that_went_away_while_it_was_exported_is_not_kept(site, now, monkeypatch):
    people_cast.pat()
    first = sync.refresh(now=now)
    export = exported.export

    def slow(*words: Any, **named: Any) -> Any:
        done = export(*words, **named)
        if exports(site) == [str(first.number)]:
            sync.rebuild(now=now)  # what stands alone takes older copies with it
        return done

    monkeypatch.setattr(exported, "export", slow)
    engine = store.in_full()
    assert engine.version > first.number
    assert exports(site) == [str(engine.version)]


def test_a_site_that_names_a_cluster_must_name_a_folder_whose_store_encrypts(site, now):
    people_cast.pat()
    sync.refresh(now=now)
    site.ANALYTICS_STORE_ENCRYPTED = False
    with pytest.raises(exported.StoreNotEncrypted):
        store.in_full()
    site.ANALYTICS_FOLDER = ""
    with pytest.raises(ImproperlyConfigured, match="RAPPORT_ANALYTICS_FOLDER"):
        store.in_full()


def test_without_pyspark_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(distributed.NoSpark, match=r"rapport\[spark\]"):
        distributed.connect("spark://head:7077")
