"""One published wording for one person: subject, HTML and text, with this person's links."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from rapport.content import fields, parts, showing, words
from rapport.content.examples import Example
from rapport.content.models import Version


class LinkSigner(Protocol):
    """Makes the addresses of one message. `messaging.tracking` implements it; previews use `Unsigned`."""

    def click(self, number: int) -> str: ...
    def open(self) -> str: ...
    def trap(self) -> str: ...
    def book(self) -> str: ...
    def unsubscribe(self) -> str: ...
    def preferences(self) -> str: ...
    def confirm(self) -> str: ...
    def inbox(self) -> str: ...
    def host(self) -> str: ...


class Unsigned:
    """The links of a preview: they lead nowhere and count nothing."""

    def click(self, number: int) -> str:
        return f"#link-{number}"

    def open(self) -> str:
        return "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

    def trap(self) -> str:
        return "#"

    def book(self) -> str:
        return "#book"

    def unsubscribe(self) -> str:
        return "#unsubscribe"

    def preferences(self) -> str:
        return "#preferences"

    def confirm(self) -> str:
        return "#confirm"

    def inbox(self) -> str:
        return "#inbox"

    def host(self) -> str:
        return ""


class Rendered(msgspec.Struct, frozen=True):
    """A message as one person gets it."""

    subject: str
    html: str
    text: str


def conditions(version: Version) -> tuple[showing.Condition, ...]:
    """For whom the blocks of a version show, by number."""
    return showing.read(version.conditions)


def render(
    version: Version, merge: Mapping[str, str], links: LinkSigner, language: str = "", *, shown: Sequence[bool] = ()
) -> Rendered:
    """Fill in one person's values; keys of `merge` are names of merge fields. What is not known gets its fallback.

    `shown`: the answers to `conditions(version)`, in order, from `showing.shown`; a block without an answer is left out.
    """
    spoken = language or version.piece.language
    values = fields.nested(dict(merge), spoken)
    values["links"] = {
        "book": links.book(),
        "unsubscribe": links.unsubscribe(),
        "preferences": links.preferences(),
        "confirm": links.confirm(),
        "inbox": links.inbox(),
    }
    tracked = {
        "open": links.open(),
        "trap": links.trap(),
        "link": _addresses(len(version.links), links.click),
        "host": links.host(),
    }
    # What is no letter stands as it was approved; its links become counted ones only here.
    text = parts.linked(version.text)[0] if version.parts and version.links else version.text
    flags = {f"c{at}": answer for at, answer in enumerate(shown)}
    return Rendered(
        subject=words.render(version.subject, {"clinic": values["clinic"]}, html=False),
        html=words.render(version.html, {**values, "track": tracked, "show": flags}, html=True),
        text=words.render(text, {**values, "track": tracked, "show": flags}, html=False),
    )


def preview(version: Version, person: Example | None = None) -> Rendered:
    """The wording as an example person would see it; without one, as somebody who sees every block."""
    merge = {name: field.example for name, field in fields.FIELDS.items() if field.privacy != "link"}
    asked = conditions(version)
    if person is None:
        return render(version, merge, Unsigned(), shown=[True] * len(asked))
    return render(version, merge | person.merge, Unsigned(), shown=showing.shown(asked, person.facts))


def _addresses(count: int, click: Callable[[int], str]) -> list[str]:
    return [click(number) for number in range(count)]
