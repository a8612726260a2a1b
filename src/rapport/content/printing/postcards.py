"""Postcards of 6 by 4 and 6 by 9 inches: the message on one side, the address on the other.

Everybody on the way reads a postcard. `check` therefore lets through only what may be shouted across a street: no condition, no
appointment, nothing chosen by a health record, and no name but the one in the address.
"""

from collections.abc import Iterable, Mapping, Sequence

from rapport.content import brands, fields, lint, showing, snippets, words
from rapport.content.blocks import kinds
from rapport.content.models import Version
from rapport.content.printing import items, letters
from rapport.content.printing.letters import Address

SIZES = {"6x4": (6.0, 4.0), "6x9": (9.0, 6.0)}  # across, down, in inches
CARE_TOPICS = {"care", "billing"}


class NotOnAPostcard(ValueError):
    """The words may not go on a postcard; `findings` says why."""

    def __init__(self, findings: list[lint.Finding]) -> None:
        self.findings = findings
        super().__init__("; ".join(one.message for one in findings))


def check(version: Version) -> list[lint.Finding]:
    """What may not stand on a postcard."""
    blocks, _missing = snippets.expand(kinds.read(version.blocks))
    found = []
    if version.piece.topic in CARE_TOPICS:
        message = "A postcard about somebody’s own care or bill tells the mail carrier and the family."
        found.append(_finding(message, "Send it as a letter."))
    said = " ".join(_words(blocks)) if blocks else version.text
    found += [
        _finding(f"“{word}” on a postcard tells others about somebody's health.", "Say it without the word.")
        for word in lint.condition_words(said)
    ]
    for name in sorted(words.used(said) if said else ()):
        field = fields.FIELDS.get(name)
        if field is not None and field.is_personal:
            message = f"{field.label} may not stand in the message of a postcard."
            found.append(_finding(message, "Take it out; the address carries the name."))
    if showing.classes_of(kinds.conditions(blocks)):
        found.append(_finding("A block shows only to people with something in their record.", "Show it to everybody."))
    return found


def postcard(version: Version, address: Address, *, size: str = "6x4") -> bytes:
    """One postcard, two pages. Raises NotOnAPostcard."""
    return postcard_sheet(version, [({}, address, ())], size=size)


def postcard_sheet(
    version: Version, people: Iterable[tuple[Mapping[str, str], Address, Sequence[bool]]], *, size: str = "6x4"
) -> bytes:
    """One PDF of many postcards, message and address side by turns. Raises NotOnAPostcard."""
    findings = check(version)
    if findings:
        raise NotOnAPostcard(findings)
    look, language = brands.look(), version.piece.language
    blocks, _missing = snippets.expand(kinds.read(version.blocks))
    merge = {"clinic.name": letters.settings.CLINIC_NAME, "clinic.phone": letters.settings.CLINIC_PHONE,
             "clinic.address": letters.settings.CLINIC_ADDRESS, "location.name": letters.settings.CLINIC_NAME}  # fmt: skip
    drawn = items.items(blocks, merge, language) if blocks else items.plain_items(version.text)
    wide, high = SIZES[size]
    data = {
        "title": version.piece.name, "language": language[:2], "look": letters.colours(look), "sender": letters.sender(look),
        "items": items.as_data(drawn), "pictures": letters.pictures(items.picture_names(drawn) | ({look.logo} - {""})),
        "wide": wide, "high": high, "addresses": [list(address.lines)[:5] for _merge, address, _shown in people],
    }  # fmt: skip
    return letters.made("postcard.typ", data)


def _words(blocks: kinds.Blocks) -> list[str]:
    return [str(value) for one in kinds.write(blocks) for value in _strings(one)]


def _strings(thing: object) -> list[str]:
    if isinstance(thing, dict):
        return [
            found
            for key, value in thing.items()
            if key not in {"show_when", "id", "kind", "link"}
            for found in _strings(value)
        ]
    if isinstance(thing, list | tuple):
        return [found for value in thing for found in _strings(value)]
    return [thing] if isinstance(thing, str) else []


def _finding(message: str, remedy: str) -> lint.Finding:
    return lint.Finding("E-04", "error", "postcard", message, remedy)
