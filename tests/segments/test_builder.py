"""The builder's way between definitions and forms: whatever is opened is saved as it was."""

import msgspec
import pytest
from django.http import QueryDict
from hypothesis import given, settings

from rapport.segments.builder import draft as drafts
from rapport.segments.builder import form, kinds
from rapport.segments.fields import OFFERED, Choices, fields_of
from rapport.segments.language import (
    LEAVES,
    All,
    Any_,
    Between,
    Bucket,
    Calendar,
    Capped,
    CodeIs,
    County,
    HasCode,
    Held,
    KnownSince,
    Last,
    LivesIn,
    LivesWith,
    Near,
    None_,
    RelativeDay,
    Sex,
    TraitIs,
    nodes,
    to_json,
)  # fmt: skip
from tests.segments import definitions

WOMEN = Sex(("F",))


def opened(node):
    return drafts.read(drafts.write(drafts.of_node(node)))


@settings(max_examples=400, deadline=None)
@given(definitions.definitions)
def test_a_definition_that_is_opened_and_saved_is_the_same(node):
    finished, _nodes, problems = drafts.finish(opened(node))
    assert to_json(finished) == to_json(node)
    assert problems == {}


def sent(draft, choices=None):
    """The form as a browser sends it when nobody has touched it: every field, also those that are hidden just now."""
    choices = choices or Choices()
    post = QueryDict(mutable=True)
    post["definition"] = drafts.write(draft)
    for path, part in drafts.walk(draft):
        prefix = form.prefix_of(path)
        if isinstance(part, drafts.Group):
            post[f"c-{prefix}-how"] = part.how
            if not path:
                post["c--most"] = part.most
        elif part.kind != kinds.KEPT:
            post[f"c-{prefix}-here"] = "1"
            for field in flat(fields_of(part, choices)):
                post.setlist(f"c-{prefix}-{field.name}", in_browser(field))
    return form.drafted(post)


def flat(fields):
    return [deep for one in fields for deep in (flat(one.inner) if one.inner else [one])]


def in_browser(field):
    match field.type:
        case "picker":
            return []
        case "many":
            return [key for key, _words in field.choices if key in field.values]
        case "choice":
            assert field.value in dict(field.choices), field
            return [field.value]
        case "flag":
            return ["on"] if field.value else []
    return [field.value]


@settings(max_examples=200, deadline=None)
@given(definitions.definitions)
def test_a_form_that_nobody_touched_sends_back_what_it_was_opened_with(node):
    finished, _nodes, problems = drafts.finish(sent(opened(node)))
    assert to_json(finished) == to_json(node)
    assert problems == {}


@settings(max_examples=300, deadline=None)
@given(definitions.leaves)
def test_every_field_of_a_criterion_stands_on_the_screen_once(node):
    kind, values = kinds.typed(node)
    if kind != kinds.KEPT:
        shown = [one.name for one in flat(fields_of(drafts.Criterion(kind, values), Choices()))]
        assert sorted(shown) == sorted(kinds.KINDS[kind].fields)


