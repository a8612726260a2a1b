"""From MJML to the frozen HTML of a version."""

import re

import pytest

from rapport.content import compile as compiler
from rapport.content import starters
from rapport.content.blocks import mjml
from rapport.content.brand import Look

BODY = "<mjml><mj-body><mj-section><mj-column><mj-text>{0}</mj-text></mj-column></mj-section></mj-body></mjml>"


def made(inner: str, preheader: str = "", text: str = "") -> compiler.Compiled:
    return compiler.layout(mjml=BODY.format(inner), preheader=preheader, text=text)


def test_a_letter_asks_nobody_for_anything():
    for one in starters.every():
        made_of = mjml.letter(one.blocks, Look(), one.language, one.subject)
        html = compiler.layout(mjml=made_of, preheader=one.preheader, text="").html
        assert "<link" not in html
        assert "@import" not in html
        assert "googleapis" not in html


def test_links_are_numbered_and_their_addresses_kept():
    letter = made(
        '<a href="https://a.example/?x=1&amp;y=2">One</a> <a href="{{ links.book }}">Two</a> <a href="tel:911">Three</a>'
    )
    assert [one.url for one in letter.links] == ["https://a.example/?x=1&y=2", "links.book"]
    assert [one.label for one in letter.links] == ["One", "Two"]
    assert "a.example" not in letter.html
    assert 'href="tel:911"' in letter.html
    assert letter.html.count("{{ track.open }}") == 1


def test_the_way_out_is_not_tracked():
    letter = made('<a href="{{ links.unsubscribe }}">Stop</a>')
    assert letter.links == ()
    assert "{{ links.unsubscribe }}" in letter.html


def test_the_preview_line_is_hidden_in_the_letter_and_absent_from_the_text():
    letter = made("Hello", preheader="Short & sweet")
    assert "Short &amp; sweet" in letter.html
    assert "Short" not in letter.text


def test_a_line_break_between_two_links_stays_a_gap():
    letter = made('<a href="tel:911">One</a>\n  <a href="tel:912">Two</a>')
    assert re.search(r"One</a>\s+<a", letter.html)
    assert "<b>a</b> <b>c</b>" in made("<b>a</b>\n<b>c</b>").html


@pytest.mark.parametrize(
    "inside",
    ["<div>" * 5_000, "<div title='<'>" * 5_000, "<div title='</div>'>" * 1_500, "<div><!--</div>-->" * 1_500, "<![CDATA[</div>]]>",
     "<DIV></div>" * 1_500, "<div / >" * 1_500, "<br>" * 7_000, "a" * 200_001, "<!-- never closed"],
)  # fmt: skip
def test_a_layout_that_could_end_the_process_is_refused_before_it_is_compiled(inside):
    with pytest.raises(compiler.BrokenLayout):
        made(inside)


def test_a_deep_but_honest_layout_is_made():
    assert "inmost" in made("<div>" * 50 + "inmost" + "</div>" * 50).html


def test_a_text_of_ones_own_is_kept():
    assert made("Hello", text="My own words").text == "My own words"


@pytest.mark.parametrize(
    "mjml",
    [
        "<mjml><mj-body><mj-bogus/></mj-body></mjml>",
        "<mjml><mj-body><mj-include path='/etc/passwd'/></mj-body></mjml>",
        "<mjml><mj-head><mj-font name='x' href='https://a.example/x.css'/></mj-head><mj-body></mj-body></mjml>",
        "<mjml><mj-body>",
        "not a layout at all",
        "",
    ],
)
def test_a_layout_that_can_not_be_made_is_refused(mjml):
    with pytest.raises(compiler.BrokenLayout):
        compiler.layout(mjml=mjml, preheader="", text="")
