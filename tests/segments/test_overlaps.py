"""How many of these people are in other segments too: against sets of people, with small cells and purposes kept."""

import pytest

from rapport.segments import actions, permission, queries, sync
from rapport.segments.language import All, Any_, CodeIs, HasCode, LivesIn, None_, Sex
from rapport.segments.models import Segment
from tests import people_cast
from tests.segments.conftest import happen

KNEES = HasCode((CodeIs("icd10cm", "M17", prefix=True),))
OPIOIDS = HasCode((CodeIs("icd10cm", "F11.20"),))
WOMEN = Sex(("F",))


@pytest.fixture
def crowd(warehouse, now):
    """Thirty women, twenty men; fifteen women and twelve men with a knee, one of all with another thing."""
    women = [people_cast.person(sex="F", zip5="01852") for _ in range(30)]
    men = [people_cast.person(sex="M", zip5="02139") for _ in range(20)]
    for one in (*women[:15], *men[:12]):
        happen(one, "condition", now, code_system="icd10cm", code="M17.11", label="Osteoarthritis")
    happen(women[0], "condition", now, code_system="icd10cm", code="F11.20", label="Opioid dependence")
    sync.refresh(now=now)


@pytest.fixture
def saved(ana, now):
    def save(name, node, purpose="P2"):
        return actions.save(by=ana, now=now, name=name, node=node, purpose=purpose)

    return save


def told(found):
    return [(one.segment.name, one.both, one.of_them) for one in found]


def ask(node, now, *, purpose="P2", may_read_people=True):
    return told(
        queries.overlaps(node, Segment.objects.order_by("name"), now, purpose=purpose, may_read_people=may_read_people)
    )


def test_an_overlap_is_the_people_in_both_and_agrees_with_their_ids(crowd, saved, now):
    parts = {
        "Knees": KNEES, "Men": Sex(("M",)), "Lowell": LivesIn(zips=("01852",)), "All": All(), "Nobody": Any_(),
        "Not knees": None_((KNEES,)),
    }  # fmt: skip
    for name, node in parts.items():
        saved(name, node)
    here = set(queries.person_ids(WOMEN, now, purpose="P2"))
    sets = {name: set(queries.person_ids(node, now, purpose="P2")) for name, node in parts.items()}
    wanted = {name: (len(here & there), len(there)) for name, there in sets.items()}
    found = ask(WOMEN, now)
    assert {name: (both, of_them) for name, both, of_them in found} == wanted
    assert [name for name, *_ in found] == ["All", "Lowell", "Knees", "Not knees", "Men", "Nobody"]


def test_small_cells_are_hidden_and_can_not_be_worked_out(crowd, saved, now):
    saved("Knees", KNEES)
    saved("Men", Sex(("M",)))
    saved("Nearly all", None_((All((WOMEN, OPIOIDS)),)), purpose="P1")
    assert ask(WOMEN, now, may_read_people=False) == [("Knees", 15, 27), ("Men", None, None)]
    # Eight men have no knee: told as 20 men less 12 it would be a small cell.
    assert ask(Sex(("M",)), now, may_read_people=False) == [("Men", 20, 20), ("Knees", None, None)]
    assert ask(Sex(("M",)), now, may_read_people=True) == [("Men", 20, 20), ("Knees", 12, 27)]


def test_what_the_purpose_may_not_use_is_not_compared(crowd, saved, now):
    saved("Knees", KNEES)
    saved("Opioids", OPIOIDS, purpose="P1")
    assert [name for name, *_ in ask(WOMEN, now)] == ["Knees"]
    assert {name for name, *_ in ask(WOMEN, now, purpose="P1")} == {"Knees", "Opioids"}
    with pytest.raises(permission.NotForThisPurpose):
        ask(OPIOIDS, now)


def test_what_can_not_be_read_is_left_out(crowd, saved, now):
    broken = saved("Broken", KNEES)
    Segment.objects.filter(pk=broken.pk).update(definition={"version": 1, "who": {"is": "unheard_of"}})
    assert ask(WOMEN, now) == []