SHOWN = [
    HasCode((CodeIs("icd10cm", "M17", True),), "condition", Last(2, "quarter"), value_sets=("mammogram",), but_not=(CodeIs("x", "y"),)),
    HasCode((CodeIs("icd10cm", "M17"),), active=True, held=Held(at_least=30)),
    LivesIn(("01852",), ("MA",), (County("MA", "Middlesex"),), (Near(1, 12.5), Near(2, 12.5))),
    KnownSince(Between(until=RelativeDay(-27, "month"))),
    KnownSince(Between(RelativeDay(-4, "week"), RelativeDay(-2, "week"))),
    KnownSince(Between(RelativeDay(2, "day"), RelativeDay(4, "day"))),
    *(KnownSince(Calendar(period, offset)) for period in ("week", "month", "quarter", "year") for offset in (-1, 0, 1)),
    nodes.Anniversary("birth_month", Calendar("month", 1)),
    nodes.Age(18, on=RelativeDay(1, "month", "month")),
    nodes.Observed((CodeIs("loinc", "4548-4"),), "any", above=9.0, unit="%", within=Last(1, "year")),
    nodes.Sequence(
        nodes.Step("encounter", service_lines=(3, 1), value_sets=("knee-pain",)), nodes.Step("booked", locations=(2,)), 14, True,
        Last(90),
    ),
    nodes.Money("margin", -20.0, 1e6, (1,), Calendar("year", -1)),
    nodes.HasAppointment("past", 1, None, ("noshow",), (), (4,), Last(1, "month")),
    nodes.Insured(("medicaid", "medicare")),
    nodes.Wishes(("paused",)),
    nodes.HouseholdSize(2, None),
    nodes.InSegment((7, 3), Held(at_least=90)),
    nodes.IsKnown("household"),
    TraitIs("gap.", ("open",), begins=True),
    TraitIs("gap.mammogram", ("open",), held=Held(at_least=14)),
    TraitIs("score.no_show", (), 0.3),
    TraitIs("persona", ("careful planner",)),
    TraitIs("plan.x", at_least=0.005),
    Bucket("pilot", 0, 999),
    Bucket("pilot", 1_000, 1_249),
    LivesWith((WOMEN, nodes.Age(None, 17))),
    LivesWith(),
    Capped(500, "pilot", (WOMEN, Any_((nodes.Age(50), None_((WOMEN,)))))),
    Capped(500, "pilot", (Any_((WOMEN, nodes.Age(50))),)),
    Capped(500, "pilot"),
]  # fmt: skip


@pytest.mark.parametrize("node", SHOWN, ids=lambda node: to_json(node)[21:90])
def test_the_form_shows_it_and_keeps_nothing_out_of_sight(node):
    draft = opened(node)
    assert [part for _path, part in drafts.walk(draft) if getattr(part, "kind", "") == kinds.KEPT] == []
    assert drafts.finish(sent(draft))[0] == node


KEPT = [
    Any_(),
    None_(),
    KnownSince(Calendar("month", -7)),
    LivesIn(near=(Near(1, 5), Near(2, 10))),
    HasCode((CodeIs("a|b", "c"),)),
    LivesIn(tuple(f"{number:05}" for number in range(9_000))),
]


@pytest.mark.parametrize("node", KEPT, ids=lambda node: to_json(node)[21:60])
def test_what_no_form_can_show_is_kept_as_it_is(node):
    whole = All((WOMEN, node, nodes.Age(50)))
    draft = opened(whole)
    assert draft.of[1].kind == kinds.KEPT
    assert drafts.finish(sent(draft))[0] == whole
    moved = form.act(draft, "up:1:")
    assert drafts.finish(moved)[0] == All((node, WOMEN, nodes.Age(50)))
    assert drafts.finish(form.act(draft, "remove:1:"))[0] == All((WOMEN, nodes.Age(50)))


def test_a_definition_deeper_than_the_screen_opens_and_is_the_same():
    node = WOMEN
    for _ in range(30):
        node = Any_((node, None_((node,)))) if _ < 2 else All((node,))
    assert drafts.finish(sent(opened(node)))[0] == node


def test_a_lone_criterion_stays_alone_until_another_joins_it():
    draft = opened(WOMEN)
    assert drafts.finish(draft)[0] == WOMEN
    both = form.act(draft, "add::insured")
    assert drafts.finish(both)[0] == All((WOMEN, nodes.Insured()))
    assert drafts.finish(form.act(both, "remove:1:"))[0] == WOMEN


