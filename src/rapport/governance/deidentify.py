"""De-identification by safe harbor, 45 CFR 164.514(b)(2). Pure: rows in, rows and a manifest out.

- Only columns that are named here with what becomes of them; any other column refuses the whole export (requirement D-01).
- ZIP becomes its first three digits, or 000 where that area holds 20,000 people or fewer (rule rows of kind `zip3`) or is unknown.
- Dates become years; a year that tells an age over 89 goes too. Ages over 89 become 90+.
- Names, numbers, addresses, free text and every other code that names one person are not among the columns one may choose.

The manifest says what was done by which edition of the table. It is no expert determination (D-02) and no limited data set (D-03);
whoever releases the file still attests that nothing else they know identifies anybody.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from rapport.consent import rules as rulebook

OLDEST = 89
NINETY = "90+"
METHOD = "Safe harbor, 45 CFR 164.514(b)(2)"


class NotSafe(ValueError):
    """A column that safe harbor does not let out, or that nobody has classified."""


class Zip3(msgspec.Struct, frozen=True):
    """The areas too small to be named, and where the list comes from."""

    rule: str
    version: int
    authority: str
    small: frozenset[str]

    def of(self, value: str) -> str:
        digits = re.sub(r"\D", "", value)[:3]
        return digits if len(digits) == 3 and digits not in self.small else "000"


class Manifest(msgspec.Struct, frozen=True):
    """What was done, for whoever has to answer for the file."""

    method: str
    columns: dict[str, str]
    zip3_rule: str
    zip3_version: int
    zip3_authority: str
    on: date
    rows: int
    digest: str
    attestation: str = ""


@dataclass(frozen=True)
class Safe:
    """What came out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    manifest: Manifest


@dataclass(frozen=True)
class _World:
    zip3: Zip3
    on: date


Change = Callable[[Any, Mapping[str, Any], _World], Any]


def safe_harbor(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, on: date, zip3: Zip3 | None = None, attestation: str = ""
) -> Safe:  # fmt: skip
    """De-identify rows as of a day. Raises NotSafe before the first row when a column may not go out."""
    unknown = [name for name in columns if name not in CHANGES]
    if unknown:
        raise NotSafe(
            f"These columns may not leave: {', '.join(sorted(unknown))}. Safe harbor lets out only columns that were classified."
        )
    world = _World(zip3 or table(on), on)
    told = [CHANGES[name] for name in columns]
    made = tuple(tuple(change(row.get(source), row, world) for (source, _, change) in told) for row in rows)
    return Safe(tuple(columns), made, _manifest(columns, made, world, attestation))


def table(on: date) -> Zip3:
    """The list of small areas in force that day."""
    found = [row for row in rulebook.rows() if row.kind == "zip3" and row.is_in_force(on)]
    if not found:
        raise NotSafe("No list of small ZIP areas is in force: nothing can be de-identified.")
    newest = max(found, key=lambda row: (row.effective_from, row.version))
    return Zip3(newest.id, newest.version, newest.authority, frozenset(newest.parameters["areas"]))


def age_on(born: date, on: date) -> int:
    """Full years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _manifest(columns: Sequence[str], made: tuple[tuple[Any, ...], ...], world: _World, attestation: str) -> Manifest:
    digest = hashlib.sha256(msgspec.json.encode([list(columns), made])).hexdigest()
    return Manifest(
        METHOD, {name: CHANGES[name][1] for name in columns}, world.zip3.rule, world.zip3.version, world.zip3.authority,
        world.on, len(made), digest, attestation,
    )  # fmt: skip


def _zip3(value: Any, row: Mapping[str, Any], world: _World) -> str:
    return world.zip3.of(str(value or ""))


def _year(value: Any, row: Mapping[str, Any], world: _World) -> int | None:
    """The year of something that happened. Of somebody who was over 89 then, it may tell the age together with the birth year,
    which is never given for her."""
    return value.year if isinstance(value, date | datetime) else None


def _birth_year(value: Any, row: Mapping[str, Any], world: _World) -> int | str | None:
    if not isinstance(value, date):
        return None
    return NINETY if _oldest(value, world) > OLDEST else value.year


def _age(value: Any, row: Mapping[str, Any], world: _World) -> int | str | None:
    if isinstance(value, date):
        value = _oldest(value, world)
    if not isinstance(value, int):
        return None
    return NINETY if value > OLDEST else value


def _oldest(born: date, world: _World) -> int:
    """The age she may have: of a birth month only the first is known, so she may be older than she seems, never younger."""
    return age_on(born, world.on)


def _word(pattern: str) -> Change:
    """A value of a closed or coded vocabulary; anything that does not look like it becomes empty, so that no free text slips out."""
    fits = re.compile(pattern)

    def change(value: Any, row: Mapping[str, Any], world: _World) -> str:
        return str(value) if value is not None and fits.fullmatch(str(value)) else ""

    return change


_CODE = _word(r"[A-Za-z0-9.:-]{1,20}")
_NAME = _word(r"[a-z0-9_.]{1,60}")
# Name of the column -> (field of the row, what becomes of it in words, how).
CHANGES: dict[str, tuple[str, str, Change]] = {
    "sex": ("sex", "as it is", _word(r"[FMOU]")),
    "language": ("language", "as it is", _word(r"[a-z]{2,3}")),
    "state": ("state", "as it is", _word(r"[A-Z]{2}")),
    "zip3": ("zip5", "first three digits; 000 for areas of 20,000 people or fewer", _zip3),
    "birth_year": ("birth_date", "year; 90+ over 89", _birth_year),
    "age": ("birth_date", "full years; 90+ over 89", _age),
    "deceased_year": ("deceased_at", "year", _year),
    "kind": ("kind", "as it is", _NAME),
    "year": ("at", "year", _year),
    "code_system": ("code_system", "as it is", _word(r"[a-z0-9_-]{1,20}")),
    "code": ("code", "as it is, when it is a code", _CODE),
    "value": ("value", "number as it is", lambda value, row, world: float(value) if _is_number(value) else None),
    "status": ("status", "as it is", _word(r"[a-z-]{1,30}")),
    "trait": ("name", "as it is", _NAME),
    "service_line": ("service_line", "as it is", _word(r"[a-z0-9-]{1,50}")),
}


def _is_number(value: Any) -> bool:
    return (
        value is not None
        and not isinstance(value, bool)
        and re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", str(value)) is not None
    )
