"""Words that are no letter: a script for a call, a text for the inbox, a word to the phone. Pure: parts in, plain text out.

People write the parts and a version keeps them; the text made of them is what a clerk reads from and what lies in the inbox.
A kind is: a struct here, a form in `parts_forms`, its rules in `lint.parts`, a drawing in `templates/content/told/`.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

LOCKED = {"en": "You have a new message.", "es": "Tiene un mensaje nuevo."}  # all that a locked screen is ever told
STAGE = {
    "en": {"ask": "Ask", "note": "note", "voicemail": "Voicemail, and nothing more", "choices": "Choose what you get"},
    "es": {"ask": "Pregunte", "note": "anote", "voicemail": "Buzón de voz, y nada más", "choices": "Elija qué recibir"},
}
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
BOOK = "{{ links.book }}"
MOST_LINKS = 200
_LINK = re.compile(rf"{re.escape(BOOK)}|https?://[^\s<>\"]+", re.IGNORECASE)


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a clerk asks, and the answers there are to note."""

    ask: str = ""
    answers: tuple[str, ...] = ()


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """Words, and where they lead: a whole https address, or the name of a link field such as links.book."""

    words: str = ""
    leads: str = "links.book"


class Script(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="call"):
    """What a clerk says on the telephone, in order. `voicemail` is all that a machine may be told."""

    opening: str = ""
    points: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    close: str = ""
    voicemail: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="portal"):
    """A text in the patient's inbox; a blank line parts its paragraphs."""

    subject: str = ""
    body: str = ""
    links: tuple[Link, ...] = ()


class Push(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="push"):
    """A short message in the inbox, of which the phone is told. The locked screen shows `LOCKED` alone."""

    title: str = ""
    line: str = ""
    links: tuple[Link, ...] = ()


Parts = Script | Message | Push
KINDS: dict[str, type[Script] | type[Message] | type[Push]] = {"call": Script, "portal": Message, "push": Push}


def read(stored: Any) -> Parts | None:
    """Parts from their stored form; None where there are none."""
    return msgspec.convert(stored, Parts) if stored else None


def write(said: Parts) -> dict[str, Any]:
    """The stored form."""
    made: dict[str, Any] = msgspec.to_builtins(said)
    return made


def beginning(channel: str, language: str) -> Parts:
    """What an empty editor opens with."""
    spanish = language.startswith("es")
    if channel == "call":
        if spanish:
            return Script(
                opening="Buenos días, habla {{ clinic.name }}. ¿Hablo con {{ person.given }}?",
                close="Gracias por su tiempo. Si tiene preguntas, llámenos al {{ clinic.phone }}.",
                voicemail="Hola, habla {{ clinic.name }}. Por favor, llámenos al {{ clinic.phone }}. Gracias.",
            )
        return Script(
            opening="Hello, this is {{ clinic.name }}. Am I speaking with {{ person.given }}?",
            close="Thank you for your time. If you have questions, call us at {{ clinic.phone }}.",
            voicemail="Hello, this is {{ clinic.name }}. Please call us at {{ clinic.phone }}. Thank you.",
        )
    if channel == "portal":
        return Message(body="Hola, {{ person.given }}:\n\n" if spanish else "Hello {{ person.given }},\n\n")
    return Push()


def of_letter(channel: str, subject: str, text: str) -> Parts:
    """The words of an older wording, made in the designer, put where they can be gone over."""
    plain = re.sub(r"\n{3,}", "\n\n", _TAG.sub("", text)).strip()
    if channel == "call":
        first, _, rest = plain.partition("\n\n")
        return Script(opening=first, points=tuple(" ".join(one.split()) for one in rest.split("\n\n") if one.strip()))
    if channel == "portal":
        return Message(subject=subject, body=plain)
    return Push(title=subject, line=" ".join(plain.split()))


def subject(said: Parts, name: str) -> str:
    """The subject of the message; a call has none, and is named as its piece."""
    match said:
        case Message(subject=told) | Push(title=told):
            return told
    return name


def text(said: Parts, language: str, *, has_choices: bool = False) -> str:
    """The words as they are sent: paragraphs parted by a blank line. `has_choices` adds the way to the page of choices."""
    stage = STAGE.get(language[:2], STAGE["en"])
    match said:
        case Script():
            found = [said.opening, *(f"• {one}" for one in said.points)]
            found += [_question(one, stage) for one in said.questions]
            found += [said.close, f"{stage['voicemail']}: {said.voicemail.strip()}" if said.voicemail.strip() else ""]
        case Message() | Push():
            found = [said.body if isinstance(said, Message) else said.line]
            found += [f"{one.words}: {address(one.leads)}" for one in said.links]
            found += [f"{stage['choices']}: {address('links.preferences')}"] if has_choices else []
    return "\n\n".join(one.strip() for one in found if one.strip())


class Target(msgspec.Struct, frozen=True):
    """Where one counted link of a text leads: a whole address, or links.book; `label` for reports."""

    url: str
    label: str


def linked(text: str) -> tuple[str, tuple[Target, ...]]:
    """A text whose links are counted as those of an e-mail are: each becomes a numbered one, and its target is kept beside it.

    The page of choices is not counted, and what a field makes of an address is left alone.
    """
    found: list[Target] = []

    def numbered(match: re.Match[str]) -> str:
        url = match.group(0).rstrip(".,;:!?)")
        if "{" in url.replace(BOOK, "") or len(found) >= MOST_LINKS:
            return match.group(0)
        before = text[: match.start()].rpartition("\n")[2].strip()
        found.append(Target("links.book" if url == BOOK else url, before.removesuffix(":")[-80:]))
        return f"{{{{ track.link[{len(found) - 1}] }}}}{match.group(0)[len(url) :]}"

    return _LINK.sub(numbered, text), tuple(found)


def address(leads: str) -> str:
    """What stands in the text for a link."""
    return f"{{{{ {leads} }}}}" if leads.startswith("links.") else leads


def places(said: Parts) -> list[tuple[str, str]]:
    """(place, words) of everything that somebody wrote."""
    match said:
        case Script():
            asked = [" ".join((one.ask, *one.answers)) for one in said.questions]
            return [
                ("opening", said.opening), ("points", "\n".join(said.points)), ("questions", "\n".join(asked)),
                ("close", said.close), ("voicemail", said.voicemail),
            ]  # fmt: skip
        case Message():
            return [("subject", said.subject), ("body", said.body), *(("links", one.words) for one in said.links)]
        case Push():
            return [("title", said.title), ("line", said.line), *(("links", one.words) for one in said.links)]


def mapped(said: Parts, fill: Callable[[str], str]) -> Parts:
    """The same parts with every word filled in."""

    def links(many: tuple[Link, ...]) -> tuple[Link, ...]:
        return tuple(msgspec.structs.replace(one, words=fill(one.words)) for one in many)

    match said:
        case Script():
            asked = tuple(Question(fill(one.ask), tuple(map(fill, one.answers))) for one in said.questions)
            return Script(
                opening=fill(said.opening), points=tuple(map(fill, said.points)), questions=asked, close=fill(said.close),
                voicemail=fill(said.voicemail),
            )  # fmt: skip
        case Message():
            return Message(subject=fill(said.subject), body=fill(said.body), links=links(said.links))
        case Push():
            return Push(title=fill(said.title), line=fill(said.line), links=links(said.links))


def _question(one: Question, stage: dict[str, str]) -> str:
    answers = f" ({stage['note']}: {' / '.join(one.answers)})" if one.answers else ""
    return f"{stage['ask']}: {one.ask}{answers}" if one.ask.strip() else ""
