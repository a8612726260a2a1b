"""Liquid for the words of marketers: bounded, escaping, and blind to everything but the merge fields.

- No way to a file, another template, Python, the environment or the network.
- Loops, output, nesting and memory are bounded; what exceeds them raises, it is never cut in silence.
"""

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from liquid import BoundTemplate, DictLoader, Environment
from liquid.exceptions import LiquidError
from liquid.undefined import Undefined

from rapport.content import fields

LONGEST = 400_000  # letters of a template, or of what a filter may make
_MARKUP = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_FLAG = re.compile(r"show\.c\d{1,3}")
_SMALL_RANGE = re.compile(r"\(\s*\d{1,4}\s*\.\.\s*\d{1,4}\s*\)")
TAGS_LEFT_OUT = ("include", "render", "extends", "block", "macro", "call", "with", "translate")
FILTERS_LEFT_OUT = (
    "safe",
    "escapejs",
    "date",
    "map",
    "find",
    "find_index",
    "where",
    "reject",
    "sum",
    "sort",
    "sort_natural",
)


class BrokenTemplate(ValueError):
    """The Liquid in this text can't be read, or asks for more than it may."""


class _Bounded(Environment):
    """The limits. Each is far beyond an honest e-mail."""

    loop_iteration_limit = 2_000
    output_stream_limit = 400_000
    local_namespace_limit = 200_000
    context_depth_limit = 12
    block_nesting_limit = 12


def _environment(*, escape: bool) -> Environment:
    made = _Bounded(loader=DictLoader({}), autoescape=escape, undefined=Undefined, strict_filters=True)
    for tag in TAGS_LEFT_OUT:
        made.tags.pop(tag, None)
    for name in FILTERS_LEFT_OUT:
        made.filters.pop(name, None)
    made.filters["replace"] = _bounded(made.filters["replace"], _length_of_replace)
    made.filters["join"] = _bounded(made.filters["join"], _length_of_join)
    return made


def _bounded(real: Callable[..., Any], length: Callable[..., int]) -> Callable[..., Any]:
    """A filter that multiplies lengths, refused before it does. The library's own limits look only at results."""

    @wraps(real)
    def guarded(left: Any, *args: Any, **kwargs: Any) -> Any:
        if length(left, *args) > LONGEST:
            raise LiquidError("the result would be too long", token=None)
        return real(left, *args, **kwargs)

    return guarded


def _length_of_replace(left: Any, old: Any = "", new: Any = "", *rest: Any) -> int:
    text, wanted = str(left), str(old)
    times = text.count(wanted) if wanted else len(text) + 1
    return len(text) + times * len(str(new))


def _length_of_join(left: Any, between: Any = " ", *rest: Any) -> int:
    try:
        return len(left) * (len(str(between)) + 1)
    except TypeError:
        return 0


_HTML = _environment(escape=True)
_TEXT = _environment(escape=False)


def parse(source: str, *, html: bool) -> BoundTemplate:
    """Compile; raises BrokenTemplate with the place."""
    if len(source) > LONGEST:
        raise BrokenTemplate("the template is too long")
    for markup in _MARKUP.findall(source):
        if ".." in _SMALL_RANGE.sub("", _STRING.sub("", markup)):
            raise BrokenTemplate("a range needs two whole numbers of at most four digits, as in (1..5)")
    try:
        return (_HTML if html else _TEXT).from_string(source)
    except LiquidError as wrong:
        raise BrokenTemplate(str(wrong)) from None


@lru_cache(maxsize=512)
def compiled(source: str, html: bool) -> BoundTemplate:
    """The same, remembered: one wording is rendered for thousands of people."""
    return parse(source, html=html)


def render(source: str, values: dict[str, Any], *, html: bool) -> str:
    """Fill in the values."""
    try:
        return compiled(source, html).render(**values)
    except LiquidError as wrong:
        raise BrokenTemplate(str(wrong)) from None
    except (RecursionError, OverflowError, MemoryError, ArithmeticError):
        raise BrokenTemplate("the template asks for more than it may") from None


def used(source: str) -> set[str]:
    """Dotted names of what a template reads from outside."""
    try:
        found = parse(source, html=True).analyze()
    except LiquidError as wrong:
        raise BrokenTemplate(str(wrong)) from None
    names: set[str] = set()
    for variables in found.globals.values():
        for variable in variables:
            names.add(".".join(part if isinstance(part, str) else "[]" for part in variable.segments))
    return names


def is_flag(name: str) -> bool:
    """Whether it asks if a block shows (show.c0)."""
    return _FLAG.fullmatch(name) is not None


def unknown(source: str) -> list[str]:
    """Names a template reads that are neither merge fields nor flags of a block (show.c0)."""
    return sorted(name for name in used(source) - set(fields.FIELDS) if not is_flag(name))
