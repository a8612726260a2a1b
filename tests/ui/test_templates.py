"""The walls around every template of the house: strict CSP needs them clean, and reviewers need them short."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

from rapport.ui.components import macro_homes
from rapport.ui.icons import IconDoesNotExist, icon
from rapport.ui.jinja import environment

SOURCE = Path(__file__).resolve().parents[2] / "src" / "rapport"
# Mail is styled inline because mail readers need it; it never reaches a page unframed.
MAIL = re.compile(r"(\.mjml$|/mail/|/email/|\.txt$)")
TEMPLATES = sorted(
    file
    for folder in ("templates", "dtl")
    for file in SOURCE.glob(f"*/{folder}/**/*.html")
    if not MAIL.search(file.as_posix())
)
TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)


def _name(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


def faults(text: str) -> list[str]:
    """What in a template a strict CSP would block, or would make a page ask a third party."""
    found = []
    without_expressions = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    for tag in TAG.findall(without_expressions):
        if re.search(r"\sstyle\s*=", tag):
            found.append(f"style attribute: {tag[:80]}")
        if re.search(r"\son[a-z]+\s*=", tag):
            found.append(f"script attribute: {tag[:80]}")
        if re.search(r"\shx-on[:a-z-]*\s*=", tag):
            found.append(f"htmx script attribute: {tag[:80]}")
        if re.search(r"\b(?:src|href|action)\s*=\s*[\"']?javascript:", tag):
            found.append(f"javascript address: {tag[:80]}")
        if re.match(r"<(?:script|link|img|iframe|source|video|audio)\b", tag) and re.search(
            r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", tag
        ):
            found.append(f"third party: {tag[:80]}")
        if re.match(r"<script\b", tag) and "src=" not in tag and "application/json" not in tag:
            found.append(f"inline script: {tag[:80]}")
        if re.match(r"<style\b", tag):
            found.append("style element")
    return found


@pytest.mark.parametrize("file", TEMPLATES, ids=_name)
def test_a_template_has_nothing_inline(file: Path) -> None:
    assert faults(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">x</p>',
        '<button onclick="go()">x</button>',
        '<button hx-on:click="go()">x</button>',
        "<script>go()</script>",
        "<style>p { color: red }</style>",
        '<a href="javascript:go()">x</a>',
        '<script src="https://cdn.example/x.js"></script>',
        '<img src="//img.example/x.png">',
    ],
)
def test_the_wall_sees_what_it_is_for(text: str) -> None:
    assert faults(text) != []


@pytest.mark.parametrize(
    "text",
    [
        '<script type="module" src="{{ static(\'a.js\') }}"></script>',
        '<script type="application/json">{"a": 1}</script>',
        '<a href="https://www.hhs.gov">The rule</a>',
        '<div hx-headers=\'{"X-CSRFToken": "{{ csrf_token }}"}\'></div>',
    ],
)
def test_the_wall_lets_pass_what_is_allowed(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize("file", TEMPLATES, ids=_name)
def test_a_template_is_at_most_150_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 150


JINJA = [file for file in TEMPLATES if "/dtl/" not in file.as_posix()]


@pytest.mark.parametrize("file", JINJA, ids=_name)
def test_a_template_parses_and_uses_only_components_and_icons_that_exist(file: Path) -> None:
    homes = macro_homes()
    tree = environment().parse(file.read_text(encoding="utf-8"))
    wrong = [
        f"ui.{use.attr}"
        for use in tree.find_all(nodes.Getattr)
        if isinstance(use.node, nodes.Name) and use.node.name == "ui" and use.attr not in homes
    ]
    for call in tree.find_all(nodes.Call):
        named = isinstance(call.node, nodes.Name) and call.node.name == "icon"
        if named and call.args and isinstance(call.args[0], nodes.Const) and not icon_exists(call.args[0].value):
            wrong.append(f"icon {call.args[0].value}")
    assert wrong == []


def icon_exists(name: str) -> bool:
    try:
        icon(name)
    except IconDoesNotExist:
        return False
    return True


def test_every_style_sheet_is_short_and_asks_no_third_party() -> None:
    for sheet in SOURCE.glob("*/static/**/*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 500, sheet.name
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", text), sheet.name


def test_our_scripts_are_small_and_ask_no_third_party() -> None:
    scripts = list(SOURCE.glob("ui/static/**/*.js"))
    assert scripts
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 150, script.name
        assert not re.search(r"https?://|\beval\(|new Function|innerHTML", text), script.name
    assert sum(script.stat().st_size for script in scripts) < 40_000
