"""Sizes that keep a file readable in one sitting. There is no allow-list."""

import ast

from tests.house.tree import modules, place, templates

FILE, FUNCTION, REQUIRED, PARAMETERS, TEMPLATE = 500, 60, 6, 12, 150


def functions():
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_no_file_is_longer_than_five_hundred_lines():
    long = [place(p) for p in modules() if len(p.read_text().splitlines()) > FILE]
    assert not long, f"split these: {long}"


def test_no_function_is_longer_than_sixty_lines():
    long = [place(p, f.lineno) for p, f in functions() if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION]
    assert not long, f"split these: {long}"


def test_no_function_asks_for_more_than_six_things():
    """Required parameters; optional ones are bounded too, but they do not have to be read at every call."""
    greedy = []
    for path, function in functions():
        a = function.args
        names = [x.arg for x in [*a.posonlyargs, *a.args, *a.kwonlyargs] if x.arg not in {"self", "cls"}]
        optional = len(a.defaults) + sum(d is not None for d in a.kw_defaults)
        if len(names) - optional > REQUIRED or len(names) > PARAMETERS:
            greedy.append(place(path, function.lineno))
    assert not greedy, f"give these a dataclass: {greedy}"


def test_no_template_is_longer_than_a_hundred_and_fifty_lines():
    long = [place(p) for p in templates() if len(p.read_text().splitlines()) > TEMPLATE]
    assert not long, f"split these: {long}"
