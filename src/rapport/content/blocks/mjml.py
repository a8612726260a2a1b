"""Blocks to MJML: one pure function. What it makes is compiled, checked and frozen like a letter written by hand.

A letter is a strip with the clinic's name or logo, a white card and the small print below. Blocks that stand together share one
section; a banner, two columns and the footer have one of their own. What shows only for some people stands between
`{% if show.c0 %}` and `{% endif %}`, where c0 is the place of the condition in `kinds.conditions`.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from rapport.content import brand
from rapport.content.blocks import kinds
from rapport.content.blocks.clean import attribute, plain, rich
from rapport.content.blocks.drawings import HEAD, STOP, STOP_BY_HAND, WORDS
from rapport.content.brand import Look
from rapport.content.showing import Condition

PICTURES = "/picture/"  # the public address of stored pictures; `render` puts the host before it
HEIGHTS = {"small": 8, "medium": 24, "large": 48}
SIZES = {1: 28, 2: 22, 3: 18}
GAP = "0 32px 16px"
WIDTH = 600
_OWN = (kinds.Banner, kinds.Columns, kinds.Footer)


def letter(blocks: kinds.Blocks, look: Look, language: str, title: str = "", *, on_paper: bool = False) -> str:
    """The MJML of a letter. Snippets must have been put in already. `on_paper`: it is printed, and nobody can press a link."""
    numbers = {one: at for at, one in enumerate(kinds.conditions(blocks))}
    runs = list(_runs(blocks))
    cards = [at for at, run in enumerate(runs) if not isinstance(run[0], kinds.Footer)]
    sections = []
    for at, run in enumerate(runs):
        round_at = (
            ("12px 12px" if at == cards[0] else "0 0", "12px 12px" if at == cards[-1] else "0 0") if cards else ("", "")
        )
        radius = f"{round_at[0]} {round_at[1]}" if at in cards else ""
        if isinstance(run[0], kinds.Footer):
            foot = _footer_on_paper(run[0], look, language) if on_paper else _footer(run[0], look, language)
            attrs = f'background-color="{look.ground}" css-class="ground quiet" padding="20px 0 32px"'
            sections.append(_if(run[0], numbers, _framed(foot, attrs)))
        else:
            sections.append(_section(run, look, radius, numbers))
    head = HEAD.format(
        title=plain(title), font=look.stack, ink=look.ink, accent=look.accent, on_accent=look.on_accent,
        dark_link=brand.mixed(look.accent, "#ffffff", 0.62),
    )  # fmt: skip
    return (
        f'<mjml lang="{attribute(language)}">\n{head}\n<mj-body background-color="{look.ground}" css-class="page" width="{WIDTH}px">\n'
        + _top(look)
        + "\n".join(sections)
        + "\n</mj-body>\n</mjml>\n"
    )


def _top(look: Look) -> str:
    if look.logo:
        inner = (
            f'<mj-image src="{PICTURES}{attribute(look.logo)}" alt="{attribute(look.logo_alt)}" width="{look.logo_width}px" '
            'align="left" padding="0 32px" />'
        )
    else:
        inner = f'<mj-text font-size="15px" font-weight="600" color="{look.ink}" padding="0 32px">{{{{ clinic.name }}}}</mj-text>'
    return _framed(inner, f'background-color="{look.ground}" css-class="ground brand" padding="24px 0 12px"') + "\n"


def _runs(blocks: kinds.Blocks) -> Iterator[list[Any]]:
    """Blocks that share a section; those with one of their own alone."""
    numbered = ((f"own {at}" if isinstance(one, _OWN) else "card", one) for at, one in enumerate(blocks))
    for _, found in groupby(numbered, key=lambda pair: pair[0]):
        yield [one for _, one in found]


def _section(run: list[Any], look: Look, radius: str, numbers: dict[Condition, int]) -> str:
    first = run[0]
    round_attr = f' border-radius="{radius}"' if radius else ""
    match first:
        case kinds.Banner():
            attrs = f'background-color="{look.accent}"{round_attr} padding="36px 0 28px"'
            return _if(first, numbers, _framed(_banner(first, look), attrs))
        case kinds.Columns():
            sides = "".join(f'<mj-column padding="0 8px">{_side(one)}</mj-column>' for one in (first.left, first.right))
            attrs = f'css-class="card"{round_attr} padding="20px 16px 8px"'
            return _if(first, numbers, f"<mj-section {attrs}>{sides}</mj-section>")
    inner = "\n".join(_if(one, numbers, DRAWN[type(one)](one, look)) for one in run)
    return _framed(inner, f'css-class="card"{round_attr} padding="28px 0 12px"')


def _framed(inner: str, attrs: str) -> str:
    return f"<mj-section {attrs}>\n<mj-column>\n{inner}\n</mj-column>\n</mj-section>"


def _if(block: kinds.Base, numbers: dict[Condition, int], inner: str) -> str:
    if not block.show_when:
        return inner
    asked = " and ".join(f"show.c{numbers[one]}" for one in block.show_when)
    return f"<mj-raw>{{% if {asked} %}}</mj-raw>{inner}<mj-raw>{{% endif %}}</mj-raw>"


def _banner(block: kinds.Banner, look: Look) -> str:
    soft = brand.mixed(look.on_accent, look.accent, 0.06)
    over = (
        f'<mj-text color="{soft}" font-size="14px" font-weight="600" letter-spacing="0.6px" padding="0 32px 8px">'
        f"{plain(block.overline)}</mj-text>\n"
        if block.overline
        else ""
    )
    return over + (
        f'<mj-text color="{look.on_accent}" font-size="30px" line-height="1.25" font-weight="700" padding="0 32px">'
        f'<h1 class="h">{plain(block.text)}</h1></mj-text>'
    )


def _heading(block: kinds.Heading, look: Look) -> str:
    tag = f"h{block.level}"
    size = f'font-size="{SIZES[block.level]}px" line-height="1.3" font-weight="700"'
    return f'<mj-text {size} padding="8px 32px 8px"><{tag} class="h">{plain(block.text)}</{tag}></mj-text>'


def _text(block: kinds.Text, look: Look) -> str:
    return f"<mj-text>{rich(block.html)}</mj-text>"


def _button(block: kinds.Button, look: Look) -> str:
    return f'<mj-button href="{href(block.link)}" align="{block.align}">{plain(block.label)}</mj-button>'


def _picture(block: kinds.Picture, look: Look) -> str:
    return _image(block.picture, "" if block.is_decoration else block.alt, block.link, block.width, GAP)


def _image(name: str, alt: str, link: str = "", width: int = 0, padding: str = "0 0 12px") -> str:
    if not name:
        return ""
    leads = f' href="{href(link)}"' if link else ""
    wide = f' width="{width}px"' if width else ""
    return (
        f'<mj-image src="{PICTURES}{attribute(name)}" alt="{attribute(alt)}"{leads}{wide} border-radius="8px" '
        f'align="left" padding="{padding}" />'
    )


def _side(side: kinds.Side) -> str:
    parts = [_image(side.picture, side.alt, padding="0 8px 12px")]
    if side.heading:
        parts.append(
            f'<mj-text font-size="18px" font-weight="700" padding="0 8px 4px"><h3 class="h">{plain(side.heading)}</h3></mj-text>'
        )
    if side.html:
        parts.append(f'<mj-text font-size="16px" padding="0 8px 12px">{rich(side.html)}</mj-text>')
    return "".join(parts)


def _divider(block: kinds.Divider, look: Look) -> str:
    return f'<mj-divider border-width="1px" border-color="{brand.mixed(look.ground, look.ink, 0.12)}" padding="8px 32px 24px" />'


def _spacer(block: kinds.Spacer, look: Look) -> str:
    return f'<mj-spacer height="{HEIGHTS[block.size]}px" />'


def _quote(block: kinds.Quote, look: Look) -> str:
    who = f'<br /><span style="font-size:15px;font-style:normal">{plain(block.who)}</span>' if block.who else ""
    style = f"margin:0;padding:4px 0 4px 20px;border-left:4px solid {look.accent};font-size:19px;font-style:italic"
    return (
        f'<mj-text padding="4px 32px 20px"><blockquote style="{style}">{plain(block.text)}{who}</blockquote></mj-text>'
    )


def _steps(block: kinds.Steps, look: Look) -> str:
    items = "".join(f'<li style="margin:0 0 10px;padding-left:6px">{plain(one)}</li>' for one in block.items)
    return f'<mj-text padding="0 32px 12px"><ol style="margin:0;padding-left:24px">{items}</ol></mj-text>'


def _details(block: kinds.Details, look: Look) -> str:
    return _table(((one.label, plain(one.text)) for one in block.items), "0 32px 20px", look)


def _table(rows: Iterable[tuple[str, str]], padding: str, look: Look, attrs: str = "") -> str:
    drawn = "".join(
        '<tr><td width="30%" valign="top" style="padding:6px 12px 6px 0;font-weight:600">'
        f'{plain(label)}</td><td valign="top" style="padding:6px 0">{words}</td></tr>'
        for label, words in rows
    )
    return (
        f'<mj-table font-size="16px" line-height="1.5" color="{look.ink}" padding="{padding}" cellpadding="0"{attrs}>'
        f"{drawn}</mj-table>"
    )


def _card_of(heading: str, body: str, note: str, look: Look) -> str:
    """A card in the card: what must be found at a glance. The words stand in one cell, so that a telephone reads them in order."""
    tint = brand.mixed(look.accent, "#ffffff", 0.9)
    style = f"background:{tint};border-left:4px solid {look.accent};border-radius:8px;padding:16px 20px"
    head = f'<strong style="font-size:15px;color:{look.accent}">{plain(heading)}</strong><br />' if heading else ""
    end = f'<br /><span style="font-size:15px">{plain(note)}</span>' if note else ""
    return f'<mj-text padding="4px 32px 20px" css-class="tinted"><div class="inset" style="{style}">{head}{body}{end}</div></mj-text>'


def _appointment(block: kinds.Appointment, look: Look) -> str:
    body = '<span style="font-size:20px;font-weight:700">{{ appointment.day }}</span><br />{{ appointment.place }}'
    return _card_of(block.heading, body, block.note, look)


def _place(block: kinds.Place, look: Look) -> str:
    body = (
        '<span style="font-size:18px;font-weight:700">{{ location.name }}</span><br />{{ clinic.address }}'
        '{% if clinic.phone != "" %}<br />{{ clinic.phone }}{% endif %}'
    )
    return _card_of(block.heading, body, block.note, look)


def _signature(block: kinds.Signature, look: Look) -> str:
    closing = f"{plain(block.closing)}<br />" if block.closing else ""
    role = f'<br /><span style="font-size:15px">{plain(block.role)}</span>' if block.role else ""
    face = _image(block.picture, "", width=72, padding="8px 32px 8px")
    return f"{face}<mj-text>{closing}<strong>{plain(block.name) or '{{ clinic.name }}'}</strong>{role}</mj-text>"


def _footer(block: kinds.Footer, look: Look, language: str) -> str:
    words = WORDS.get(language[:2], WORDS["en"])
    lines = [plain(one) for one in (block.reason, look.footer) if one]
    who = plain(look.identification) or "{{ clinic.name }}"
    lines.append(who + ' &#183; {{ clinic.address }}{% if clinic.phone != "" %} &#183; {{ clinic.phone }}{% endif %}')
    choices = f' &#183; <a href="{{{{ links.preferences }}}}">{words["choices"]}</a>' if block.has_choices else ""
    lines.append(STOP.format(stop=words["stop"]) + choices)
    return _small(lines, look)


def _footer_on_paper(block: kinds.Footer, look: Look, language: str) -> str:
    """Who writes stands in the window of the envelope."""
    stop = STOP_BY_HAND.get(language[:2], STOP_BY_HAND["en"])
    return _small([*(plain(one) for one in (block.reason, look.footer) if one), stop], look)


def _small(lines: list[str], look: Look) -> str:
    return "\n".join(
        f'<mj-text font-size="13px" line-height="1.6" color="{brand.quiet(look)}" padding="0 32px 8px">{line}</mj-text>'
        for line in lines
    )


def href(link: str) -> str:
    """An address as it stands in the letter: a link field in its braces, anything else as it is."""
    return f"{{{{ {link} }}}}" if link.startswith("links.") else attribute(link)


Draw = Callable[[Any, Look], str]
DRAWN: dict[type, Draw] = {
    kinds.Heading: _heading, kinds.Text: _text, kinds.Button: _button, kinds.Picture: _picture, kinds.Divider: _divider,
    kinds.Spacer: _spacer, kinds.Quote: _quote, kinds.Steps: _steps, kinds.Details: _details, kinds.Appointment: _appointment,
    kinds.Place: _place, kinds.Signature: _signature,
    # A snippet that is not there (any more) draws nothing; publishing refuses it.
    kinds.Snippet: lambda block, look: "",
}  # fmt: skip
