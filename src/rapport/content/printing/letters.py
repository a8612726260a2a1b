"""Letters on US Letter, for a #10 double-window envelope."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import typst
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from rapport.content import brands, render, snippets
from rapport.content.blocks import kinds
from rapport.content.brand import Look
from rapport.content.models import Picture, Version
from rapport.content.printing import envelope, items
from rapport.content.words import render as fill

HERE = Path(__file__).parent
MOST_LINES = 5
HEAVIEST = 400_000  # bytes of a picture that goes onto paper


class Address(msgspec.Struct, frozen=True):
    """Where a letter goes, line by line as it stands in the window."""

    lines: tuple[str, ...]


def letter(
    version: Version, merge: Mapping[str, str], address: Address, *, on: date, shown: Sequence[bool] = ()
) -> bytes:
    """One letter as PDF/UA. `merge` and `shown` as for `render.render`."""
    return sheet(version, [(merge, address, shown)], on=on)


def sheet(version: Version, people: Iterable[tuple[Mapping[str, str], Address, Sequence[bool]]], *, on: date) -> bytes:
    """One PDF of many letters, each beginning on a page of its own."""
    title = fill(version.subject, {"clinic": {"name": settings.CLINIC_NAME}}, html=False)
    return bound([drawn(version, merge, address, shown, on=on) for merge, address, shown in people], title=title)


def drawn(
    version: Version, merge: Mapping[str, str], address: Address, shown: Sequence[bool] = (), *, on: date
) -> dict[str, Any]:
    """One letter as the template wants it: raises `BrokenTemplate` for itself alone. For `bound`."""
    blocks, _missing = snippets.expand(kinds.read(version.blocks))
    entry = _one(version, blocks, merge, address, shown)
    return entry | {"day": _day(on, version.piece.language), "language": version.piece.language[:2]}


def bound(entries: Sequence[dict[str, Any]], *, title: str) -> bytes:
    """One PDF of letters, also of different wordings and languages, each beginning on a page of its own."""
    look = brands.look()
    names = {one for entry in entries for one in items.picture_names(entry["items"])} | ({look.logo} - {""})
    data = {
        "title": title, "language": entries[0]["language"] if entries else "en", "look": colours(look), "sender": sender(look),
        "letters": [entry | {"items": items.as_data(entry["items"])} for entry in entries],
        "pictures": pictures(names), "box": _boxes(),
    }  # fmt: skip
    return made("letter.typ", data)


def pages(pdf: bytes) -> int:
    """How many pages a PDF of ours has."""
    return pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page/")


def made(template: str, data: dict[str, Any]) -> bytes:
    """The PDF. The template is ours; everything else is data."""
    done = typst.compile(
        _source(template),
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )
    assert isinstance(done, bytes)
    return done


def pictures(names: Iterable[str]) -> dict[str, list[int]]:
    """The bytes of pictures, once each."""
    kept = Picture.objects.filter(token__in=list(names), size__lte=HEAVIEST).values_list("token", "content")
    return {token: list(bytes(content)) for token, content in kept}


def _one(
    version: Version, blocks: kinds.Blocks, merge: Mapping[str, str], address: Address, shown: Sequence[bool]
) -> dict[str, Any]:
    language = version.piece.language
    if blocks:
        found = items.items(blocks, merge, language, items.visible(blocks, shown))
    else:
        found = items.plain_items(render.render(version, merge, render.Unsigned(), language, shown=shown).text)
    return {"address": [line for line in address.lines if line.strip()][:MOST_LINES], "items": found}


def sender(look: Look) -> list[str]:
    street, _comma, town = settings.CLINIC_ADDRESS.partition(", ")
    return [look.identification or settings.CLINIC_NAME, street, town]


def colours(look: Look) -> dict[str, str]:
    return {"accent": look.accent, "ink": look.ink, "logo": look.logo, "logo_alt": look.logo_alt}


def _boxes() -> dict[str, float]:
    back, to = envelope.RETURN_SURE, envelope.ADDRESS_SURE
    return {
        "left": back.left + 0.25,
        "back": back.top,
        "to": to.top,
        "body": envelope.BODY_TOP,
        "wide": to.right - to.left - 0.25,
    }


def _day(on: date, language: str) -> str:
    with translation.override(language):
        return str(date_format(on, r"j \d\e F \d\e Y" if language.startswith("es") else "F j, Y"))


@lru_cache(maxsize=4)
def _source(template: str) -> bytes:
    return (HERE / template).read_bytes()
