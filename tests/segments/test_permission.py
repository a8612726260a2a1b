"""Which knowledge may choose people for which purpose: asked when a segment is built and each time it is run."""

import uuid

import pytest

from rapport.directory.models import ServiceLine, ServiceLineRule
from rapport.people.models import Trait
from rapport.segments import actions, history, listing, permission, queries, sync
from rapport.segments.language import (
    Age,
    All,
    CodeIs,
    Encountered,
    HasCode,
    Last,
    Node,
    None_,
    Sex,
    TraitIs,
    to_dict,
)
from rapport.segments.membership import lists
from rapport.segments.models import CodeName, Segment, SegmentCount, SegmentVersion
from tests.segments.conftest import happen

pytestmark = pytest.mark.usefixtures("warehouse")


def code(text: str, *, prefix: bool = False, system: str = "icd10cm") -> HasCode:
    return HasCode((CodeIs(system, text, prefix),))


# What is asked, for which purpose, and the classes it is refused for.
TABLE: list[tuple[str, Node, str, set[str]]] = [
    ("golden 14: a substance use code for our own service", code("F11.20"), "P2", {"sud_part2"}),
    ("golden 1: knees for our own seminar", code("M17.11"), "P2", set()),
    ("a beginning that covers protected codes", code("F", prefix=True), "P2", {"sud_part2", "mental_health"}),
    ("a beginning that covers none", code("M1", prefix=True), "P2", set()),
    ("tobacco is lifted", code("F17.210"), "P2", set()),
    (
        "who has no such code is told by the same knowledge",
        All((Sex(("F",)), None_((code("B20"),)))),
        "P2",
        {"hiv_sti"},
    ),
    ("hospice never chooses for marketing", code("Z51.5"), "P2", {"end_of_life"}),
    ("mental health for care, in words a clinician approved", code("F32.9"), "P1", set()),
    ("any diagnosis for a newsletter", code("M17.11"), "P13", {"general"}),
    ("any diagnosis for a survey", code("M17.11"), "P11", {"general"}),
    ("visits for a survey", Encountered(within=Last(30)), "P11", set()),
    ("age for a newsletter", Age(at_least=18), "P13", set()),
    ("a drug by its code", code("351266", system="rxnorm"), "P2", {"sud_part2"}),
    ("a purpose nobody knows may use nothing", code("M17.11"), "P99", {"general"}),
]


@pytest.mark.parametrize(("node", "purpose", "refused"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_purpose_permits_what_the_rules_say(node, purpose, refused, now):
    judged = permission.judge(node, purpose, on=now.date())
    assert {one.data_class for one in judged.refusals} == refused


def test_a_drug_that_is_delicate_by_its_name_alone_is_known(now):
    CodeName.objects.create(
        kind="medication", code_system="rxnorm", code="99", label="Naltrexone 50 MG", data_class="general"
    )
    judged = permission.judge(code("99", system="rxnorm"), "P2", on=now.date())
    assert [one.data_class for one in judged.refusals] == ["sud_part2"]


def test_a_trait_is_as_delicate_as_it_was_written(pat, now):
    Trait.objects.create(person=pat, name="gap.depression", text="open", data_class="mental_health", source="x", at=now)
    Trait.objects.create(person=pat, name="gap.mammogram", text="open", source="x", at=now)
    sync.refresh(now=now)
    asked = {
        name: permission.judge(TraitIs(name), "P2", on=now.date()).refusals
        for name in ("gap.depression", "gap.mammogram")
    }
    assert [one.data_class for one in asked["gap.depression"]] == ["mental_health"]
    assert asked["gap.mammogram"] == ()


def test_a_service_line_of_protected_codes_alone_is_protected(now):
    line = ServiceLine.objects.create(slug="recovery", name="Recovery")
    ServiceLineRule.objects.create(service_line=line, code_system="icd10cm", code_prefix="F11")
    mixed = ServiceLine.objects.get(slug="womens-health")
    asked = {
        one.slug: permission.judge(Encountered(service_lines=(one.pk,)), "P2", on=now.date()) for one in (line, mixed)
    }
    assert [one.data_class for one in asked["recovery"].refusals] == ["sud_part2"]
    assert asked["womens-health"].refusals == ()


def test_saving_is_refused_with_the_rule_and_nothing_is_kept(ana, now):
    with pytest.raises(permission.NotForThisPurpose, match="US-42CFR2-SUD"):
        actions.save(by=ana, now=now, name="X", node=code("F11.20"), purpose="P2")
    assert not Segment.objects.exists()
    with pytest.raises(actions.Purposeless):
        actions.save(by=ana, now=now, name="X", node=Sex(("F",)), purpose="")


def test_a_segment_from_before_the_rule_is_refused_when_it_is_run(pat, now):
    happen(pat, "condition", now, code_system="icd10cm", code="F11.20")
    sync.refresh(now=now)
    node = code("F11.20")
    with pytest.raises(permission.NotForThisPurpose):
        queries.person_ids(node, now, purpose="P2")
    assert queries.person_ids(node, now, purpose="P1") == [pat.pk]
    Segment.objects.create(slug=str(uuid.uuid4()), name="Old", definition=to_dict(node), created_at=now, changed_at=now)
    history.note_sizes(now=now)
    assert not SegmentCount.objects.exists()


def test_another_purpose_is_a_new_version(ana, now):
    segment = actions.save(by=ana, now=now, name="Knees", node=code("M17.11"))
    changed = actions.save(by=ana, now=now, name="Knees", node=code("M17.11"), purpose="P1", segment=segment)
    assert (changed.version, changed.purpose) == (2, "P1")
    assert list(changed.versions.order_by("version").values_list("purpose", flat=True)) == ["P2", "P1"]


def test_a_list_whose_knowledge_became_protected_shows_nobody(ana, pat, now):
    """What chose its people is asked again each time they are shown, as for every segment."""
    listed = lists.take_sheet(by=ana, text=f"id\n{pat.pk}\n", name="Kept", now=now).segment
    assert listing.list_people(by=ana, segment=listed, now=now).ids == [pat.pk]
    chose = SegmentVersion.objects.create(
        segment=listed, version=9, name="X", purpose="P2", definition=to_dict(code("F11.20")), saved_at=now
    )
    Segment.objects.filter(pk=listed.pk).update(origin=chose)
    listed.refresh_from_db()
    with pytest.raises(permission.NotForThisPurpose):
        listing.list_people(by=ana, segment=listed, now=now)
