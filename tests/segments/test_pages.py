"""The list and the builder, as a browser without script uses them and as htmx does."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rapport.people.models import Person
from rapport.segments import actions, sync
from rapport.segments.builder import draft as drafts
from rapport.segments.language import Age, All, Calendar, Encountered, HasCode, LivesIn, Sex, nodes, parse, to_dict
from rapport.segments.membership import full, lists
from rapport.segments.models import CodeName, Segment, SegmentVersion
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.segments.conftest import happen

pytestmark = pytest.mark.usefixtures("warehouse")
VISIT_AT = datetime(2026, 2, 2, 15, 0, tzinfo=UTC)
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def crowd(now):
    """Twelve women, two men; three of the women with a knee that hurts."""
    women = [people_cast.person(sex="F") for _ in range(12)]
    for _ in range(2):
        people_cast.person(sex="M", zip5="02139")
    for woman in women[:3]:
        happen(woman, "condition", VISIT_AT, code_system="icd10cm", code="M17.11", label="Osteoarthritis of right knee")
    sync.refresh(now=now)
    return women


@pytest.fixture
def as_ana(client, ana):
    client.force_login(ana)
    return client


def written(node) -> str:
    return drafts.write(drafts.of_node(node))


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def hidden(response) -> drafts.Group:
    import html

    found = re.search(r'name="definition" value="([^"]*)"', response.content.decode())
    return drafts.read(html.unescape(found[1]))


def test_ana_builds_a_segment_step_by_step_without_script(as_ana, crowd):
    new = reverse("segments:new")
    assert "Everyone is in" in text(as_ana.get(new))
    added = as_ana.post(new, {"definition": written(All()), "do": "add::sex"})
    assert "Choose at least one" in text(added)
    chosen = as_ana.post(
        new, {"definition": drafts.write(hidden(added)), "c-0-here": "1", "c-0-one_of": ["F"], "do": "add::has_code"}
    )
    assert "12 people" in text(chosen)
    found = as_ana.post(
        reverse("segments:codes"), {"path": "1", "s-1-codes": "knee osteo", "field": "codes", "here": new}, **HTMX
    )
    assert "Osteoarthritis of right knee" in text(found)
    value = re.search(r'value="(choose:1:codes:icd10cm[^"]*)"', found.content.decode())[1]
    done = as_ana.post(
        new, {"definition": drafts.write(hidden(chosen)), "c-0-here": "1", "c-0-one_of": ["F"], "do": value}
    )
    assert "People who are women and have the entry Osteoarthritis of right knee (M17.11) on record." in text(done)
    assert "3 people" in text(done)
    saved = as_ana.post(
        reverse("segments:create"), {"definition": drafts.write(hidden(done)), "name": "Sore knees", "purpose": "P2"}
    )
    segment = Segment.objects.get()
    assert saved.headers["Location"] == reverse("segments:one", args=[segment.slug]) == "/segments/sore-knees/"
    assert parse(segment.definition) == All((Sex(("F",)), HasCode((nodes.CodeIs("icd10cm", "M17.11"),))))
    assert segment.created_by.name == "Ana Marsh"
    assert SegmentVersion.objects.get().version == 1
    assert AuditEntry.objects.get(verb="segment.save").details["people"] == 3
    assert "Sore knees" in text(as_ana.get(reverse("segments:index")))


def test_a_live_count_carries_the_number_of_every_node(as_ana, crowd):
    node = All((Sex(("F",)), nodes.Any_((LivesIn(zips=("02139",)), Encountered(at_most=0)))))
    answer = as_ana.post(reverse("segments:new") + "?count", {"definition": written(node)}, **HTMX)
    body = answer.content.decode()
    assert "<html" not in body
    for path, people in {"root": "12", "0": "12", "1": "14", "1-0": "fewer|2", "1-1": "14"}.items():
        assert re.search(rf'id="count-{path}" hx-swap-oob="true">.*?<span>({people})', body, re.S), path


def test_what_was_typed_is_kept_and_explained_when_it_is_wrong(as_ana, crowd):
    wrong = {"definition": written(All((Age(50, 74),))), "c-0-here": "1", "c-0-at_least": "fifty"}
    page = as_ana.post(reverse("segments:new"), wrong)
    assert 'value="fifty"' in page.content.decode()
    assert "“fifty” is not a whole number" in text(page)
    assert as_ana.post(reverse("segments:create"), {**wrong, "name": "X", "purpose": "P2"}).status_code == 422
    assert not Segment.objects.exists()


def test_a_segment_without_a_name_is_not_saved(as_ana, crowd):
    page = as_ana.post(reverse("segments:create"), {"definition": written(Sex(("F",))), "name": "  ", "purpose": "P2"})
    assert page.status_code == 422
    assert "Give the segment a name" in text(page)


def test_a_version_saved_meanwhile_is_not_overwritten(as_ana, ana, crowd, now):
    segment = actions.save(by=ana, now=now, name="Women", node=Sex(("F",)))
    actions.save(by=ana, now=now, name="Women", node=Sex(("F", "O")), segment=segment)
    page = as_ana.post(
        reverse("segments:change", args=[segment.slug]),
        {"definition": written(Sex(("M",))), "name": "Women", "seen_version": "1", "purpose": "P2"},
    )
    assert "Somebody else saved this segment meanwhile" in text(page)
    assert parse(Segment.objects.get().definition) == Sex(("F", "O"))
    assert [one.version for one in SegmentVersion.objects.order_by("version")] == [1, 2]


def test_five_people_are_shown_masked_with_reasons_and_the_look_is_audited(as_ana, crowd):
    knees = All((Sex(("F",)), HasCode((nodes.CodeIs("icd10cm", "M17.11"),))))
    page = as_ana.post(reverse("segments:sample"), {"definition": written(knees)}, **HTMX)
    said = text(page)
    assert said.count("Why is TP in?") == 3
    assert "Have the entry Osteoarthritis" in said
    assert "1 found, the last on Feb 2, 2026" in said
    assert "50–64" in said
    assert not any(one in said for one in ("Testa", "Persona"))
    entry = AuditEntry.objects.get(verb="people.read")
    assert set(entry.person_ids) == {woman.pk for woman in crowd[:3]}


def test_a_protected_code_is_refused_for_our_own_services_and_says_why(as_ana, now):
    """Golden test 14."""
    pat = people_cast.pat()
    happen(
        pat,
        "condition",
        VISIT_AT,
        code_system="icd10cm",
        code="F11.20",
        label="Opioid dependence",
        data_class="sud_part2",
    )
    sync.refresh(now=now)
    asked = {"definition": written(HasCode((nodes.CodeIs("icd10cm", "F11.20"),))), "name": "X", "purpose": "P2"}
    page = as_ana.post(reverse("segments:new"), asked)
    said = text(page)
    assert "Substance use treatment may not be used for “Our own health service”" in said
    assert "F11.20" in said
    assert "US-42CFR2-SUD" in said
    assert "Nobody is counted" in said
    saved = as_ana.post(reverse("segments:create"), asked)
    assert saved.status_code == 422
    assert not Segment.objects.exists()
    assert "Feb 2" not in text(as_ana.post(reverse("segments:sample"), asked, **HTMX))


def test_a_code_that_is_protected_wears_a_lock_in_the_list(as_ana, now):
    happen(people_cast.pat(), "condition", VISIT_AT, code_system="icd10cm", code="F11.20", label="Opioid dependence")
    happen(people_cast.quinn(), "condition", VISIT_AT, code_system="icd10cm", code="M17.11", label="Osteoarthritis")
    sync.refresh(now=now)
    address = reverse("segments:codes")
    locked = text(
        as_ana.post(
            address, {"path": "0", "field": "codes", "s-0-codes": "opioid", "here": "/", "purpose": "P2"}, **HTMX
        )
    )
    assert "Protected." in locked
    assert "Not for this purpose: Substance use treatment may not be used" in locked
    free = text(
        as_ana.post(
            address, {"path": "0", "field": "codes", "s-0-codes": "osteo", "here": "/", "purpose": "P2"}, **HTMX
        )
    )
    assert "Protected." not in free


def test_evidence_of_protected_knowledge_is_masked_where_the_purpose_may_use_it(as_ana, now):
    pat = people_cast.pat()
    happen(pat, "condition", VISIT_AT, code_system="local", code="D1", label="Therapy", data_class="mental_health")
    sync.refresh(now=now)
    asked = {"definition": written(HasCode((nodes.CodeIs("local", "D1"),))), "purpose": "P1"}
    assert "only in words that a clinician has approved" in text(as_ana.post(reverse("segments:new"), asked))
    said = text(as_ana.post(reverse("segments:sample"), asked, **HTMX))
    assert "protected: not shown here" in said
    assert "Feb 2" not in said


def test_those_who_may_not_open_people_see_no_small_number(client, hire, crowd, now):
    from rapport.trust.models import Role

    client.force_login(hire("Ann Alyst", Role.ANALYST))
    men = text(client.post(reverse("segments:new"), {"definition": written(Sex(("M",)))}))
    assert "fewer than 11" in men
    assert not re.search(r"\b2 people", men)
    women = text(client.post(reverse("segments:new"), {"definition": written(Sex(("F",)))}))
    assert "12 people" in women
    everybody = client.post(reverse("segments:new"), {"definition": written(All())})
    assert "Groups of fewer than 11 people are not shown" in text(everybody)
    assert client.post(reverse("segments:sample"), {"definition": written(Sex(("M",)))}).status_code == 403


def test_who_has_no_right_to_segments_gets_none(client, zoe, bea):
    for user in (zoe, bea):
        client.force_login(user)
        assert client.get(reverse("segments:index")).status_code == 403
        assert client.post(reverse("segments:create"), {}).status_code == 403


def test_a_reader_may_look_but_not_save(client, cole, crowd):
    client.force_login(cole)
    assert client.get(reverse("segments:new")).status_code == 200
    assert client.post(reverse("segments:create"), {"definition": written(All()), "name": "X"}).status_code == 403


@pytest.mark.parametrize(
    "garbage", ["{", '{"type":"group","how":"all","of":[{"type":"criterion","kind":"nope"}]}', "[" * 9_000, '{"x":1}']
)
def test_a_form_that_cannot_be_read_begins_anew_with_a_word_about_it(as_ana, garbage):
    page = as_ana.post(reverse("segments:new"), {"definition": garbage})
    assert page.status_code == 200
    assert "can&#39;t be read" in page.content.decode()


def test_the_builder_opens_before_there_is_a_warehouse(as_ana):
    assert "being built" in text(as_ana.get(reverse("segments:new")))
    assert Person.objects.count() == 0


def test_what_no_form_can_show_stands_there_as_its_sentence_and_is_saved_as_it_was(as_ana, ana, crowd, now):
    kept = nodes.KnownSince(Calendar("month", -7))
    segment = actions.save(by=ana, now=now, name="Odd", node=All((Sex(("F",)), nodes.None_((kept,)))))
    address = reverse("segments:one", args=[segment.slug])
    page = as_ana.get(address)
    assert "Came into our records in the calendar month, 7 months back" in text(page)
    assert "It counts and is saved as it is" in text(page)
    assert "12 people" in text(page)
    saved = as_ana.post(
        reverse("segments:change", args=[segment.slug]),
        {
            "definition": drafts.write(hidden(page)),
            "name": "Odd",
            "purpose": "P2",
            "seen_version": "1",
            "c-0-here": "1",
            "c-0-one_of": "F",
        },
    )
    assert saved.status_code == 302
    assert Segment.objects.get().version == 1, "nothing was changed, so there is no new version"
    assert parse(Segment.objects.get().definition) == All((Sex(("F",)), nodes.None_((kept,))))


def test_a_segment_of_another_program_can_be_looked_at_and_not_overwritten(as_ana, ana, crowd, now):
    segment = actions.save(by=ana, now=now, name="From elsewhere", node=Sex(("F",)))
    Segment.objects.update(definition={"version": 1, "who": {"is": "what is to come"}})
    page = as_ana.get(reverse("segments:one", args=[segment.slug]))
    assert "is no word of the language" in text(page)
    assert ">Save<" not in page.content.decode()


def test_a_cap_draws_the_same_people_each_time_it_is_saved(as_ana, crowd):
    post = {
        "definition": written(Sex(("F",))),
        "name": "Some",
        "purpose": "P2",
        "c-0-here": "1",
        "c-0-one_of": ["F"],
        "c--most": "5",
    }
    assert "at most 5 of them, chosen at random" in text(as_ana.post(reverse("segments:new"), post))
    assert as_ana.post(reverse("segments:create"), post).status_code == 302
    segment = Segment.objects.get()
    drawn = parse(segment.definition)
    assert (drawn.most, drawn.of) == (5, (Sex(("F",)),))
    again = {
        **post,
        "definition": drafts.write(hidden(as_ana.get(reverse("segments:one", args=[segment.slug])))),
        "seen_version": "1",
    }
    assert as_ana.post(reverse("segments:change", args=[segment.slug]), again).status_code == 302
    assert Segment.objects.get().version == 1


def test_a_cap_that_is_no_number_says_so_and_is_not_saved(as_ana, crowd):
    post = {"definition": written(Sex(("F",))), "name": "Some", "purpose": "P2", "c--most": "a few"}
    assert "in digits, for example 500" in text(as_ana.post(reverse("segments:new"), post))
    assert as_ana.post(reverse("segments:create"), post).status_code == 422


def test_counties_and_value_sets_are_found_by_words(as_ana, crowd):
    address = reverse("segments:codes")
    counties = as_ana.post(
        address, {"path": "0", "field": "counties", "s-0-counties": "middlesex ma", "here": "/"}, **HTMX
    )
    assert "Middlesex County, MA" in text(counties)
    assert 'value="choose:0:counties:MA|Middlesex County"' in counties.content.decode()
    sets = as_ana.post(address, {"path": "0", "field": "codes", "s-0-codes": "mammogram", "here": "/"}, **HTMX)
    assert 'value="choose:0:codes:|mammogram"' in sets.content.decode()
    exceptions = as_ana.post(
        address, {"path": "0", "field": "but_not", "s-0-but_not": "mammogram", "here": "/"}, **HTMX
    )
    assert "choose:0:but_not:|" not in exceptions.content.decode()


def test_other_segments_that_hold_the_same_people_are_told_without_small_cells(as_ana, client, hire, ana, crowd, now):
    from rapport.trust.models import Role

    actions.save(by=ana, now=now, name="Women", node=Sex(("F",)))
    actions.save(by=ana, now=now, name="Sore knees", node=HasCode((nodes.CodeIs("icd10cm", "M17.11"),)))
    actions.save(by=ana, now=now, name="Far away", node=LivesIn(("99999",)))
    asked = {"definition": written(Sex(("F",))), "purpose": "P2"}
    said = text(as_ana.post(reverse("segments:overlap"), asked, **HTMX))
    assert re.search(r"Women 12 100\.0% 12 .*Sore knees 3 25\.0% 3", said)
    assert "Far away" not in said
    client.force_login(hire("Ann Alyst", Role.ANALYST))
    hidden_ = text(client.post(reverse("segments:overlap"), asked, **HTMX))
    assert re.search(r"Women 12 100\.0% 12 .*Sore knees not shown – not shown", hidden_)


def test_a_number_opens_the_people_behind_it_and_the_look_is_audited(as_ana, client, cole, ana, crowd, now):
    segment = actions.save(by=ana, now=now, name="Women", node=Sex(("F",)))
    address = reverse("segments:people", args=[segment.slug])
    page = as_ana.get(reverse("segments:one", args=[segment.slug]))
    assert f'href="{address}"' in page.content.decode()
    opened = as_ana.get(address)
    assert "12 people in your sight" in text(opened)
    assert all(f"/people/{woman.pk}/" in opened.content.decode() for woman in crowd)
    entry = AuditEntry.objects.get(verb="segment.people")
    assert set(entry.person_ids) == {woman.pk for woman in crowd}
    changed = as_ana.post(
        reverse("segments:one", args=[segment.slug]) + "?count",
        {"definition": written(Sex(("F",))), "c-0-here": "1", "c-0-one_of": "M"}, **HTMX,
    )  # fmt: skip
    assert f'href="{address}"' not in changed.content.decode(), "what is not saved has no page of people"


def test_the_people_of_a_segment_come_page_by_page(as_ana, ana, crowd, now, monkeypatch):
    from rapport.segments import views

    monkeypatch.setattr(views, "PAGE", 5)
    segment = actions.save(by=ana, now=now, name="Women", node=Sex(("F",)))
    address = reverse("segments:people", args=[segment.slug])
    seen = []
    while address:
        page = as_ana.get(address).content.decode()
        seen += [int(one) for one in dict.fromkeys(re.findall(r"/people/(\d+)/", page))]
        further = re.search(r'href="([^"]*\?after=\d+)"', page)
        address = further[1] if further else ""
    assert seen == sorted(woman.pk for woman in crowd)


def test_a_segment_says_which_others_name_it(as_ana, ana, crowd, now):
    women = actions.save(by=ana, now=now, name="Women", node=Sex(("F",)))
    actions.save(by=ana, now=now, name="Not women", node=nodes.None_((nodes.InSegment((women.pk,)),)))
    page = text(as_ana.get(reverse("segments:one", args=[women.slug])))
    assert "Not women Segment that names it" in page


def test_a_list_is_shown_with_its_people_and_is_no_question(as_ana, ana, crowd, now):
    women = actions.save(by=ana, now=now, name="Women", node=Sex(("F",)))
    full.refresh_due(now=now)
    made = lists.freeze(by=ana, segment=women, name="Guests", now=now)
    sync.refresh(now=now)
    page = as_ana.get(reverse("segments:one", args=[made.slug]))
    assert "This is a list" in text(page)
    assert "Add a criterion" not in text(page)
    assert "12 of 14 living people" in text(page)
    renamed = as_ana.post(
        reverse("segments:change", args=[made.slug]),
        {"definition": drafts.write(hidden(page)), "name": "Our guests", "purpose": "P2", "seen_version": str(made.version)},
    )  # fmt: skip
    assert renamed.status_code == 302
    assert Segment.objects.get(pk=made.pk).name == "Our guests"
    copied = as_ana.get(reverse("segments:new"), {"copy": made.slug})
    assert "In another segment" in text(copied)


def test_evidence_is_said_in_words_and_never_with_a_year_of_birth(as_ana, crowd, now):
    node = All((
        nodes.Anniversary("birth_month", Calendar("year", 0)), nodes.Speaks(("en",)), Sex(("F",)), nodes.Bucket("x"),
        nodes.IsKnown("birth_month"),
    ))  # fmt: skip
    said = text(as_ana.post(reverse("segments:sample"), {"definition": written(node)}, **HTMX))
    assert "May" in said
    assert "1970" not in said
    assert "English" in said
    assert "Woman" in said


def test_a_keystroke_asks_for_nothing_that_only_the_fields_need(as_ana, crowd, now):
    node = All((
        nodes.InSegment((1,)), nodes.Happened("booked"), nodes.TraitIs("gap.", begins=True),
        HasCode((nodes.CodeIs("icd10cm", "M17.11"),)), Encountered(locations=(1,)),
    ))  # fmt: skip
    asked = {"definition": written(node)}
    address = reverse("segments:new") + "?count"
    as_ana.post(address, asked, **HTMX)
    with CaptureQueriesContext(connection) as few:
        as_ana.post(address, asked, **HTMX)
    CodeName.objects.bulk_create(
        CodeName(
            kind="condition",
            code_system="icd10cm",
            code=f"M{number:04}",
            label=f"Number {number}",
            data_class="general",
        )
        for number in range(300)
    )
    for number in range(30):
        Segment.objects.create(
            slug=f"s{number}", name=str(number), definition=to_dict(Sex(("F",))), created_at=now, changed_at=now
        )
    with CaptureQueriesContext(connection) as many:
        as_ana.post(address, asked, **HTMX)
    assert len(many) == len(few)
    assert not [one["sql"] for one in many if "segments_codename" in one["sql"] and "IN (" not in one["sql"]]
