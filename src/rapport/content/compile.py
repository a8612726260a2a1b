"""MJML to the frozen HTML of a version, once, at publishing.

1. Elements are checked against the list of MJML: an unknown one would vanish without a word.
2. mrml makes the HTML; it never reads a file or an address.
3. Every link to the outside, and to booking, becomes a numbered tracked link; the addresses stay with the version, so a
   click can only go where the published text went.
4. Pictures of ours stand without a host; it is put before them for each letter, so that a preview asks nobody else.
5. A link that only machines follow and the open pixel are added; the plain text is made where the author gave none.
"""

import html
import re

import mrml
import msgspec

from rapport.content import plaintext

ELEMENTS = frozenset(
    [
        "mjml",
        "mj-head",
        "mj-body",
        "mj-attributes",
        "mj-all",
        "mj-class",
        "mj-breakpoint",
        "mj-preview",
        "mj-style",
        "mj-title",
        "mj-raw",
        "mj-accordion",
        "mj-accordion-element",
        "mj-accordion-text",
        "mj-accordion-title",
        "mj-button",
        "mj-carousel",
        "mj-carousel-image",
        "mj-column",
        "mj-divider",
        "mj-group",
        "mj-hero",
        "mj-image",
        "mj-navbar",
        "mj-navbar-link",
        "mj-section",
        "mj-social",
        "mj-social-element",
        "mj-spacer",
        "mj-table",
        "mj-text",
        "mj-wrapper",
    ]
)
TRACKED_FIELDS = ("links.book",)
PIXEL = '<img src="{{ track.open }}" width="1" height="1" alt="" style="display:block;border:0;width:1px;height:1px" />'
# First of all links, and seen by nobody, by no screen reader and no keyboard: whoever follows it follows everything.
TRAP = (
    '<a href="{{ track.trap }}" rel="nofollow" aria-hidden="true" tabindex="-1" '
    'style="display:none;font-size:0;line-height:0;max-height:0;overflow:hidden;mso-hide:all"></a>'
)
# The library's default is to load fonts from a third party; a letter of ours asks nobody for anything.
_NO_FONTS = mrml.RenderOptions(fonts={})
_ELEMENT = re.compile(r"<(mj[a-z-]*)[\s/>]")
_TAG = re.compile(r"""<(/?)([a-zA-Z][\w:-]*+)((?:[^"'<>]++|"[^"]*+"|'[^']*+')*+)>""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ALONE = frozenset(["area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])
# Far beyond an honest letter. The compiler walks the tree by recursion: without a bound on depth a form could end the process.
LONGEST, MOST_ELEMENTS, DEEPEST = 200_000, 2_000, 100
_HREF = re.compile(r'(<a\b[^>]*?\shref=)"([^"]*)"', re.IGNORECASE)
# The compiler drops a line break between two marked words, and the words would stand glued together.
_BROKEN_LINE = re.compile(r"(</(?:a|b|em|i|span|strong|u)>)[ \t]*\n\s*(?=<(?:a|b|em|i|span|strong|u)\b)", re.IGNORECASE)
_PICTURE = re.compile(r"""(\bsrc=")(/picture/[0-9a-f]{32}\.(?:png|jpg|gif)")""")
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_FIELD = re.compile(r"^\{\{\s*([a-z_.]+)\s*\}\}$")


class BrokenLayout(ValueError):
    """The MJML can't be made into a message."""


class Link(msgspec.Struct, frozen=True):
    """One tracked link: a whole address, or the name of a link field such as links.book."""

    url: str
    label: str


class Compiled(msgspec.Struct, frozen=True):
    """What a version freezes."""

    html: str
    text: str
    links: tuple[Link, ...]


def layout(*, mjml: str, preheader: str, text: str) -> Compiled:
    """Compile one wording."""
    made = to_html(mjml, preheader)
    linked, links = _track(_PICTURE.sub(r"\1{{ track.host }}\2", made))
    begins, at = _BODY.search(linked), linked.lower().rfind("</body>")
    if begins is None or at < 0:
        raise BrokenLayout("The layout has no body.")
    top = begins.end()
    return Compiled(
        linked[:top] + TRAP + linked[top:at] + PIXEL + linked[at:], text.strip() or plaintext.from_html(made), links
    )


def to_html(mjml: str, preheader: str) -> str:
    """The bare HTML of the layout, links untouched."""
    _bound(mjml)
    strange = sorted(set(_ELEMENT.findall(mjml)) - ELEMENTS)
    if strange:
        raise BrokenLayout(f"<{strange[0]}> is no element of MJML that we know.")
    if "<mj-preview" not in mjml and preheader:
        preview = f"<mj-preview>{html.escape(preheader)}</mj-preview>"
        opened = re.sub(r"<mj-head\s*/>", "<mj-head></mj-head>", mjml, count=1)
        if "<mj-head>" in opened:
            mjml = opened.replace("<mj-head>", f"<mj-head>{preview}", 1)
        else:
            mjml = re.sub(r"(<mjml\b[^<>]*>)", rf"\1<mj-head>{preview}</mj-head>", mjml, count=1)
    mjml = _BROKEN_LINE.sub(r"\1 ", mjml)
    try:
        return mrml.to_html(mjml, render_options=_NO_FONTS).content
    except OSError as wrong:
        raise BrokenLayout(f"The layout can't be read: {wrong}.") from None


def _bound(mjml: str) -> None:
    """Refuse what the compiler could not survive, reading tags as it does: outside of comments, with quoted attributes."""
    if len(mjml) > LONGEST:
        raise BrokenLayout(f"The layout is longer than {LONGEST} letters.")
    if "<![CDATA[" in mjml or "<?" in mjml:
        raise BrokenLayout("A layout has elements and comments only; “<?” and “<![CDATA[” have no place in it.")
    if mjml.rfind("-->") < mjml.rfind("<!--"):
        raise BrokenLayout("A comment is never closed.")
    bare = _COMMENT.sub("", mjml)
    if bare.count("<") > 3 * MOST_ELEMENTS:
        raise BrokenLayout(f"The layout has more than {MOST_ELEMENTS} elements.")
    inside: list[str] = []
    for closes, name, rest in _TAG.findall(bare):
        if closes and inside and inside[-1] == name:
            inside.pop()
        elif not closes and not rest.endswith("/") and name.lower() not in _ALONE:
            inside.append(name)
        if len(inside) > DEEPEST:
            raise BrokenLayout(f"Elements stand more than {DEEPEST} deep in one another.")


def _track(source: str) -> tuple[str, tuple[Link, ...]]:
    links: list[Link] = []

    def numbered(found: re.Match) -> str:
        target = html.unescape(found.group(2)).strip()
        field = _FIELD.match(target)
        if field is not None and field.group(1) not in TRACKED_FIELDS:
            return found.group(0)
        if field is None and not target.lower().startswith(("http://", "https://")):
            return found.group(0)
        links.append(Link(field.group(1) if field else target, _label(source, found.end())))
        return f'{found.group(1)}"{{{{ track.link[{len(links) - 1}] }}}}"'

    return _HREF.sub(numbered, source), tuple(links)


def _label(source: str, at: int) -> str:
    """The words of the link, for reports."""
    inner = source[at:].partition(">")[2].partition("</a")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inner)).split())[:80]
