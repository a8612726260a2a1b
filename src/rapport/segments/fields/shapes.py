"""One field of a criterion, and how it is made from what was typed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from rapport.segments.builder.draft import Criterion

Choice = tuple[str, str]
When = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Field:
    """One field: number, decimal, text, area, date, choice, many, picker or flag; or several under a heading (section) or
    folded away (more).

    `when`: only shown while another field has one of these values. A picker is filled by buttons from a `source`; its choices
    are what was chosen.
    """

    name: str
    label: str
    type: str
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    help: str = ""
    when: When | None = None
    shown: bool = True
    source: str = ""
    inner: tuple["Field", ...] = ()

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def is_filled(self) -> bool:
        return any(self.values) or any(one.is_filled for one in self.inner)


def typed(part: Criterion, name: str, label: str, kind: str, help_text: str = "") -> Field:
    return Field(name, label, kind, part.values.get(name, ()), help=help_text)


def choice(part: Criterion, name: str, label: str, choices: Iterable[tuple[str, object]], default: str) -> Field:
    """One of a list. A value that is not on the list is kept and shown as it stands."""
    options = [(key, str(text)) for key, text in choices]
    value = (part.values.get(name) or (default,))[0] or default
    if value not in dict(options):
        options.append((value, value))
    return Field(name, label, "choice", (value,), tuple(options))


def many(part: Criterion, name: str, label: str, choices: Iterable[tuple[str, object]], help_text: str = "") -> Field:
    """Several of a list. A choice that is no longer on the list is kept and shown by its number or name."""
    options = [(key, str(text)) for key, text in choices]
    known = {key for key, _text in options}
    gone = [value for value in part.values.get(name, ()) if value not in known]
    options += [(value, f"#{value}" if value.isdecimal() else value) for value in gone]
    return Field(name, label, "many", part.values.get(name, ()), tuple(options), help_text)


def flag(part: Criterion, name: str, label: str) -> Field:
    return Field(name, label, "flag", part.values.get(name, ()))


def section(label: str, fields: Iterable[Field]) -> Field:
    """Fields under a heading."""
    return Field("", label, "section", inner=tuple(fields))


def more(fields: Iterable[Field], label: str = "") -> Field:
    """Fields that few need, folded away until one of them says something."""
    return Field("", label or _("More"), "more", inner=tuple(fields))


def named(fields: Iterable[Field], prefix: str) -> tuple[Field, ...]:
    """The same fields with this before their names."""
    return tuple(
        replace(
            one, name=f"{prefix}{one.name}" if one.name else "", inner=named(one.inner, prefix),
            when=(f"{prefix}{one.when[0]}", one.when[1]) if one.when else None,
        )
        for one in fields
    )  # fmt: skip
