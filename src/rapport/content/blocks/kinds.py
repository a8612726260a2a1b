"""The kinds of blocks. Words may hold merge fields; `html` is rich text that `clean` has been over."""

from typing import Any, ClassVar, Literal

import msgspec

from rapport.content.showing import Condition

Size = Literal["small", "medium", "large"]
Link = str  # a whole https address, mailto:, tel:, or the name of a link field such as links.book


class Base(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every block has: a name inside its letter, and for whom it shows."""

    title: ClassVar[str] = ""
    id: str = ""
    show_when: tuple[Condition, ...] = ()


class Banner(Base, frozen=True, kw_only=True, tag="banner"):
    """The coloured head of a letter."""

    overline: str = ""
    text: str = ""


class Heading(Base, frozen=True, kw_only=True, tag="heading"):
    text: str = ""
    level: Literal[1, 2, 3] = 2


class Text(Base, frozen=True, kw_only=True, tag="text"):
    html: str = ""


class Button(Base, frozen=True, kw_only=True, tag="button"):
    label: str = ""
    link: Link = "links.book"
    align: Literal["left", "center"] = "left"


class Picture(Base, frozen=True, kw_only=True, tag="picture"):
    """A stored picture, by its public name. Without words it is mere decoration, and says so."""

    picture: str = ""
    alt: str = ""
    is_decoration: bool = False
    width: int = 0
    link: Link = ""


class Side(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of two columns."""

    picture: str = ""
    alt: str = ""
    heading: str = ""
    html: str = ""


class Columns(Base, frozen=True, kw_only=True, tag="columns"):
    """Two columns side by side; one below the other on a telephone."""

    left: Side = Side()
    right: Side = Side()


class Divider(Base, frozen=True, kw_only=True, tag="divider"):
    pass


class Spacer(Base, frozen=True, kw_only=True, tag="spacer"):
    size: Size = "medium"


class Quote(Base, frozen=True, kw_only=True, tag="quote"):
    text: str = ""
    who: str = ""


class Steps(Base, frozen=True, kw_only=True, tag="steps"):
    """What happens, in order."""

    items: tuple[str, ...] = ()


class Detail(msgspec.Struct, frozen=True):
    label: str = ""
    text: str = ""


class Details(Base, frozen=True, kw_only=True, tag="details"):
    """Pairs such as Where, When, Bring."""

    items: tuple[Detail, ...] = ()


class Appointment(Base, frozen=True, kw_only=True, tag="appointment"):
    """The person's next appointment: day and place come from the record."""

    heading: str = ""
    note: str = ""


class Place(Base, frozen=True, kw_only=True, tag="location"):
    """The person's own location, with the clinic's address and telephone."""

    heading: str = ""
    note: str = ""


class Signature(Base, frozen=True, kw_only=True, tag="signature"):
    """Who signs: a provider or the team."""

    closing: str = ""
    name: str = ""
    role: str = ""
    picture: str = ""


class Snippet(Base, frozen=True, kw_only=True, tag="snippet"):
    """Blocks kept in one place and used in many letters. A published letter holds a copy of them (`frozen`)."""

    slug: str = ""
    frozen: tuple[dict[str, Any], ...] = ()


class Footer(Base, frozen=True, kw_only=True, tag="footer"):
    """Why one gets this, who writes, where from, and how to stop: no letter goes without it. `has_choices` adds the page of choices."""

    reason: str = ""
    has_choices: bool = True


Block = (
    Banner | Heading | Text | Button | Picture | Columns | Divider | Spacer | Quote | Steps | Details | Appointment | Place
    | Signature | Snippet | Footer
)  # fmt: skip
KINDS: dict[str, type[Base]] = {
    str(one.__struct_config__.tag): one
    for one in (
        Heading, Text, Button, Picture, Columns, Steps, Details, Quote, Appointment, Place, Signature, Banner, Divider, Spacer,
        Snippet, Footer,
    )
}  # fmt: skip
Blocks = tuple[Block, ...]


class BrokenBlocks(ValueError):
    """What is stored is no list of blocks."""


def read(stored: Any) -> Blocks:
    """Blocks from their stored form. Raises BrokenBlocks."""
    try:
        return msgspec.convert(stored or [], tuple[Block, ...])
    except msgspec.ValidationError as wrong:
        raise BrokenBlocks(str(wrong)) from None


def write(blocks: Blocks) -> list[dict[str, Any]]:
    """The stored form."""
    return msgspec.to_builtins(blocks)


def pictures(blocks: Blocks) -> set[str]:
    """Public names of the pictures that stand in these blocks."""
    found: set[str] = set()
    for one in blocks:
        if isinstance(one, Picture | Signature):
            found.add(one.picture)
        elif isinstance(one, Columns):
            found |= {one.left.picture, one.right.picture}
    return found - {""}


def conditions(blocks: Blocks) -> tuple[Condition, ...]:
    """Every condition once, in order of first use: the number of a condition is its place here."""
    return tuple(dict.fromkeys(condition for one in blocks for condition in one.show_when))
