"""What a definition names is put in its place: value sets, counties, distances, other segments; names that lead nowhere say where."""

import pytest

from rapport.segments.language import (
    All,
    Any_,
    Capped,
    CodeIs,
    County,
    Happened,
    HasCode,
    Held,
    InSegment,
    LivesIn,
    Misformed,
    Near,
    None_,
    Observed,
    Sequence,
    Sex,
    Step,
    Unresolved,
    resolved,
    walk,
)  # fmt: skip
from rapport.segments.language.resolving import Unknown
from rapport.segments.memory import Profile, World, holds
from tests.segments.test_compiler import TODAY

MAMMOGRAM = (CodeIs("cpt", "77067"), CodeIs("icd10cm", "Z12.3", True))
WOMEN = Sex(("F",))


class Known:
    """A house with one set, one county, one location and a few segments."""

    def __init__(self, **segments) -> None:
        self.segments = {int(name[1:]): meant for name, meant in segments.items()}

    def value_set(self, slug):
        if slug != "mammogram":
            raise Unknown(f"no set {slug}")
        return MAMMOGRAM

    def county(self, county):
        return ("01850", "01852") if county == County("MA", "Middlesex") else ()

    def near(self, near):
        return ("01852", "02139")

    def definition(self, segment):
        if segment not in self.segments:
            raise Unknown(f"no segment {segment}")
        return self.segments[segment]


def test_a_value_set_becomes_its_codes_beside_those_that_are_named():
    own = CodeIs("local", "X")
    for asked in (
        HasCode((own,), value_sets=("mammogram",)), Observed((own,), value_sets=("mammogram",)),
        Happened("procedure", codes=(own,), value_sets=("mammogram",)),
    ):  # fmt: skip
        found = resolved(asked, Known())
        assert found.codes == (own, *MAMMOGRAM)
        assert found.value_sets == ()


def test_both_steps_of_a_sequence_are_resolved():
    step = Step("procedure", value_sets=("mammogram",))
    found = resolved(Sequence(step, step), Known())
    assert found.first.codes == found.then.codes == MAMMOGRAM


def test_counties_and_distances_become_zip_codes_each_once():
    asked = LivesIn(("01852",), ("NH",), (County("MA", "Middlesex"),), (Near(1, 10),))
    assert resolved(asked, Known()) == LivesIn(("01852", "01850", "02139"), ("NH",))


def test_a_place_around_which_nobody_can_live_is_nobody():
    assert resolved(LivesIn(counties=(County("MA", "Nowhere"),)), Known()) == Any_()


def test_another_segment_means_what_it_means_and_a_list_stays_a_list():
    house = Known(s1=WOMEN, s2=All((WOMEN,)), s3=None, s4=Capped(5, "x"))
    assert resolved(InSegment((1,)), house) == WOMEN
    assert resolved(InSegment((2,)), house) == Any_((All((WOMEN,)),))
    assert resolved(InSegment((1, 3, 4)), house) == Any_((WOMEN, InSegment((3, 4))))


def test_how_long_somebody_is_in_is_asked_of_the_record_of_stays():
    asked = InSegment((1,), Held(at_least=30))
    assert resolved(asked, Known(s1=WOMEN)) == asked


def test_paths_stay_where_they_were():
    asked = All((None_((InSegment((2,)), WOMEN)), HasCode(value_sets=("mammogram",))))
    before, after = dict(walk(asked)), dict(walk(resolved(asked, Known(s2=All((WOMEN,))))))
    assert before.keys() <= after.keys()
    assert after[0, 1] == WOMEN


def test_segments_that_name_each_other_in_a_circle_are_refused_with_the_place():
    house = Known(s1=InSegment((2,)), s2=Any_((InSegment((1,)),)))
    with pytest.raises(Misformed, match="circle") as refused:
        resolved(All((WOMEN, InSegment((1,)))), house)
    assert refused.value.place == "Part 2"


def test_the_same_segment_twice_is_no_circle():
    assert resolved(All((InSegment((1,)), InSegment((1,)))), Known(s1=WOMEN)) == All((WOMEN, WOMEN))


@pytest.mark.parametrize("asked", [HasCode(value_sets=("unknown",)), InSegment((9,))])
def test_a_name_that_leads_nowhere_says_where_it_stands(asked):
    with pytest.raises(Misformed, match="no s") as refused:
        resolved(All((WOMEN, None_((asked,)))), Known())
    assert refused.value.place == "Part 2 › part 1"


@pytest.mark.parametrize(
    "asked",
    [HasCode(value_sets=("mammogram",)), LivesIn(near=(Near(1, 5),)), Happened("claim", value_sets=("mammogram",))],
)
def test_an_engine_refuses_what_still_holds_a_name(asked):
    world = World([Profile(1)])
    if isinstance(asked, LivesIn):
        with pytest.raises(Unresolved):
            holds(asked, world.profiles[0], world, TODAY)
    from rapport.segments import compiler

    with pytest.raises(Unresolved):
        compiler.compile(asked, TODAY)
