"""The gallery of starters: what each is for, how long, how easy to read, and how it looks. Starters ship with the product and never
change while it runs, so all of this is worked out once a process; how they look, once for each look of the clinic.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as noop

from rapport.content import compile as compiler
from rapport.content import fields, parts, plaintext, render, starters, telling, texting, words
from rapport.content.blocks import mjml
from rapport.content.brand import Look
from rapport.content.examples import EXAMPLES, Example
from rapport.content.lint import reading
from rapport.content.models import Piece, Version
from rapport.content.starters import Starter

CHANNELS = ("email", "sms", "call", "portal", "push")
# What the starters name as theirs; `test_starter_cards` holds the two together.
PROGRAMMES = (
    noop("Around a visit"),
    noop("Billing"),
    noop("Care"),
    noop("Care gaps"),
    noop("Inbox"),
    noop("Listening"),
    noop("Newsletter"),
    noop("Our clinic"),
    noop("Prevention"),
    noop("Seasons"),
    noop("Service lines"),
    noop("Sign-up"),
    noop("Staying in touch"),
    noop("Welcome"),
)
LINES = 5
BOOKING = "https://crm.clinic.example/book/" + "x" * 35  # as long as such a link is


class Filters(msgspec.Struct, frozen=True):
    """What the page was asked for; empty is everything. English is shown first."""

    programme: str = ""
    channel: str = ""
    language: str = "en"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Filters":
        return cls(asked.get("programme", "")[:40], asked.get("channel", "")[:12], asked.get("language", "en")[:2])


class Facts(msgspec.Struct, frozen=True):
    """What can be counted: `many` words of a letter, parts of a text or seconds of a call; `grade` None where it is too short to tell."""

    many: int
    letters: int
    grade: float | None
    lines: tuple[str, ...] = ()


class Card(msgspec.Struct, frozen=True):
    """One starter as the gallery shows it."""

    starter: Starter
    facts: Facts

    @property
    def length(self) -> str:
        """In the words of its channel."""
        many, channel = self.facts.many, self.starter.channel
        if channel == texting.SMS:
            letters = gettext("%(num)s letters") % {"num": self.facts.letters}
            return ngettext("%(num)s part", "%(num)s parts", many) % {"num": many} + f", {letters}"
        if channel == "call":
            return gettext("%(num)s seconds to say") % {"num": many}
        return ngettext("%(num)s word", "%(num)s words", many) % {"num": many}


def fitting(asked: Filters) -> list[Card]:
    """The cards that were asked for, in the order of the starters."""
    return [
        card(one.slug) for one in starters.every()
        if all(not wanted or wanted == has for wanted, has in (
            (asked.programme, one.programme), (asked.channel, one.channel), (asked.language, one.language)
        ))
    ]  # fmt: skip


def by_programme(found: list[Card]) -> list[tuple[str, list[Card]]]:
    """Cards under their programmes; in each, letters before what is shorter."""
    made: dict[str, list[Card]] = {}
    for one in sorted(found, key=lambda card: CHANNELS.index(card.starter.channel)):
        made.setdefault(one.starter.programme, []).append(one)
    return sorted(made.items())


@lru_cache(maxsize=512)
def card(slug: str) -> Card:
    """The card of one starter."""
    starter = starters.of_slug(slug)
    assert starter is not None
    return Card(starter, _facts(starter))


@lru_cache(maxsize=512)
def drawn(starter: Starter, look: Look) -> str:
    """The page of a letter as its example person sees it."""
    made = mjml.letter(starter.blocks, look, starter.language, starter.subject)
    compiled = compiler.layout(mjml=made, preheader=starter.preheader, text="")
    piece = Piece(slug=starter.slug, name=starter.name, topic=starter.topic, language=starter.language)
    version = Version(
        piece=piece, subject=starter.subject, html=compiled.html, text=compiled.text, links=list(compiled.links),
        conditions=msgspec.to_builtins(mjml.kinds.conditions(starter.blocks)),
    )  # fmt: skip
    return render.preview(version, _seen_by(starter)).html


def stamp(look: Look) -> str:
    """Changes when the clinic's looks do."""
    return hashlib.sha256(repr(look).encode()).hexdigest()[:12]


def _seen_by(starter: Starter) -> Example:
    return EXAMPLES["luis" if starter.language == "es" else "pat"]


def _facts(starter: Starter) -> Facts:
    if starter.channel == texting.SMS:
        text = texting.with_opt_out(_filled(starter, "https://…"), starter.language)
        size = texting.measure(texting.with_opt_out(_filled(starter, BOOKING), starter.language))
        return Facts(size.parts, size.places, reading.grade(text, starter.language), (text,))
    if starter.said is not None:
        piece = Piece(name=starter.name, topic=starter.topic, language=starter.language, channel=starter.channel)
        shown = telling.shown(piece, starter.said, _seen_by(starter))
        text = parts.text(shown.said, starter.language)
        many = shown.seconds if starter.channel == "call" else len(text.split())
        lines = (*([parts.subject(shown.said, "")] if starter.channel != "call" else []), *_shown_lines(shown.said))
        return Facts(many, len(text), shown.grade, tuple(one for one in lines if one)[:LINES])
    text = plaintext.from_html(drawn(starter, Look()))
    return Facts(len(text.split()), len(text), reading.grade(text, starter.language))


def _shown_lines(said: parts.Parts) -> list[str]:
    match said:
        case parts.Script():
            return [said.opening, *(f"• {one}" for one in said.points), *(one.ask for one in said.questions)]
        case parts.Message():
            return [one.strip() for one in said.body.split("\n\n")]
        case parts.Push():
            return [said.line]


def _filled(starter: Starter, address: str) -> str:
    """The text message with its example person's words, and this as its link."""
    merge = {name: one.example for name, one in fields.FIELDS.items() if one.privacy != "link"} | _seen_by(
        starter
    ).merge
    values = fields.nested(merge, starter.language) | {"links": {"book": address}}
    return words.render(starter.text, values, html=False)
