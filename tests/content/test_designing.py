"""The designer's verbs: keep, undo, publish, leave blocks for code; snippets and brand."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from rapport.content import actions, brands, designing, link_check, render, snippets, starters
from rapport.content.blocks import arrange, kinds
from rapport.content.examples import EXAMPLES
from rapport.content.models import Version
from rapport.content.showing import Condition
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast

pytestmark = pytest.mark.django_db
SAID = designing.Words("A letter from us", "", "")
FOOT = kinds.Footer(reason="You asked for it.")


@pytest.fixture
def piece(ana, now):
    return actions.start(by=ana, name="Walk", topic="health_services", language="en", now=now)


def blocks(*more: kinds.Block) -> kinds.Blocks:
    return arrange.named((*more, kinds.Button(label="Book"), FOOT))


def test_the_last_step_is_taken_back_and_done_again(ana, piece, now):
    first, second = blocks(kinds.Text(html="<p>One</p>")), blocks(kinds.Text(html="<p>Two</p>"))
    designing.keep(by=ana, piece=piece, blocks=first, said=SAID, now=now, step="a")
    designing.keep(by=ana, piece=piece, blocks=second, said=SAID, now=now, step="b")
    assert kinds.read(designing.undo(by=ana, piece=piece, now=now).blocks) == first
    assert kinds.read(designing.undo(by=ana, piece=piece, now=now).blocks) == second


def test_typing_on_in_one_place_is_one_step(ana, piece, now):
    for words in ("start", "A", "Ab", "Abc"):
        step = "" if words == "start" else "block:b1"
        designing.keep(
            by=ana, piece=piece, blocks=blocks(kinds.Text(html=f"<p>{words}</p>")), said=SAID, now=now, step=step
        )
    assert "start" in designing.undo(by=ana, piece=piece, now=now).mjml


def test_a_published_letter_shows_each_person_her_own_blocks(ana, piece, now):
    hola = kinds.Text(html="<p>Hablamos español.</p>", show_when=(Condition("language", ("es",)),))
    made = designing.publish(
        by=ana, piece=piece, blocks=blocks(kinds.Text(html="<p>Hello {{ person.given }}</p>"), hola), said=SAID, now=now
    )
    pat, luis = (render.preview(made, EXAMPLES[name]) for name in ("pat", "luis"))
    assert "Hablamos" not in pat.html + pat.text
    assert "Hablamos" in luis.html
    assert "Hablamos" in luis.text
    assert "show.c0" not in pat.html + pat.text
    assert "Hablamos" not in render.render(made, {}, render.Unsigned()).html, "without an answer a block is left out"


def test_blocks_of_a_published_version_are_frozen_by_the_database(ana, piece, now):
    made = designing.publish(by=SYSTEM, piece=piece, blocks=blocks(kinds.Text(html="<p>x</p>")), said=SAID, now=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=made.pk).update(blocks=[])


def test_a_condition_that_no_purpose_of_the_topic_permits_stops_publishing(ana, piece, now):
    secret = kinds.Text(
        html="<p>x</p>",
        show_when=(Condition("trait", ("yes",), "programme.sud", data_classes=("psychotherapy_notes",)),),
    )
    with pytest.raises(actions.NotPublishable) as refused:
        designing.publish(by=ana, piece=piece, blocks=blocks(secret), said=SAID, now=now)
    assert "some people see" in str(refused.value)


def test_conditions_count_as_use_of_the_record(ana, piece, now):
    asked = kinds.Text(
        html="<p>x</p>", show_when=(Condition("trait", ("open",), "gap.flu", data_classes=("general",)),)
    )
    made = designing.publish(by=ana, piece=piece, blocks=blocks(asked), said=SAID, now=now)
    assert "show:general" in made.fields


def test_a_snippet_changes_drafts_and_never_what_is_published(ana, piece, now):
    snippet = snippets.start(by=ana, name="Hours", language="en", now=now)
    snippets.keep(by=ana, snippet=snippet, blocks=arrange.named((kinds.Text(html="<p>Open till five</p>"),)), now=now)
    made = designing.publish(by=ana, piece=piece, blocks=blocks(kinds.Snippet(slug="hours")), said=SAID, now=now)
    snippets.keep(by=ana, snippet=snippet, blocks=arrange.named((kinds.Text(html="<p>Open till six</p>"),)), now=now)
    made.refresh_from_db()
    assert "till five" in made.html
    assert "till five" in str(snippets.expand(kinds.read(made.blocks))[0])
    draft = designing.keep(by=ana, piece=piece, blocks=designing.blocks_of(made, "en"), said=SAID, now=now)
    assert "till six" in draft.mjml
    assert [(use.piece, use.is_draft) for use in snippets.used_where(snippet)] == [(piece, True)]
    with pytest.raises(snippets.CanNotKeep):
        snippets.remove(by=ana, snippet=snippet, now=now)
    with pytest.raises(snippets.CanNotKeep):
        snippets.keep(by=ana, snippet=snippet, blocks=(kinds.Snippet(slug="hours"),), now=now)


def test_the_last_step_in_a_snippet_is_taken_back(ana, now):
    snippet = snippets.start(by=ana, name="Hours", language="en", now=now)
    first = kinds.read(snippet.blocks)
    snippets.keep(by=ana, snippet=snippet, blocks=(), now=now, step="remove:1")
    assert kinds.read(snippets.undo(by=ana, snippet=snippet, now=now).blocks) == first
    assert kinds.read(snippets.undo(by=ana, snippet=snippet, now=now).blocks) == ()


def test_a_block_is_put_at_a_number_and_the_page_says_where_it_stands(client, ana, piece, now):
    three = blocks(kinds.Heading(text="One"), kinds.Text(html="<p>Two</p>"))
    designing.keep(by=ana, piece=piece, blocks=three, said=SAID, now=now)
    client.force_login(ana)
    asked = {"do": "place", "block": "b1", "at": "2"}
    html = client.post("/content/piece/walk/design/", asked, headers={"HX-Request": "true"}).content.decode()
    assert "Heading: number 3 of 4." in html
    draft = Version.objects.get(piece=piece)
    assert [one["id"] for one in draft.blocks] == ["b2", "b3", "b1", "b4"]
    for at in ("99", "x", "-1"):
        client.post("/content/piece/walk/design/", {**asked, "at": at})
    draft.refresh_from_db()
    assert draft.blocks[0]["id"] == "b1"
    gone = client.post("/content/piece/walk/design/", {"do": "remove", "block": "b2"}, headers={"HX-Request": "true"})
    assert "Text was removed. Undo brings it back." in gone.content.decode()


def test_who_is_looked_for_stands_in_no_address_and_looking_keeps_nothing(client, ana, piece, now):
    designing.keep(by=ana, piece=piece, blocks=blocks(kinds.Text(html="<p>Two</p>")), said=SAID, now=now)
    rosa, before = people_cast.person(given="Rosalind", birth_date=date(1970, 5, 17)), Version.objects.get(piece=piece)
    client.force_login(ana)
    here = "/content/piece/walk/design/"
    assert f"person:{rosa.pk}" not in client.get(f"{here}?part=look&find=Rosalind").content.decode()
    page = client.get(here).content.decode()
    view = page[page.index('<form id="view"') :].partition("</form>")[0]
    assert "hx-get" not in view
    assert view.count(f'hx-post="{here}?part=look"') == 2
    asked = {"find": "Rosalind", "as": "pat", "face": "phone"}
    typed = {"HX-Request": "true", "HX-Trigger-Name": "find"}
    found = client.post(f"{here}?part=look", asked, headers=typed).content.decode()
    assert found.strip().startswith('<div id="look"')
    assert f'value="person:{rosa.pk}"' in found
    assert 'data-face="phone"' in found
    assert client.post(f"{here}?part=look", asked).status_code == 200  # without a script the page itself
    chosen = asked | {"as": f"person:{rosa.pk}"}
    closed = client.post(f"{here}?part=look", chosen, headers={"HX-Request": "true"})
    assert "Rosalind" not in closed.content.decode()
    after = Version.objects.get(piece=piece)
    assert (after.blocks, after.pk) == (before.blocks, before.pk)
    assert AuditEntry.objects.filter(verb="people.search", actor=ana).count() == 2


def test_code_written_by_hand_ends_the_blocks(ana, piece, now):
    designing.keep(by=ana, piece=piece, blocks=blocks(), said=SAID, now=now)
    opened = designing.open_as_code(by=ana, piece=piece, now=now)
    assert opened.blocks == []
    assert "mj-button" in opened.mjml


def test_an_unreadable_brand_is_refused_and_a_new_one_is_worn(ana, piece, now):
    said = {
        "accent": "#1d4f91",
        "ground": "#eef2f1",
        "ink": "#26323a",
        "font": "serif",
        "footer": "",
        "identification": "Riverbend",
    }
    brands.change(by=ana, said=said, logo=None, now=now)
    assert "#1d4f91" in designing.keep(by=ana, piece=piece, blocks=blocks(), said=SAID, now=now).mjml
    with pytest.raises(brands.CanNotBeRead):
        brands.change(by=ana, said=said | {"accent": "#f5e663"}, logo=None, now=now)


def test_every_link_is_judged_without_fetching_it(settings):
    settings.PUBLIC_URL = "https://crm.clinic.example"
    html = (
        '<a href="{{ links.book }}">Book</a><a href="http://a.example">Old</a><a href="https://crm.clinic.example/nowhere/at/all">Ours</a>'
        '<a href="https://crm.clinic.example/content/">Ours too</a><a href="https://b.example/x">click here</a><a href="https://c.example"></a>'
        '<a href="https://nonsense">N</a>'
    )
    assert [one.severity for one in link_check.check(html)] == ["", "error", "error", "", "warning", "error", "error"]


def test_all_starters_are_published_without_a_finding_and_loading_again_changes_nothing(now, ana):
    first = starters.load(by=ana, now=now, everything=True)
    assert len(first) == len(starters.every())
    again = starters.load(by=ana, now=now, everything=True)
    assert {slug: one.pk for slug, one in first.items()} == {slug: one.pk for slug, one in again.items()}
