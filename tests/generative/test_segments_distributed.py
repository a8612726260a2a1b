"""Random definitions over one large random world: the cluster, the columnar engine and the reference engine say the same."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rapport.segments import compiler, exported, memory
from rapport.segments.columnar import Snapshot
from rapport.segments.days import AsOf
from rapport.segments.distributed import DIALECT, Distributed, Question
from rapport.segments.language import GROUPS, LEAVES, walk
from rapport.segments.memory import World
from tests.segments import cluster, worlds
from tests.segments.definitions import definitions

DAYS, WORLDS_A_DAY = 5, 10
DEFINITIONS, A_JOB = 300, 15
APART = 1_000  # between the numbers of one small world and the next
OWN = ("id", "pseudonym", "household_id")


@dataclass(frozen=True)
class Stage:
    """One world in three engines, and what they are asked."""

    world: World
    snapshot: Snapshot
    session: Any
    spark: Distributed
    questions: list[Question]


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("distributed")
    days = drawn(st.lists(worlds.as_ofs, min_size=DAYS, max_size=DAYS, unique=True), 20)[-1]
    world = joined([one for day in days for one in drawn(worlds.worlds(day), WORLDS_A_DAY)])
    asked = drawn(definitions, DEFINITIONS)
    snapshot = Snapshot(worlds.InMemory().hold(world), 1)
    place = exported.export(snapshot, folder / exported.name(1, "a"), store_encrypts=True, rows_a_file=150)
    with cluster.running(folder) as session:
        spark = Distributed(session, place.as_uri(), exported.tables(snapshot.handle.cursor()))
        questions = [(node, days[number % DAYS]) for number, node in enumerate(asked)]
        yield Stage(world, snapshot, session, spark, questions)


def drawn(strategy: st.SearchStrategy, many: int) -> list:
    """The same examples in every run."""
    found: list = []

    @settings(
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


def joined(parts: list[World]) -> World:
    """One world of all the people of many. Their numbers are moved apart."""

    def moved(row: Any, by: int) -> Any:
        return replace(row, **{one.name: getattr(row, one.name) + by for one in fields(row) if one.name in OWN})

    return World(**{
        table.name: [moved(row, APART * number) for number, part in enumerate(parts) for row in getattr(part, table.name)]
        for table in fields(World)
    })  # fmt: skip


def test_a_cluster_gives_the_answers_of_the_other_two_engines(stage):
    answered: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for start in range(0, len(stage.questions), A_JOB):
        job = stage.questions[start : start + A_JOB]
        for (node, as_of), found in zip(job, stage.spark.answers(job), strict=True):
            expected = sorted(memory.answer(node, stage.world, as_of))
            assert found == expected, compiler.sql(compiler.compile(node, as_of), DIALECT)
            assert stage.snapshot.people(node, as_of) == expected
            answered[
                "everybody" if len(expected) == len(stage.world.profiles) else "some" if expected else "nobody"
            ] += 1
            asked.update({type(part).__name__ for _path, part in walk(node)})
    assert sum(answered.values()) >= 0.9 * DEFINITIONS
    assert answered["some"] >= DEFINITIONS / 3
    rare = {kind.__name__: asked[kind.__name__] for kind in (*LEAVES, *GROUPS) if asked[kind.__name__] < 5}
    assert not rare, rare


def test_one_question_gives_its_people_and_their_number(stage):
    for node, as_of in stage.questions[-3:]:
        people = stage.spark.people(node, as_of)
        assert people == stage.snapshot.people(node, as_of)
        assert stage.spark.count(node, as_of) == len(people) == stage.snapshot.count(node, as_of)
    assert stage.spark.answers([]) == []


def test_several_processes_did_the_work(stage):
    stage.spark.answers(stage.questions[:A_JOB])
    executors = stage.session.sparkContext._jsc.sc().statusStore().executorList(True)
    done = {one.id(): one.completedTasks() for one in map(executors.apply, range(executors.size()))}
    assert done.pop("driver") == 0
    assert len(done) == cluster.EXECUTORS
    assert min(done.values()) > 0, done
    processes = {process for process, words in cluster.processes() if "CoarseGrainedExecutorBackend" in words}
    assert len(processes) == cluster.EXECUTORS


def test_sessions_with_different_versions_do_not_disturb_each_other(stage, tmp_path):
    day = AsOf(worlds.DAYS[0])
    everybody = next(node for node, _day in [(GROUPS[0](()), day)])
    nobody = Snapshot(worlds.InMemory(), 2)
    place = exported.export(nobody, tmp_path / exported.name(2, "a"), store_encrypts=True)
    empty = Distributed(stage.session, place.as_uri(), exported.tables(nobody.handle.cursor()))
    before = stage.spark.people(everybody, day)
    assert empty.people(everybody, day) == []
    assert stage.spark.people(everybody, day) == before == stage.snapshot.people(everybody, day) != []
