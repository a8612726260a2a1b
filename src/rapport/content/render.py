"""One published wording for one person: subject, HTML and text, with this person's links."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from rapport.content import fields, words
from rapport.content.models import Version


class LinkSigner(Protocol):
    """Makes the addresses of one message. `messaging.tracking` implements it; previews use `Unsigned`."""

    def click(self, number: int) -> str: ...
    def open(self) -> str: ...
    def book(self) -> str: ...
    def unsubscribe(self) -> str: ...
    def preferences(self) -> str: ...
    def confirm(self) -> str: ...


class Unsigned:
    """The links of a preview: they lead nowhere and count nothing."""

    def click(self, number: int) -> str:
        return f"#link-{number}"

    def open(self) -> str:
        return "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

    def book(self) -> str:
        return "#book"

    def unsubscribe(self) -> str:
        return "#unsubscribe"

    def preferences(self) -> str:
        return "#preferences"

    def confirm(self) -> str:
        return "#confirm"


class Rendered(msgspec.Struct, frozen=True):
    """A message as one person gets it."""

    subject: str
    html: str
    text: str


def render(version: Version, merge: Mapping[str, str], links: LinkSigner, language: str = "") -> Rendered:
    """Fill in one person's values; keys of `merge` are names of merge fields. What is not known gets its fallback."""
    spoken = language or version.piece.language
    values = fields.nested(dict(merge), spoken)
    values["links"] = {
        "book": links.book(),
        "unsubscribe": links.unsubscribe(),
        "preferences": links.preferences(),
        "confirm": links.confirm(),
    }
    tracked = {"open": links.open(), "link": _addresses(len(version.links), links.click)}
    return Rendered(
        subject=words.render(version.subject, {"clinic": values["clinic"]}, html=False),
        html=words.render(version.html, {**values, "track": tracked}, html=True),
        text=words.render(version.text, {**values, "track": tracked}, html=False),
    )


def preview(version: Version) -> Rendered:
    """The wording as the example person would see it."""
    merge = {name: field.example for name, field in fields.FIELDS.items() if field.privacy != "link"}
    return render(version, merge, Unsigned())


def _addresses(count: int, click: Callable[[int], str]) -> list[str]:
    return [click(number) for number in range(count)]
