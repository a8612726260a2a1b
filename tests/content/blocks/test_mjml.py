"""From blocks to MJML."""

import msgspec
import pytest

from rapport.content import compile as compiler
from rapport.content.block_forms import empty
from rapport.content.blocks import arrange, kinds
from rapport.content.blocks.clean import rich
from rapport.content.blocks.mjml import letter
from rapport.content.brand import Look, contrast, pairs
from rapport.content.showing import Condition

SPANISH = Condition("language", ("es",))
OLD = Condition("age", ("65-",))


def html_of(*blocks: kinds.Block) -> str:
    return compiler.layout(mjml=letter(arrange.named(blocks), Look(), "en"), preheader="", text="").html


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds.KINDS if kind not in {"snippet", "picture", "spacer", "divider"}]
)
def test_every_kind_of_block_shows_its_words(kind):
    block = empty(kind)
    words = next(value for value in _strings(block) if len(value) > 3)
    assert words.replace("<p>", "").replace("</p>", "") in html_of(block)


def test_a_condition_is_asked_once_and_by_its_number():
    blocks = (
        kinds.Text(html="<p>Hola</p>", show_when=(SPANISH,)),
        kinds.Text(html="<p>Both</p>", show_when=(SPANISH, OLD)),
    )
    html = html_of(*blocks)
    assert "{% if show.c0 %}" in html
    assert "{% if show.c0 and show.c1 %}" in html
    assert kinds.conditions(blocks) == (SPANISH, OLD)


def test_a_condition_around_a_section_stands_where_the_plain_text_finds_it():
    blocks = (kinds.Text(html="<p>A</p>"), kinds.Columns(left=kinds.Side(html="<p>L</p>"), show_when=(OLD,)))
    text = compiler.layout(mjml=letter(arrange.named(blocks), Look(), "en"), preheader="", text="").text
    assert text.index("{% if show.c0 %}") < text.index("L") < text.index("{% endif %}")


def test_markup_of_a_marketer_is_words_and_rich_text_keeps_only_what_a_letter_needs():
    html = html_of(
        kinds.Heading(text="<script>x</script> & more"),
        kinds.Text(html="<p onclick=x>a<img src=x><b>b</b></p><style>c</style>"),
    )
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "onclick" not in html
    assert "<strong>b</strong>" in html


def test_rich_text_keeps_merge_fields_and_their_quotes():
    assert rich('<p>Hi {{ person.given | default: "you" }}, <a href="{{ links.book }}">book</a></p>') == (
        '<p>Hi {{ person.given | default: "you" }}, <a href="{{ links.book }}">book</a></p>'
    )
    assert "javascript" not in rich('<a href="javascript:alert(1)">x</a>')


def test_an_address_with_a_quote_does_not_leave_its_attribute():
    made = letter((kinds.Button(label="x", link='https://a.example/" onclick="x'),), Look(), "en")
    assert 'onclick="x"' not in made


def test_stored_blocks_come_back_as_they_were():
    blocks = arrange.named(tuple(empty(kind) for kind in kinds.KINDS))
    assert kinds.read(msgspec.json.decode(msgspec.json.encode(kinds.write(blocks)))) == blocks
    with pytest.raises(kinds.BrokenBlocks):
        kinds.read([{"kind": "virus"}])


def test_blocks_are_added_before_the_footer_moved_copied_and_removed():
    blocks = arrange.named((kinds.Text(html="1"), kinds.Footer()))
    more = arrange.add(blocks, kinds.Quote(text="2"))
    assert [type(one).__name__ for one in more] == ["Text", "Quote", "Footer"]
    assert [one.id for one in arrange.move(more, "b3", -1)] == ["b3", "b1", "b2"]
    assert [one.id for one in arrange.move(more, "b1", -1)] == ["b1", "b3", "b2"]
    assert len(arrange.copy(more, "b3")) == 4
    assert len(arrange.remove(more, "b3")) == 2
    with pytest.raises(arrange.CanNotArrange):
        arrange.add(blocks, kinds.Footer())
    with pytest.raises(arrange.CanNotArrange):
        arrange.remove(blocks, "b9")


def test_the_looks_of_the_house_can_be_read_and_pale_ones_are_found_out():
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert all(one.is_enough for one in pairs(Look()))
    assert not all(one.is_enough for one in pairs(Look(ink="#b0b8bc")))


def _strings(thing: object) -> list[str]:
    if isinstance(thing, msgspec.Struct):
        return [
            said
            for name in thing.__struct_fields__
            if name not in {"id", "link", "align"}
            for said in _strings(getattr(thing, name))
        ]
    if isinstance(thing, tuple):
        return [said for one in thing for said in _strings(one)]
    return [thing] if isinstance(thing, str) else []
