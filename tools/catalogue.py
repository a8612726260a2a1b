"""The Spanish of the staff pages: collect the words of the sources into the catalogue, and say which have no Spanish yet.

    make words        after words were added or changed: fill in the empty `msgstr`s, then again

What patients read does not stand here but beside the pages, in both languages (`experience.words`, `integrations.web.public_words`).
"""

import re
import sys
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parents[1] / "src" / "rapport"
SPANISH = SOURCE / "ui" / "locale" / "es" / "LC_MESSAGES" / "django.po"
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "noop": None,
    "Defect": (2,),  # of a signed paper: its code, then its sentence
    "later": None,
    "_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
TRANSLATE = re.compile(r"""\{% translate (?:"([^"]+)"|'([^']+)') %\}""")
WIDTH = 140


def of_django(file: IO[bytes], *_asked: Any, **_how: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """The words of one of the few templates that the accounts library renders."""
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        for found in TRANSLATE.finditer(line):
            yield number, "gettext", found[1] or found[2], []


METHODS: list[tuple[str, Any]] = [
    ("**/dtl/**.html", of_django),
    ("**/templates/**.html", "jinja2"),
    ("**.py", "python"),
]
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false"}}


def collected() -> Catalog:
    """Every word that the sources show to staff."""
    catalog = Catalog(charset="utf-8")
    for name, _line, said, _comments, context in extract_from_dir(SOURCE, METHODS, OPTIONS, keywords=KEYWORDS):
        catalog.add(said, None, [(f"src/rapport/{name}", 0)], context=context)
    return catalog


def written() -> Catalog:
    """The catalogue as it stands."""
    with SPANISH.open("rb") as file:
        return read_po(file, locale="es", domain="django")


def missing(catalog: Catalog) -> list[str]:
    """What has no Spanish in it."""
    return [str(one.id) for one in catalog if one.id and not all(_forms(one.string))]


def _forms(said: str | Collection[str]) -> Collection[str]:
    return [said] if isinstance(said, str) else said or [""]


def renew(catalog: Catalog) -> Catalog:
    """The same with the words of the sources: new ones empty, those that are gone taken out."""
    catalog.update(collected(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # who changed it when is what git knows
    return catalog


def main() -> int:
    catalog = renew(written())
    with SPANISH.open("wb") as file:
        write_po(file, catalog, width=WIDTH, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    with SPANISH.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalog)
    empty = missing(catalog)
    print("\n".join(empty) or f"All {len(catalog)} have their Spanish.")
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())
