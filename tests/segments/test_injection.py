"""Whatever is written into a text of a definition stays a text: the corpus goes into every field that takes words."""

from datetime import UTC, date, datetime

import pytest
import sqlglot
from django.urls import reverse
from sqlglot import exp

from rapport.people.models import Person
from rapport.segments import compiler, memory, store, sync
from rapport.segments.builder import draft as drafts
from rapport.segments.builder import kinds
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
    Last,
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
    leaves,
    nodes,
    parse,
    say,
    to_dict,
    to_json,
)  # fmt: skip
from rapport.segments.language.classes import value_sets_of
from rapport.segments.memory import Event, Profile, Trait, World
from rapport.segments.models import Segment
from tests import people_cast
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


def everywhere(kind: str, text: str) -> drafts.Criterion:
    """The text in every field of a criterion; pickers hold it as code, as system, as value set and as beginning."""
    keys = (f"local|{text}", f"{text}|x", f"|{text}", f"local|{text}|prefix", text)
    picked = kinds.pickers(kind)
    return drafts.Criterion(kind, {name: keys if name in picked else (text,) for name in kinds.KINDS[kind].fields})


def fitting(kind: str, text: str) -> list[drafts.Criterion]:
    """Finished criteria with the text in one field at a time."""
    whole = dict(kinds.typed(EXAMPLES[kind])[1])
    picked = kinds.pickers(kind)
    keys = (f"local|{text[:40]}",)
    return [
        drafts.Criterion(kind, whole | {name: keys if name in picked else (text,)}) for name in kinds.KINDS[kind].fields
    ]


STEP = nodes.Step("encounter", (7,), (1,), (2,), (CodeIs("local", "x"),), (), (CodeIs("local", "y"),), 1.0, 9.0)
EXAMPLES = {
    "age": Age(50, 74), "sex": Sex(("F",)), "speaks": Speaks(("en",)), "anniversary": nodes.Anniversary("birth_month", Last(30)),
    "known_since": nodes.KnownSince(Last(30)), "household_size": nodes.HouseholdSize(2, 4), "is_known": nodes.IsKnown("zip"),
    "lives_in": LivesIn(("01852",), ("MA",)), "at_location": nodes.AtLocation((1,)),
    "has_code": HasCode((CodeIs("local", "x"),), "condition", Last(30)),
    "observed": nodes.Observed((CodeIs("local", "x"),), "any", 1.0, 9.0, unit="mg"), "gap": TraitIs("gap.x", ("open",)),
    "score": TraitIs("score.x", (), 0.3), "pathway": TraitIs("pathway.x", ("a",)), "journey": TraitIs("journey.x", ("a",)),
    "persona": TraitIs("persona", ("a",)), "encountered": nodes.Encountered(1, 2, (1,), (2,), Last(30)),
    "has_appointment": nodes.HasAppointment("past", 1, 2, ("noshow",), (1,), (2,)),
    "happened": nodes.Happened("message_opened", 1, 2, (7,), (1,), Last(30), (2,), (CodeIs("local", "x"),)),
    "sequence": nodes.Sequence(STEP, STEP, 14, True, Last(30)), "money": nodes.Money("payments", 1.0, 9.0, (1,)),
    "insured": nodes.Insured(("medicare",)), "consented": Consented("email", "care"), "wishes": nodes.Wishes(("paused",)),
    "in_segment": nodes.InSegment((1,), Held(30)), "trait_is": TraitIs("x", ("a",)), "bucket": nodes.Bucket("x", 0, 99),
}  # fmt: skip


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_what_is_typed_into_the_builder_stays_text_too(kind):
    for criterion in (one for text in CORPUS for one in (everywhere(kind, text), *fitting(kind, text))):
        node, _nodes, _problems = drafts.finish(drafts.Group("all", (criterion,)))
        assert parse(to_json(node)) == node
        assert say(node)
        for leaf in leaves(node):
            if value_sets_of(leaf) == () and not getattr(leaf, "counties", ()) and not getattr(leaf, "near", ()):
                assert len(sqlglot.parse(compiler.sql(compiler.compile(leaf, TODAY)), dialect="duckdb")) == 1


@pytest.mark.parametrize("text", CORPUS)
def test_the_name_of_a_draw_and_the_cap_stay_text(text):
    node, _nodes, _problems = drafts.finish(drafts.Group("all", (), most="5", name=text))
    assert len(sqlglot.parse(compiler.sql(compiler.compile(node, TODAY)), dialect="duckdb")) == 1
    assert drafts.finish(drafts.Group("all", (), most=text))[0] == All()


def test_every_field_of_the_form_survives_the_corpus(warehouse, client, ana, now):
    """Through the front door: each answer is a page (200) or a refusal (422), and the tables stand as before."""
    people_cast.pat()
    sync.refresh(now=now)
    client.force_login(ana)
    new, create = reverse("segments:new"), reverse("segments:create")
    draft = drafts.Group("all", tuple(drafts.Criterion(kind) for kind in kinds.KINDS))
    names = [f"c-{index}-{name}" for index, kind in enumerate(kinds.KINDS) for name in kinds.KINDS[kind].fields]
    here = {f"c-{index}-here": "1" for index in range(len(kinds.KINDS))}
    for number, text in enumerate(CORPUS):
        typed = dict.fromkeys(names, text) | here | {"c--how": text, "c--most": text}
        whole = tuple(everywhere(kind, text) for kind in kinds.KINDS)
        posts = [
            {"definition": drafts.write(draft), **typed},
            {"definition": drafts.write(drafts.Group("all", whole)), "name": text, "purpose": text},
            {"definition": text, "do": f"add:{text}:{text}", "seen_version": text},
            {"definition": drafts.write(draft), "do": f"choose:9:codes:{text}", "purpose": text},
        ]
        for post in posts:
            assert client.post(f"{new}?count", post, HTTP_HX_REQUEST="true").status_code == 200
        if number % 12 == 0:  # slow pages
            for post in posts:
                assert client.post(new, post).status_code == 200
                assert client.post(create, {"purpose": "P2", **post, "name": text}).status_code == 422
                assert client.post(reverse("segments:sample"), post).status_code == 200
                assert client.post(reverse("segments:overlap"), {**post, "segment": text}).status_code == 200
            assert client.get(new, {"copy": text}).status_code == 200
        for field in ("codes", "counties", text):
            asked = {"path": "0", "field": field, f"s-0-{field[:24]}": text, "c-0-kind": text, "purpose": text}
            assert client.post(reverse("segments:codes"), asked).status_code == 200
    assert Segment.objects.count() == 0
    assert Person.objects.count() == 1
    assert store.snapshot().count(All(), TODAY) == 1


_AT = datetime(2026, 1, 1, tzinfo=UTC)
HANDLE = InMemory()
