"""Random definitions and random people: the compiled statement, the bitmaps and the reference engine say the same."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.segments import compiler, memory
from rapport.segments.columnar import Snapshot
from rapport.segments.language import GROUPS, LEAVES, nodes, parse, say, to_json, walk
from tests.segments import worlds

EXAMPLES, A_WORLD = 90, 6  # 90 worlds x 6 definitions
HANDLE = worlds.InMemory()
relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

compared: Counter[str] = Counter()
answers: Counter[str] = Counter()


@relaxed
@given(scene=worlds.scenes(), asked=st.lists(worlds.definitions, min_size=A_WORLD, max_size=A_WORLD))
def test_every_engine_gives_the_answer_of_the_reference_engine(scene, asked):
    world, as_of = scene
    snapshot = Snapshot(HANDLE.hold(world), 1)
    for node in asked:
        expected = memory.answer(node, world, as_of)
        statement = snapshot.people(node, as_of)
        assert sorted(statement) == sorted(expected), compiler.sql(compiler.compile(node, as_of))
        assert len(statement) == len(set(statement))
        assert snapshot.members(node, as_of) == sorted(expected)
        assert snapshot.count(node, as_of) == len(expected)
        assert snapshot.counts(node, as_of) == {
            path: len(memory.answer(part, world, as_of)) for path, part in walk(node)
        }
        answers["somebody" if expected else "nobody"] += 1
        _note(node)


def test_the_comparison_covered_every_operator_often_enough():
    """Runs after the comparison, in the same file and process, and looks at what it really compared."""
    if not compared:
        test_every_engine_gives_the_answer_of_the_reference_engine()
    kinds = [kind.__name__ for kind in (*LEAVES, *GROUPS)]
    options = [
        "window none", "window Last", "window Next", "window Between", "unit day", "unit month", "unit year", "active", "not active",
        "prefix", "whole code", "at most", "none at all", "at least many", "an age on a day", "words", "a range", "a state", "a whole zip",
        "part of a zip", "granted", "withdrawn", "depth 3", "an empty group",
    ]  # fmt: skip
    missing = {name: compared[name] for name in [*kinds, *options] if compared[name] < 10}
    assert not missing, missing
    assert sum(answers.values()) >= 500
    assert answers["somebody"] >= 100
    assert answers["nobody"] >= 20


@relaxed
@given(node=worlds.definitions)
def test_a_definition_survives_being_written_and_read(node):
    assert parse(to_json(node)) == node
    assert to_json(parse(to_json(node))) == to_json(node)


@relaxed
@given(node=worlds.definitions)
def test_every_definition_says_itself_in_both_languages(node):
    for language in ("en", "es"):
        said = say(node, language)
        assert said.endswith(".")
        assert "{" not in said


def _note(root) -> None:
    for path, node in walk(root):
        compared[type(node).__name__] += 1
        compared["depth 3"] += len(path) >= 3
        compared["an empty group"] += isinstance(node, GROUPS) and not node.of
        if hasattr(node, "within"):
            compared[f"window {type(node.within).__name__ if node.within else 'none'}"] += 1
            compared[f"unit {getattr(node.within, 'unit', '')}"] += 1
        _note_options(node)


def _note_options(node) -> None:
    match node:
        case nodes.HasCode():
            compared["active" if node.active else "not active"] += 1
            compared["prefix"] += any(one.prefix for one in node.codes)
            compared["whole code"] += any(not one.prefix for one in node.codes)
        case nodes.Encountered() | nodes.Happened():
            compared["at most"] += bool(node.at_most)
            compared["none at all"] += node.at_most == 0
            compared["at least many"] += (node.at_least or 0) > 1
        case nodes.Age():
            compared["an age on a day"] += node.on is not None
        case nodes.TraitIs():
            compared["words"] += bool(node.one_of)
            compared["a range"] += node.at_least is not None or node.at_most is not None
        case nodes.LivesIn():
            compared["a state"] += bool(node.states)
            compared["a whole zip"] += any(len(one) == 5 for one in node.zips)
            compared["part of a zip"] += any(len(one) < 5 for one in node.zips)
        case nodes.Consented():
            compared[node.status] += 1
