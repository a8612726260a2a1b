"""Whatever is written into a text of a definition stays a text: the corpus goes into every field that takes words."""

from datetime import UTC, date, datetime

import pytest
import sqlglot
from sqlglot import exp

from rapport.segments import compiler, memory
from rapport.segments.builder import draft as drafts
from rapport.segments.columnar import Snapshot
from rapport.segments.days import AsOf
from rapport.segments.language import (
    GROUPS,
    Age,
    All,
    Bucket,
    Capped,
    CodeIs,
    Consented,
    Happened,
    HasCode,
    Held,
    LivesIn,
    LivesWith,
    Misformed,
    Node,
    Observed,
    Sequence,
    Sex,
    Speaks,
    Step,
    TraitIs,
    parse,
    say,
    to_dict,
    to_json,
)  # fmt: skip
from rapport.segments.memory import Event, Profile, Trait, World
from tests.segments.worlds import InMemory

TODAY = AsOf(date(2026, 3, 4))
CORPUS = [
    "'", "''", "';", "' OR '1'='1", "' OR 1=1 --", "'; DROP TABLE event; --", '"', '"; DROP TABLE profile; --', "\\",
    "\\'", "\\' OR 1=1 --",
    "' UNION SELECT pseudonym FROM profile --", "x') OR ('1'='1", "/* */", "/*'*/ OR 1=1", "--", "#", ";", "$1",
    "$$x$$", "?", ":name", "%s", "{0}",
    "%", "_", "*", "[a-z]", "’; DROP TABLE event", "\u2019 OR 1=1", "\uff07 OR 1=1", "E'\\''", "U&'\\0027'", "0x27",
    "CHR(39)", "||", "NULL", "TRUE",
    "1e309", "NaN", "read_csv('/etc/passwd')", "(SELECT 1)", "pseudonym", "\u202e'", "😀'", "Robert'); DROP TABLE people;--", "a" * 40,
]  # fmt: skip


def nodes_with(text: str) -> list[Node]:
    code = (CodeIs(text[:40], text[:40], prefix=True),)
    step = Step("procedure", codes=code, but_not=code)
    return [
        Observed(code, "latest", above=1, unit=text[:30]),
        Observed(code, "all", at_most=1, unit=text[:30]),
        Sequence(step, step, 5, True),
        Happened("procedure", 2, codes=code, but_not=code),
        HasCode(code, but_not=code),
        HasCode(code, active=True, but_not=code, held=Held(at_least=3)),
        TraitIs(text, begins=True, held=Held(at_most=3)),
        LivesWith((TraitIs(text),)),
        All((Bucket("the same" if text == "a" * len(text) else text),)),
        Capped(3, text, (TraitIs(text),)),
        HasCode((CodeIs(text[:40], text[:40]), CodeIs("local", text[:40], prefix=True))),
        HasCode((CodeIs("local", text[:40]),), active=True),
        TraitIs(text),
        TraitIs("x", (text, "other")),
        TraitIs(text, at_least=0.5),
    ]


@pytest.mark.parametrize("text", CORPUS)
def test_a_text_reaches_the_statement_only_as_a_literal(text):
    """The parsed statement has exactly the shape it has with a harmless word."""
    for mine, harmless in zip(nodes_with(text), nodes_with("a" * len(text)), strict=True):
        whole = lambda node: compiler.compile(node, TODAY)  # noqa: E731
        alone = (lambda node: compiler.leaf_set(node, TODAY), lambda node: compiler.evidence(node, 1, TODAY))
        for build in (whole, *(() if isinstance(mine, GROUPS) else alone)):
            found = sqlglot.parse(compiler.sql(build(mine)), dialect="duckdb")
            assert len(found) == 1
            assert shape(found[0]) == shape(sqlglot.parse_one(compiler.sql(build(harmless)), dialect="duckdb"))


def shape(statement: exp.Expression) -> list[tuple]:
    return [
        (type(one).__name__, one.name if isinstance(one, exp.Table | exp.Column) else "") for one in statement.walk()
    ]


@pytest.mark.parametrize("text", CORPUS)
def test_the_engine_finds_exactly_the_row_with_this_text(text):
    code = text[:40]
    world = World(
        [Profile(1), Profile(2)],
        [Event(1, 1, "condition", _AT, "local", code), Event(2, 2, "condition", _AT, "local", "harmless")],
        traits=[Trait(1, 1, text[:80], code), Trait(2, 2, "harmless", "harmless")],
    )
    snapshot = Snapshot(HANDLE.hold(world), 1)
    for node in (
        HasCode((CodeIs("local", code),)),
        HasCode((CodeIs("local", code, True),)),
        TraitIs(text[:80]),
        TraitIs(text[:80], (code,)),
    ):
        assert memory.answer(node, world, TODAY) == {1}
        assert snapshot.people(node, TODAY) == [1]
        assert snapshot.members(node, TODAY) == [1]
    assert HANDLE.connection.execute("SELECT count(*) FROM event").fetchone() == (2,)


@pytest.mark.parametrize("text", CORPUS)
def test_choices_zips_and_words_of_the_language_take_no_other_text(text):
    if text == "a" * 40:
        return
    wholes = [
        LivesIn(("01852",)),
        Sex(("F",)),
        Consented("email", "care"),
        Speaks(("en",)),
        HasCode((CodeIs("a", "b"),), kind="condition"),
        Age(1),
    ]
    for node in wholes:
        plain = to_dict(node)["who"]
        for field in plain:
            if field == "codes":
                continue
            value = plain[field]
            plain_copy = {"version": 1, "who": {**plain, field: [text] if isinstance(value, list) else text}}
            with pytest.raises(Misformed):
                parse(plain_copy)


@pytest.mark.parametrize("text", CORPUS)
def test_what_is_typed_into_the_builder_stays_text_too(text):
    for kind, values in {
        "trait_is": {"name": (text,), "one_of": (text,)},
        "has_code": {"codes": (f"local|{text}",), "kind": (text,), "window": (text,), "unit": (text,)},
        "lives_in": {"zips": (text,), "states": (text,)},
        "age": {"at_least": (text,), "on": (text,)},
        "sex": {"one_of": (text,)},
        "encountered": {"how": (text,), "times": (text,), "service_lines": (text,)},
    }.items():
        node, _nodes, _problems = drafts.finish(drafts.Group("all", (drafts.Criterion(kind, values),)))
        assert len(sqlglot.parse(compiler.sql(compiler.compile(node, TODAY)), dialect="duckdb")) == 1
        assert parse(to_json(node)) == node
        assert say(node)


_AT = datetime(2026, 1, 1, tzinfo=UTC)
HANDLE = InMemory()
