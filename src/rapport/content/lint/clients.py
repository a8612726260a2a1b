"""What mail programs do with a letter: cut it at 102 kB, or don't know a property or an element the author wrote.

`caniemail.json` is made by `tools/caniemail.py` from the tables of caniemail (MIT, see CANIEMAIL.md beside it). Only what an author
writes by hand is held against it: what the elements of MJML become is chosen so that it degrades well.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import tinycss2

from rapport.content.lint.findings import Finding, Rule, Wording
from rapport.content.lint.page import declarations

TOO_BIG = 102_000  # bytes of HTML at which Gmail cuts a message
NAMES = {"gmail": "Gmail", "outlook": "Outlook", "apple-mail": "Apple Mail", "yahoo": "Yahoo"}
# A letter without these is still the same letter: corners, shadows, movement, and rules that only add for who knows them.
HARMLESS = frozenset(
    [
        "@media", "@supports", "@font-face", "@keyframes", "animation", "border-radius", "box-shadow", "box-sizing", "color-scheme",
        "cursor", "filter", "backdrop-filter", "font-kerning", "hyphens", "letter-spacing", "max-width", "min-width", "opacity",
        "outline", "outline-offset", "text-overflow", "text-shadow", "text-underline-offset", "transition", "word-break", "word-spacing",
        "overflow-wrap", "word-wrap", "height", "width", "style", "body", "abbr", "acronym", "bdi", "wbr", "rp", "rt", "ruby",
    ]
)  # fmt: skip
_STYLES = re.compile(r'\bstyle="([^"]*)"', re.IGNORECASE)
_SHEETS = re.compile(
    r"<(?:mj-style|style)\b[^>]*>((?:(?!<(?:mj-)?style\b).)*?)</(?:mj-)?style>", re.IGNORECASE | re.DOTALL
)
_TAGS = re.compile(r"<([a-z][a-z0-9]*)[\s/>]", re.IGNORECASE)


def size(wording: Wording) -> Iterator[Finding]:
    """Gmail cuts what is longer, and the way to stop with it."""
    if len(wording.html.encode()) > TOO_BIG:
        message = "Over 102 kB: some mail programs cut it off."
        yield Finding("size", "warning", "body", message, "Make it shorter.")


def support(wording: Wording) -> Iterator[Finding]:
    """Properties and elements that one of the big mail programs does not know."""
    table = _table()
    wanted = [("elements", tag.lower()) for tag in _TAGS.findall(wording.mjml)]
    for style in _STYLES.findall(wording.mjml):
        wanted += _properties(declarations(style))
    for sheet in _SHEETS.findall(wording.mjml):
        wanted += _of_sheet(sheet)
    for kind, name in sorted(set(wanted)):
        without = table[kind].get(name) if name not in HARMLESS else None
        if without:
            where = ", ".join(
                f"{NAMES[client]} ({', '.join(many)})" if many else NAMES[client] for client, many in without.items()
            )
            shown = f"<{name}>" if kind == "elements" else name
            message = f"“{shown}” is not known to {where}."
            yield Finding("clients", "warning", "body", message, "Make sure the letter is whole without it.")


def _properties(said: dict[str, str]) -> list[tuple[str, str]]:
    found = []
    for name, value in said.items():
        found += [("properties", name), ("properties", f"{name}:{value.split('!')[0].strip()}")]
    return found


def _of_sheet(sheet: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule":
            found.append(("properties", f"@{rule.lower_at_keyword}"))
            inner = tinycss2.serialize(rule.content or [])
            found += _of_sheet(inner) if rule.lower_at_keyword in {"media", "supports"} else []
        elif rule.type == "qualified-rule":
            found += _properties(declarations(tinycss2.serialize(rule.content)))
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, dict[str, list[str]]]]:
    return json.loads((Path(__file__).parent / "caniemail.json").read_text())


RULES = (
    Rule("size", "clients", "Under 102 kB of HTML", "Gmail", size),
    Rule("clients", "clients", "Known to Gmail, Outlook, Apple Mail and Yahoo", "caniemail", support),
)