def test_a_cap_is_named_after_what_it_is_drawn_from_and_keeps_its_name():
    draft = msgspec.structs.replace(opened(WOMEN), most="500")
    capped, nodes_, problems = drafts.finish(draft)
    assert isinstance(capped, Capped)
    assert drafts.finish(draft)[0] == capped
    again = opened(capped)
    assert drafts.finish(again)[0] == capped
    changed = drafts.finish(form.act(again, "add::insured"))[0]
    assert changed.name == capped.name
    assert nodes_[()] == WOMEN
    assert problems == {}
    for wrong in ("many", "-1", "1.5", "９", "99999999999"):
        node, _nodes, told = drafts.finish(msgspec.structs.replace(draft, most=wrong))
        assert node == WOMEN
        assert "digits" in told[()]


def test_a_crafted_criterion_that_is_kept_must_be_in_the_language():
    for text in ('{"is":"nope"}', "{", "[]", '{"is":"sex","one_of":["X"]}', '{"is":"all","of":' * 5_000):
        draft = drafts.Group("all", (drafts.Criterion(kinds.KEPT, {"json": (text[:20_000],)}),))
        node, _nodes, problems = drafts.finish(draft)
        assert node == All()
        assert "can't be read" in problems[(0,)]


def test_one_criterion_holds_several_pickers():
    draft = form.act(drafts.Group(), "add::sequence")
    draft = form.act(draft, "choose:0:first_codes:icd10cm|M17|prefix")
    draft = form.act(draft, "choose:0:then_codes:|mammogram")
    draft = form.act(draft, "choose:0:then_but_not:cpt|77067")
    assert form.act(draft, "choose:0:nonsense:a|b") == draft
    assert form.act(draft, "choose:0:days:a|b") == draft
    step = drafts.finish(sent(draft))[0].of[0]
    assert step.first.codes == (CodeIs("icd10cm", "M17", True),)
    assert step.then.value_sets == ("mammogram",)
    assert step.then.but_not == (CodeIs("cpt", "77067"),)
    dropped = form.act(draft, "drop:0:then_codes:|mammogram")
    assert drafts.finish(dropped)[0].of[0].then.value_sets == ()


def test_every_criterion_of_the_language_can_be_added_from_the_menu():
    made = {kinds.KINDS[key].node for _heading, offered in OFFERED for key, *_rest in offered}
    assert made == set(LEAVES)
    assert {key for _heading, offered in OFFERED for key, *_rest in offered} == set(kinds.KINDS)


UNFINISHED = [
    ("age", {"at_least": ("fifty",)}, "not a whole number"),
    ("age", {}, "lowest age"),
    ("age", {"at_least": ("70",), "at_most": ("50",)}, "must not be above"),
    ("lives_in", {"miles": ("5",)}, "Choose the location"),
    ("lives_in", {"near": ("5",)}, "how many miles"),
    ("lives_in", {"near": ("5",), "miles": ("900",)}, "0 to 500 miles"),
    ("lives_in", {"zips": ("1,2",)}, "five digits"),
    ("known_since", {}, "how many days"),
    ("anniversary", {"window": ("ever",)}, "Say when"),
    ("encountered", {"how": ("between",), "times": ("2",)}, "both numbers"),
    ("happened", {"window": ("ago",), "span": ("4",), "span_to": ("2",)}, "smaller number first"),
    ("happened", {"window": ("last",), "span": ("99999",)}, "Check the time"),
    ("money", {}, "amount in dollars"),
    ("bucket", {"share": ("10",)}, "name"),
    ("bucket", {"share": ("90",), "start": ("20",), "name": ("x",)}, "100 percent"),
    ("in_segment", {}, "at least one segment"),
    ("observed", {}, "at least one code"),
    ("gap", {"name": ("score.x",)}, "Choose a trait"),
]


@pytest.mark.parametrize(("kind", "values", "remedy"), UNFINISHED)
def test_what_is_missing_is_said_with_what_to_do(kind, values, remedy):
    node, _nodes, problems = drafts.finish(drafts.Group("all", (drafts.Criterion(kind, values),)))
    assert node == All()
    assert remedy in problems[(0,)]
