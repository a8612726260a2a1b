"""A sheet of people as somebody saved it from a spreadsheet: which column says what, and what each line points at."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from rapport.people.names import plain
from rapport.people.pointing import Pointer

LONGEST, MOST = 20_000_000, 200_000  # characters (and bytes of a file), lines
WORDS = {
    "person_id": ("id", "person", "person id", "rapport id"),
    "system": ("system", "number system"),
    "number": ("mrn", "number", "identifier", "medical record number", "patient number", "patient id"),
    "email": ("email", "e mail", "mail", "email address", "e mail address", "correo"),
    "phone": ("phone", "telephone", "mobile", "cell", "phone number", "mobile phone", "telefono"),
    "given": ("given", "first", "first name", "given name", "nombre"),
    "family": ("family", "last", "last name", "family name", "surname", "apellido"),
    "birth_date": ("birth date", "birthdate", "date of birth", "dob", "birthday", "fecha de nacimiento"),
    "sex": ("sex", "gender", "sexo"),
}
_COLUMNS = {word: name for name, words in WORDS.items() for word in words}
_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M", "o": "O", "other": "O"}
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d")


class UnreadableSheet(ValueError):
    """No column says who is meant, or the sheet is too long; the text says what to do."""


@dataclass(frozen=True)
class Line:
    """One line: its number in the file (the heading is line 1), and what it says; `problem` where a cell can't be read."""

    number: int
    pointer: Pointer
    problem: str = ""


def read(raw: bytes) -> str:
    """The text of a file, as spreadsheets save it: UTF-8, UTF-16 with its mark, or the Western code page. Raises UnreadableSheet."""
    if len(raw) > LONGEST:
        raise UnreadableSheet(_("The file is too long. Split it into several lists."))
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableSheet(_("This is a workbook. Save the sheet as CSV and send that file."))
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableSheet(_("This is no text that can be read. Save the sheet as CSV (UTF-8) and send that file."))


def lines(text: str) -> Iterator[Line]:
    """Every line that is not empty. Raises UnreadableSheet."""
    if len(text) > LONGEST:
        raise UnreadableSheet(_("The file is too long. Split it into several lists."))
    text = text.removeprefix("\ufeff")
    columns: list[str | None] | None = None
    for number, cells in _rows(text):
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _headed(cells)
            if columns is not None:
                continue
            columns = ["email"]
        yield _line(number, columns, cells)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of every line, with the line of the file that it ends on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for many, cells in enumerate(reader, 1):
            if many > MOST:
                raise UnreadableSheet(
                    _("A list may have %(most)s lines. Split it into several lists.") % {"most": f"{MOST:,}"}
                )
            yield reader.line_num, cells
    except csv.Error:
        at = reader.line_num
        raise UnreadableSheet(
            _("Line %(at)s can't be read: a cell has no end. Look for a quotation mark that is alone.") % {"at": at}
        ) from None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _headed(cells: list[str]) -> list[str | None] | None:
    """What each column says; None where a bare list of e-mail addresses has no heading."""
    found = [_COLUMNS.get(plain(cell)) for cell in cells]
    if {"person_id", "number", "email", "phone"} & set(found) or {"given", "family", "birth_date"} <= set(found):
        return found
    if len(cells) == 1 and "@" in cells[0]:
        return None
    raise UnreadableSheet(
        _(
            "No column says who is meant. Give the first line headings: id, mrn, email, phone, "
            "or first name, last name and date of birth together."
        )
    )


def _line(number: int, columns: list[str | None], cells: list[str]) -> Line:
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name and cell.strip()}
    day = said.pop("birth_date", "")
    born = _day(day)
    who = said.pop("person_id", "")
    sex = _SEXES.get(said.pop("sex", "").lower(), "")
    bad = bool(day and born is None) or bool(who and not re.fullmatch(r"[0-9]{1,18}", who))
    pointer = Pointer(person_id=int(who) if who and not bad else None, birth_date=born, sex=sex, **said)
    return Line(number, pointer, "unreadable" if bad else "")


def _day(text: str) -> date | None:
    for form in _DATES if text else ():
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
