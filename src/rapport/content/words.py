"""Liquid for the words of marketers: bounded, escaping, and blind to everything but the merge fields.

- No way to a file, another template, Python, the environment or the network.
- Loops, output, nesting, memory, steps and time are bounded (`content.bounds`); what exceeds them raises, it is never cut in silence.
- Whatever the library makes of a broken template, callers see one error only: BrokenTemplate.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import Any

from liquid import BoundTemplate, DictLoader, Environment
from liquid.exceptions import LiquidError
from liquid.undefined import Undefined

from rapport.content import bounds, fields
from rapport.content.bounds import LONGEST

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

    template_class = bounds.Bounded
    loop_iteration_limit = 2_000
    output_stream_limit = LONGEST
    local_namespace_limit = bounds.MEMORY
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
    made.filters["uniq"] = _bounded(made.filters["uniq"], _steps_of_uniq)
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


def _steps_of_uniq(left: Any, *rest: Any) -> int:
    """Each is compared with every other."""
    try:
        return len(left) ** 2
    except TypeError:
        return 0


_HTML = _environment(escape=True)
_TEXT = _environment(escape=False)


def parse(source: str, *, html: bool) -> BoundTemplate:
    """Compile; raises BrokenTemplate with what is wrong."""
    try:
        marks = bounds.marks(source)
    except bounds.TooMuch as wrong:
        raise BrokenTemplate(str(wrong)) from None
    for markup in marks:
        if ".." in _SMALL_RANGE.sub("", _STRING.sub("", markup)):
            raise BrokenTemplate("a range needs two whole numbers of at most four digits, as in (1..5)")
    with _one_error():
        return (_HTML if html else _TEXT).from_string(source)


@lru_cache(maxsize=512)
def compiled(source: str, html: bool) -> BoundTemplate:
    """The same, remembered: one wording is rendered for thousands of people."""
    return parse(source, html=html)


def render(source: str, values: dict[str, Any], *, html: bool) -> str:
    """Fill in the values."""
    with _one_error():
        return compiled(source, html).render(**values)


def used(source: str) -> set[str]:
    """Dotted names of what a template reads from outside."""
    with _one_error():
        found = parse(source, html=True).analyze()
    names: set[str] = set()
    for variables in found.globals.values():
        for variable in variables:
            names.add(".".join(part if isinstance(part, str) else "[]" for part in variable.segments))
    return names


@contextmanager
def _one_error() -> Iterator[None]:
    """The library raises more than its own errors (a NaN, a recursion, a missing argument): all mean a broken template."""
    try:
        yield
    except BrokenTemplate:
        raise
    except LiquidError as wrong:
        raise BrokenTemplate(_first_line(wrong)) from None
    except Exception:  # noqa: BLE001  whatever it was, the template asked for it
        raise BrokenTemplate("the template asks for more than it may") from None


def _first_line(wrong: LiquidError) -> str:
    """What is wrong; the lines below show the template itself, which may be long."""
    said = str(wrong).splitlines()
    return said[0] if said else "the template can't be read"


def is_flag(name: str) -> bool:
    """Whether it asks if a block shows (show.c0)."""
    return _FLAG.fullmatch(name) is not None


def unknown(source: str) -> list[str]:
    """Names a template reads that are neither merge fields nor flags of a block (show.c0)."""
    return sorted(name for name in used(source) - set(fields.FIELDS) if not is_flag(name))
