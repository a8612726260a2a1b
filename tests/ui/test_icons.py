"""Every icon that a template names exists: a wrong name would be a server error on a page that nobody opens."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.template import engines
from jinja2 import nodes

from rapport.ui.icons import IconDoesNotExist, icon
from tests.house.tree import SOURCE, place, templates

COMPONENTS = sorted((SOURCE / "ui/templates/ui/components").glob("*.html"))
ICON_PARAMETERS = {"icon", "icon_name"}


@cache
def parsed(path: Path) -> nodes.Template:
    return engines.all()[0].env.parse(path.read_text())


@cache
def macros() -> dict[str, list[str]]:
    """Macro name -> names of its parameters."""
    return {m.name: [a.name for a in m.args] for path in COMPONENTS for m in parsed(path).find_all(nodes.Macro)}


def words(node: nodes.Node) -> Iterator[str]:
    """Every text that this expression may become."""
    if isinstance(node, nodes.Const):
        if isinstance(node.value, str) and node.value:
            yield node.value
    elif isinstance(node, nodes.CondExpr):
        for one in (node.expr1, node.expr2):
            if one is not None:
                yield from words(one)
    elif isinstance(node, nodes.Or):
        yield from words(node.left)
        yield from words(node.right)


def named(path: Path, known: dict[str, list[str]]) -> Iterator[tuple[int, str]]:
    for call in parsed(path).find_all(nodes.Call):
        target = call.node.attr if isinstance(call.node, nodes.Getattr) else getattr(call.node, "name", "")
        parameters = ["icon_name"] if target == "icon" else known.get(target, [])
        given = list(zip(parameters, call.args, strict=False)) + [(k.key, k.value) for k in call.kwargs]
        for name, value in given:
            if name in ICON_PARAMETERS:
                yield from ((call.lineno, word) for word in words(value))


@pytest.mark.parametrize(
    "path", [p for p in templates() if "dtl" not in p.parts], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_icons_of_a_template_exist(path):
    wrong = []
    for line, name in named(path, macros()):
        try:
            icon(name)
        except IconDoesNotExist:
            wrong.append(f"{place(path, line)}: {name}")
    assert not wrong
