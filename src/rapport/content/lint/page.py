"""The compiled HTML of a letter as a reader meets it: elements with their own text, the colour of it and what lies behind.

lxml reads HTML here, and nothing else: no entities of others, no network, no file.
"""

import re
from functools import lru_cache

import msgspec
import tinycss2
import tinycss2.color3
from lxml import html as reader

Colour = tuple[float, float, float]
WHITE, BLACK, LINK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.93)
BOLD = re.compile(r"bold|[6-9]00")
PIXELS = re.compile(r"^\s*(\d+(?:\.\d+)?)px")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


class Element(msgspec.Struct, frozen=True):
    """One element that shows text of its own, or is a link, a picture or a heading."""

    tag: str
    attributes: dict[str, str]
    own: str  # text directly in it
    whole: str  # with everything inside
    colour: Colour
    behind: Colour
    pixels: float
    is_bold: bool


class Page(msgspec.Struct, frozen=True):
    """All that is shown, in order. `lang` is what the page says of its language."""

    elements: tuple[Element, ...] = ()
    lang: str = ""

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]


class _Around(msgspec.Struct, frozen=True):
    """What an element inherits."""

    colour: Colour = BLACK
    behind: Colour = WHITE
    pixels: float = 16.0
    is_bold: bool = False


def read(source: str) -> Page:
    """Read a compiled page; an empty or broken one has nothing to say."""
    if not source.strip():
        return Page()
    try:
        tree = reader.document_fromstring(source.encode(), parser=reader.HTMLParser(encoding="utf-8", no_network=True))
    except (ValueError, SyntaxError):
        return Page()
    found: list[Element] = []
    waiting = [(tree, _Around())]
    while waiting:
        node, around = waiting.pop()
        if not isinstance(node.tag, str) or node.tag in {"head", "style", "script"}:
            continue
        style = node.get("style") or ""
        if _HIDDEN.search(style):
            continue
        now = _inherit(node, style, around)
        own = " ".join(" ".join([node.text or "", *(child.tail or "" for child in node)]).split())
        found.append(
            Element(
                node.tag, dict(node.attrib), own, " ".join(node.text_content().split()), now.colour, now.behind, now.pixels,
                now.is_bold,
            )
        )  # fmt: skip
        waiting += [(child, now) for child in reversed(node)]
    return Page(tuple(found), tree.get("lang") or "")


@lru_cache(maxsize=4096)
def declarations(style: str) -> dict[str, str]:
    """The properties of an inline style, the last of each. Shared: look, don't change."""
    found = {}
    for one in tinycss2.parse_declaration_list(style, skip_comments=True, skip_whitespace=True):
        if one.type == "declaration":
            found[one.lower_name] = tinycss2.serialize(one.value).strip()
    return found


def colour(text: str) -> Colour | None:
    """A colour that covers what is behind it; None for a transparent one and for what is none."""
    try:
        found = tinycss2.color3.parse_color(text)
    except (ValueError, TypeError):
        return None
    if found is None or found == "currentColor" or found.alpha < 1:
        return None
    return (found.red, found.green, found.blue)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.1, relative luminance and contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(one: Colour) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in one]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _inherit(node: reader.HtmlElement, style: str, around: _Around) -> _Around:
    said = declarations(style) if style else {}
    ink = colour(said.get("color", "")) or (LINK if node.tag == "a" and node.get("href") else around.colour)
    behind = around.behind
    for text in (node.get("bgcolor", ""), said.get("background-color", ""), *said.get("background", "").split()):
        behind = colour(text) or behind
    size = PIXELS.match(said.get("font-size", ""))
    weight = said.get("font-weight", "")
    is_bold = bool(BOLD.search(weight)) if weight else around.is_bold or node.tag in {"b", "strong", "h1", "h2", "h3"}
    return _Around(ink, behind, float(size.group(1)) if size else around.pixels, is_bold)
