"""How much a template of a marketer may ask for. Far beyond an honest letter, and far below what would be felt.

- Before reading: length, number of marks, length of one mark, and marks that are never closed; the library's reader is quadratic there.
- While filling in: every node and every filter is a step, long values count as many steps, and names and numbers are bounded. The same
  template always stops at the same step.
- A deadline in processor time of this thread stops whatever the steps did not foresee; a busy machine does not make words illegal.
"""

import re
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from liquid import BoundTemplate, RenderContext
from liquid.exceptions import LiquidError
from liquid.token import Token
from liquid.utils import ReadOnlyChainMap

LONGEST = 400_000  # letters of a template, or of what a filter may make
MARKS = 2_000  # {{ }} and {% %} in one template
LONGEST_MARK = 4_000
STEPS = 50_000
SECONDS = 0.25
LETTERS_A_STEP = 256
NAMES = 100  # that a template may give to values
MEMORY = 200_000
LONGEST_NUMBER = 2_048  # bits
_OPENS = re.compile(r"\{\{|\{%")
_VERBATIM = re.compile(r"\{%-?\s*(?:raw|doc)\b")
_EXPONENT = re.compile(r"[eE][+-]?\d{4,}")
_CLOSING = {"{{": "}}", "{%": "%}"}
_EVERY = 15  # nodes between two looks at the clock, less one: a mask


class TooMuch(ValueError):
    """A template asks for more than it may."""


def marks(source: str) -> list[str]:
    """What stands inside {{ }} and {% %}, in order, in one pass. Raises TooMuch."""
    if len(source) > LONGEST:
        raise TooMuch("the template is too long")
    if len(_VERBATIM.findall(source)) > 20:
        raise TooMuch("there are more than 20 places of raw text")
    last = {opening: source.rfind(closing) for opening, closing in _CLOSING.items()}
    found, end, unclosed = [], 0, 0
    for opened in _OPENS.finditer(source):
        at, opening = opened.start(), opened.group()
        unclosed += last[opening] < at
        if unclosed > 1:
            raise TooMuch(f"“{opening}” is opened and never closed")
        if at < end or last[opening] < at:
            continue
        closes = source.find(_CLOSING[opening], at + 2)
        if closes < 0:
            continue
        found.append(source[at + 2 : closes])
        end = closes + 2
        if len(found) > MARKS:
            raise TooMuch(f"there are more than {MARKS} merge fields and tags")
        if closes - at > LONGEST_MARK:
            raise TooMuch(f"one merge field or tag is longer than {LONGEST_MARK} letters")
    return found


class Counting(RenderContext):
    """A render that counts its steps. It knows the values it is given, and nothing of the computer it runs on."""

    __slots__ = ("_held", "_steps", "_until", "_weights")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._steps, self._until = 0, time.thread_time() + SECONDS
        self._weights: dict[str, int] = {}
        self._held = 0
        super().__init__(*args, **kwargs)
        # Without the library's `now` and `today`: they read the clock of the machine.
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)

    @property
    def disabled_tags(self) -> list[str]:
        """Asked once by every node before it is filled in, which makes it the place to count them."""
        self._steps += 1
        if self._steps & _EVERY == 0 or self._steps > STEPS:
            self._look()
        return []

    @disabled_tags.setter
    def disabled_tags(self, given: list[str]) -> None:
        """No tag can be disabled from inside: those that reach other templates are not there at all."""

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """A filter that counts what it reads and what it makes."""
        real = super().filter(name, token)

        def counted(left: Any, *args: Any, **kwargs: Any) -> object:
            for one in (left, *args):
                self._steps += 1 + _letters(one) // LETTERS_A_STEP
                _refuse_long_number(one)
            self._look()
            made = real(left, *args, **kwargs)
            _refuse_long_number(made)
            self._steps += _letters(made) // LETTERS_A_STEP
            return made

        return counted

    def assign(self, key: str, val: Any) -> None:
        """Give a name to a value; the library would weigh all names again each time."""
        weight = sys.getsizeof(val, 1)
        self._held += weight - self._weights.get(key, 0)
        self._weights[key] = weight
        if self._held > MEMORY or len(self._weights) > NAMES:
            _refuse("the template keeps more than it may")
        self.locals[key] = val

    def _look(self) -> None:
        if self._steps > STEPS or time.thread_time() > self._until:
            _refuse("the template asks for more than it may")


class Bounded(BoundTemplate):
    """A template that is filled in by counting."""

    context_class = Counting


def _letters(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return len(value) * 16 if isinstance(value, list | tuple | range | dict) else 0


def _refuse_long_number(value: Any) -> None:
    if isinstance(value, int) and value.bit_length() > LONGEST_NUMBER:
        _refuse("a number is too long")
    if isinstance(value, str) and len(value) < LETTERS_A_STEP and _EXPONENT.search(value) and _is_number(value):
        _refuse("a number is too long")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refuse(why: str) -> NoReturn:
    raise LiquidError(why, token=None)
