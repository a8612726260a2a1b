"""Blocks as they are printed: words with their emphasis, filled in for one person. Pure."""

from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import msgspec

from rapport.content import fields, words
from rapport.content.blocks import drawings, kinds

CALL = {"en": "{label}: call {phone}.", "es": "{label}: llame al {phone}."}
VISIT = {"en": "{label}: {link}", "es": "{label}: {link}"}
Fill = Callable[[str], str]


class Run(msgspec.Struct, frozen=True):
    """Words of one kind."""

    text: str
    bold: bool = False
    italic: bool = False


class Item(msgspec.Struct, frozen=True):
    """One thing on paper. kind: heading, para, list, numbers, pairs, quote, box, line, space, picture, banner, sign, small."""

    kind: str
    runs: tuple[Run, ...] = ()
    level: int = 2
    rows: tuple[tuple[Run, ...], ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    over: str = ""
    picture: str = ""
    alt: str = ""


def items(
    blocks: kinds.Blocks, merge: Mapping[str, str], language: str, shown: Mapping[str, bool] | None = None
) -> list[Item]:
    """What stands on the paper. `shown`: which blocks show, by name; without it all do."""
    values = fields.nested(dict(merge), language)

    def fill(source: str) -> str:
        return " ".join(words.render(source, values, html=False).split()) if source else ""

    found: list[Item] = []
    for one in blocks:
        if shown is None or shown.get(one.id, True):
            found.extend(_of(one, fill, language, values["clinic"]["phone"]))
    return found


def visible(blocks: kinds.Blocks, answers: Sequence[bool]) -> dict[str, bool]:
    """Which blocks show, from the answers to `kinds.conditions(blocks)` in order."""
    asked = {one: answers[at] if at < len(answers) else False for at, one in enumerate(kinds.conditions(blocks))}
    return {one.id: all(asked[condition] for condition in one.show_when) for one in blocks}


def _of(block: kinds.Block, fill: Fill, language: str, phone: str) -> list[Item]:
    match block:
        case kinds.Banner(text=text, overline=over):
            return [Item("banner", (Run(fill(text)),), level=1, over=fill(over))]
        case kinds.Heading(text=text, level=level):
            return [Item("heading", (Run(fill(text)),), level=level)]
        case kinds.Text(html=source):
            return rich(source, fill)
        case kinds.Button(label=label, link=link):
            if link.startswith("links."):
                said = (
                    CALL.get(language[:2], CALL["en"]).format(label=fill(label), phone=phone) if phone else fill(label)
                )
            else:
                said = VISIT.get(language[:2], VISIT["en"]).format(
                    label=fill(label), link=link.removeprefix("https://")
                )
            return [Item("para", (Run(said, bold=True),))]
        case kinds.Picture(picture=picture, alt=alt, is_decoration=is_decoration) if picture:
            return [Item("picture", picture=picture, alt="" if is_decoration else alt)]
        case kinds.Columns(left=left, right=right):
            return [*_side(left, fill), *_side(right, fill)]
        case kinds.Steps(items=steps):
            return [Item("numbers", rows=tuple((Run(fill(one)),) for one in steps))]
        case kinds.Details(items=details):
            return [Item("pairs", pairs=tuple((fill(one.label), fill(one.text)) for one in details))]
        case kinds.Quote(text=text, who=who):
            return [Item("quote", (Run(fill(text), italic=True),), over=fill(who))]
        case kinds.Appointment(heading=heading, note=note):
            return [_box(fill, heading, "{{ appointment.day }}", "{{ appointment.place }}", note)]
        case kinds.Place(heading=heading, note=note):
            return [_box(fill, heading, "{{ location.name }}", "{{ clinic.address }} {{ clinic.phone }}", note)]
        case kinds.Signature(closing=closing, name=name, role=role):
            return [
                Item(
                    "sign",
                    (Run(fill(closing)), Run(fill(name) or fill("{{ clinic.name }}"), bold=True), Run(fill(role))),
                )
            ]
        case kinds.Divider():
            return [Item("line")]
        case kinds.Spacer():
            return [Item("space")]
        case kinds.Footer(reason=reason):
            stop = drawings.STOP_BY_HAND.get(language[:2], drawings.STOP_BY_HAND["en"])
            return [Item("small", (Run(said),)) for said in (fill(reason), fill(stop)) if said]
    return []  # a snippet that is not there says nothing


def _box(fill: Fill, heading: str, first: str, second: str, note: str) -> Item:
    return Item("box", (Run(fill(first), bold=True),), over=fill(heading), pairs=((fill(second), fill(note)),))


def _side(side: kinds.Side, fill: Fill) -> list[Item]:
    head = [Item("heading", (Run(fill(side.heading)),), level=3)] if side.heading else []
    face = [Item("picture", picture=side.picture, alt=side.alt)] if side.picture else []
    return [*face, *head, *rich(side.html, fill)]


def rich(source: str, fill: Fill) -> list[Item]:
    """Rich text as paragraphs and lists."""
    reader = _Rich(fill)
    reader.feed(source)
    reader.end()
    return reader.found


class _Rich(HTMLParser):
    def __init__(self, fill: Fill) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Item] = []
        self._fill = fill
        self._runs: list[Run] = []
        self._rows: list[tuple[Run, ...]] = []
        self._list = ""
        self._bold = self._italic = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "strong":
            self._bold += 1
        elif tag == "em":
            self._italic += 1
        elif tag in {"ul", "ol"}:
            self.end()
            self._list = "list" if tag == "ul" else "numbers"
        elif tag == "br":
            self._runs.append(Run("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "strong":
            self._bold = max(0, self._bold - 1)
        elif tag == "em":
            self._italic = max(0, self._italic - 1)
        elif tag == "li" and self._runs:
            self._rows.append(tuple(self._runs))
            self._runs = []
        elif tag in {"ul", "ol"}:
            if self._rows:
                self.found.append(Item(self._list, rows=tuple(self._rows)))
            self._rows, self._list = [], ""
        elif tag == "p":
            self.end()

    def handle_data(self, data: str) -> None:
        said = self._fill(data) if data.strip() else ""
        if said or self._runs:
            front = " " if data[:1].isspace() and self._runs else ""
            back = " " if data[-1:].isspace() and said else ""
            self._runs.append(Run(front + said + back, bool(self._bold), bool(self._italic)))

    def end(self) -> None:
        """A paragraph is over."""
        if self._runs and not self._list and any(one.text.strip() for one in self._runs):
            self.found.append(Item("para", tuple(self._runs)))
            self._runs = []


def picture_names(found: Sequence[Item]) -> set[str]:
    return {one.picture for one in found if one.picture}


def plain_items(text: str) -> list[Item]:
    """A letter written by hand in MJML: the paragraphs of its plain text."""
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return [Item("para", (Run(part),)) for part in parts if part]


def as_data(found: Sequence[Item]) -> list[dict[str, Any]]:
    return msgspec.to_builtins(found)
