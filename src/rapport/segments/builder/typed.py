"""What was typed into a criterion, the questions that are asked of it, and values as a form shows them. Pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

Values = Mapping[str, Sequence[str]]
Shown = dict[str, tuple[str, ...]]


class Unfinished(ValueError):
    """A criterion that says nothing yet, and what to do about it."""


class Typed:
    """What was typed, with the questions that the builders ask of it."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def word(self, name: str, default: str = "") -> str:
        found = self.values.get(name) or ()
        return found[0].strip() if found else default

    def words(self, name: str) -> list[str]:
        """Several choices, or several words in one field, by comma, semicolon or line."""
        return [
            word for value in self.values.get(name, ()) for part in re.split(r"[,;\n]", value) if (word := part.strip())
        ]

    def chosen(self, name: str) -> list[str]:
        """Several choices, each as it stands."""
        return [value for value in self.values.get(name, ()) if value]

    def number(self, name: str) -> int | None:
        text = self.word(name)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise Unfinished(f"“{text[:20]}” is not a whole number. Write digits, for example 50.")
        return int(text)

    def decimal(self, name: str) -> float | None:
        text = self.word(name).replace(",", ".").replace("−", "-").removeprefix("$").strip()
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,13}(\.[0-9]{1,12})?", text):
            raise Unfinished(f"“{text[:20]}” is not a number. Write for example 0.3.")
        return float(text)

    def ids(self, name: str) -> list[int]:
        return [int(word) for word in self.words(name) if re.fullmatch(r"[0-9]{1,19}", word)]

    def on(self, name: str) -> bool:
        return self.word(name) == "on"

    def under(self, prefix: str) -> "Typed":
        """The fields whose names begin so, without the beginning."""
        return Typed(
            {name.removeprefix(prefix): value for name, value in self.values.items() if name.startswith(prefix)}
        )


def needs(found: Sequence[Any], remedy: str) -> Sequence[Any]:
    """Raises Unfinished where nothing was chosen."""
    if not found:
        raise Unfinished(remedy)
    return found


def filled(**values: Any) -> dict[str, Any]:
    """Without what is not there."""
    return {name: value for name, value in values.items() if value is not None and value != "" and value != []}


def texts(**values: Any) -> Shown:
    """Values as the form shows them; nothing is shown for what is not there."""
    shown: Shown = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            shown[name] = tuple(_text(one) for one in value)
        elif value is not None and value != "" and value is not False:
            shown[name] = ("on" if value is True else _text(value),)
    return {name: value for name, value in shown.items() if value}


def _text(value: Any) -> str:
    """A number as it can be typed again: no exponent, no needless zeros."""
    return f"{Decimal(repr(value)).normalize():f}" if isinstance(value, float) else str(value)
