"""Random definitions and random people: the compiled statement, the bitmaps and the reference engine say the same.

Four parts, so that the workers share them, of 200 definitions each; `SEGMENT_DEFINITIONS=5000` asks more. That the strategies use
every word of the language is proven apart, by drawing alone.
"""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from rapport.segments import compiler, memory
from rapport.segments.columnar import Snapshot
from rapport.segments.language import parse, say, to_json, walk
from tests.segments import coverage, worlds
from tests.segments.definitions import definitions

PARTS, ASKED = 4, 10
WORLDS = int(os.environ.get("SEGMENT_DEFINITIONS", "800")) // (PARTS * ASKED)
DRAWN = 250
HANDLE = worlds.InMemory()
relaxed = settings(
    max_examples=WORLDS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_engine_gives_the_answer_of_the_reference_engine(part):
    answers: Counter[str] = Counter()

    @seed(part)
    @relaxed
    @given(scene=worlds.scenes(), asked=st.lists(definitions, min_size=ASKED, max_size=ASKED))
    def compare(scene, asked):
        world, as_of = scene
        snapshot = Snapshot(HANDLE.hold(world), 1)
        for node in asked:
            expected = sorted(memory.answer(node, world, as_of))
            statement = snapshot.people(node, as_of)
            assert statement == expected, compiler.sql(compiler.compile(node, as_of))
            assert snapshot.members(node, as_of) == expected, to_json(node)
            answers["somebody" if expected else "nobody"] += 1
            answers["not everybody"] += 0 < len(expected) < len(memory.answer(parse(EVERYBODY), world, as_of))
        part_of_it = asked[0]
        assert snapshot.counts(part_of_it, as_of) == {
            path: len(memory.answer(one, world, as_of)) for path, one in walk(part_of_it)
        }

    compare()
    assert answers["somebody"] + answers["nobody"] >= WORLDS * ASKED
    assert answers["not everybody"] >= WORLDS / 2, answers


def test_the_strategies_draw_every_word_of_the_language():
    words: Counter[str] = Counter()

    @seed(0)
    @settings(relaxed, max_examples=DRAWN, phases=[Phase.generate])
    @given(asked=st.lists(definitions, min_size=ASKED, max_size=ASKED))
    def draw(asked):
        for node in asked:
            words.update(coverage.used(node))

    draw()
    seldom = {word: words[word] for word in coverage.expected() if words[word] < 3}
    assert not seldom, seldom


EVERYBODY = '{"version": 1, "who": {"is": "all"}}'


@seed(1)
@settings(relaxed, max_examples=60)
@given(asked=st.lists(definitions, min_size=ASKED, max_size=ASKED))
def test_a_definition_survives_being_written_and_read(asked):
    for node in asked:
        assert parse(to_json(node)) == node
        assert to_json(parse(to_json(node))) == to_json(node)


@seed(2)
@settings(relaxed, max_examples=60)
@given(asked=st.lists(definitions, min_size=ASKED, max_size=ASKED))
def test_every_definition_says_itself_in_both_languages(asked):
    for node in asked:
        for language in ("en", "es"):
            said = say(node, language)
            assert said.endswith(".")
            assert "{" not in said
            assert "  " not in said
