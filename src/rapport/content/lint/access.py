"""Words and pictures for everybody: WCAG 2.1 on the compiled letter (45 CFR 84.84, requirement A-03)."""

import re
from collections.abc import Iterator

from rapport.content.lint import page
from rapport.content.lint.findings import Finding, Rule, Wording, seen
from rapport.content.lint.privacy import HREFS

IMAGES = re.compile(r"<(?:mj-image|img)\b[^<>]*>", re.IGNORECASE)
EMPTY_LINKS = re.compile(
    r"^(?:click|tap|press)? ?(?:here|this|link|more|read more|learn more|aquí|haga clic(?: aquí)?|más|leer más)[.!]?$",
    re.IGNORECASE,
)
SMALL, LARGE = 4.5, 3.0
LARGE_PIXELS, LARGE_BOLD_PIXELS = 24.0, 18.66


def alternatives(wording: Wording) -> Iterator[Finding]:
    """A picture has words for those who can't see it (1.1.1)."""
    for image in IMAGES.findall(wording.mjml):
        if not re.search(r'\balt="', image):
            message = "A picture has no words for those who can't see it."
            yield Finding("A-03", "error", "image", message, 'Add alt="…"; alt="" for mere decoration.')


def link_words(wording: Wording) -> Iterator[Finding]:
    """The words of a link say where it leads, also alone (2.4.4)."""
    for link in seen(wording.html).all("a"):
        if EMPTY_LINKS.match(link.whole):
            message = f"“{link.whole}” does not say where the link leads."
            yield Finding("A-03", "warning", "link", message, "Name the place: “Choose a day and time”.")


def headings(wording: Wording) -> Iterator[Finding]:
    """Headings in order: none is skipped (1.3.1)."""
    last = 0
    for one in seen(wording.html).all("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(one.tag[1])
        if level > last + 1 and last:
            message = f"After a heading of level {last} comes one of level {level}."
            yield Finding("A-03", "warning", "body", message, f"Make it level {last + 1}.")
        last = level


def language(wording: Wording) -> Iterator[Finding]:
    """The page says in which language it is read aloud (3.1.1)."""
    if not wording.html:
        return
    told = wording.says_language
    if not told or told[:2].lower() != wording.spoken:
        message = f"The letter says its language is “{told}”." if told else "The letter does not say its language."
        yield Finding("A-03", "warning", "body", message, f'Write <mjml lang="{wording.spoken}">.')


def contrast(wording: Wording) -> Iterator[Finding]:
    """Text can be told from what lies behind it (1.4.3)."""
    told = set()
    for one in seen(wording.html).elements:
        if not one.own or (one.colour, one.behind) in told:
            continue
        is_large = one.pixels >= LARGE_PIXELS or (one.is_bold and one.pixels >= LARGE_BOLD_PIXELS)
        ratio, wanted = page.contrast(one.colour, one.behind), LARGE if is_large else SMALL
        if ratio < wanted:
            told.add((one.colour, one.behind))
            message = f"“{one.own[:40]}” is hard to read: contrast {ratio:.1f} : 1, {wanted:g} : 1 is needed."
            yield Finding("A-03", "warning", "body", message, "Take a darker colour, or a lighter ground.")


def addresses(wording: Wording) -> Iterator[Finding]:
    """Links are encrypted, lead somewhere, and carry nobody's data."""
    for href in HREFS.findall(wording.mjml):
        if href.lower().startswith("http://"):
            yield Finding("links", "error", "link", f"{href[:60]} is not encrypted.", "Use https.")
        elif not href.lower().startswith(("https://", "mailto:", "tel:", "{{", "#")):
            yield Finding("links", "error", "link", f"“{href[:60]}” leads nowhere.", "Give the whole address.")
        elif "{{" in href and not re.fullmatch(r"\{\{\s*links\.[a-z]+\s*\}\}", href):
            message = "A merge field inside an address would put a person into a link."
            yield Finding("E-04", "error", "link", message, "Use a plain address or one of the link fields.")


RULES = (
    Rule("links", "access", "Links are encrypted, lead somewhere and name nobody", "45 CFR 164.502", addresses),
    Rule("A-03 pictures", "access", "Words for pictures", "WCAG 2.1, 1.1.1", alternatives),
    Rule("A-03 links", "access", "Links say where they lead", "WCAG 2.1, 2.4.4", link_words),
    Rule("A-03 headings", "access", "Headings in order", "WCAG 2.1, 1.3.1", headings),
    Rule("A-03 language", "access", "The language is named", "WCAG 2.1, 3.1.1", language),
    Rule("A-03 contrast", "access", "Text stands out from its ground", "WCAG 2.1, 1.4.3", contrast),
)
