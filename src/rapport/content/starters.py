"""Starters: letters, texts, scripts and inbox messages of our own for every programme. `pieces/<slug>.yaml` holds one in both languages.

A new clinic gets the few that the product itself sends or shows (`first:`); the others wait in the gallery until somebody takes one.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from rapport.content import actions, designing, parts, telling, texting
from rapport.content.blocks import arrange, kinds
from rapport.content.models import Piece, Version
from rapport.directory.models import ServiceLine
from rapport.trust.actors import Actor

FOLDER = Path(__file__).parent / "pieces"
LANGUAGES = ("en", "es")
NAMES = {
    "call": {"en": "call", "es": "llamada"}, "portal": {"en": "inbox", "es": "mensajes"}, "push": {"en": "push", "es": "aviso"},
}  # fmt: skip
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Starter(msgspec.Struct, frozen=True):
    """One letter, text, script or message in one language. `about`: what it is for, in words for staff."""

    slug: str
    name: str
    programme: str
    topic: str
    language: str
    service_line: str = ""
    channel: str = "email"
    subject: str = ""
    preheader: str = ""
    text: str = ""
    blocks: kinds.Blocks = ()
    said: parts.Parts | None = None
    is_first: bool = False
    at_desk: str = ""
    about: str = ""


def load(*, by: Actor, now: datetime, everything: bool = False) -> dict[str, Version]:
    """Publish the starters that are not there yet: the first ones, or all. Returns the newest published version of each by slug."""
    wanted = [one for one in every() if everything or one.is_first]
    pieces = {one.slug: one for one in Piece.objects.filter(slug__in=[starter.slug for starter in wanted])}
    newest = Version.objects.filter(piece__in=pieces.values(), state=Version.State.PUBLISHED).select_related("piece")
    found = {one.piece.slug: one for one in newest.order_by("piece_id", "-number").distinct("piece_id")}
    lines = dict(ServiceLine.objects.values_list("slug", "id"))
    for starter in wanted:
        if starter.slug not in found:
            piece = pieces.get(starter.slug) or begin(by=by, starter=starter, slug=starter.slug, now=now, lines=lines)
            found[starter.slug] = _publish(piece, starter, now)
    return found


def newest(*, by: Actor, slug: str, now: datetime) -> Version:
    """The newest published wording of one starter; published when there is none yet."""
    found = Version.objects.filter(piece__slug=slug, state=Version.State.PUBLISHED).order_by("-number").first()
    if found is not None:
        return found
    starter = of_slug(slug)
    assert starter is not None, slug
    piece = Piece.objects.filter(slug=slug).first() or begin(by=by, starter=starter, slug=slug, now=now)
    return _publish(piece, starter, now)


def begin(
    *, by: Actor, starter: Starter, slug: str, now: datetime, name: str = "", lines: dict[str, int] | None = None
) -> Piece:
    """A piece that is what the starter is, still without words."""
    known = dict(ServiceLine.objects.values_list("slug", "id")) if lines is None else lines
    return actions.start(
        by=by, name=name or starter.name, topic=starter.topic, language=starter.language, now=now, slug=slug,
        service_line_id=known.get(starter.service_line), channel=starter.channel, at_desk=starter.at_desk,
    )  # fmt: skip


def words(starter: Starter) -> designing.Words:
    return designing.Words(starter.subject, starter.preheader, starter.text)


def of_slug(slug: str) -> Starter | None:
    return next((one for one in every() if one.slug == slug), None)


@lru_cache(maxsize=1)
def every() -> tuple[Starter, ...]:
    """All starters, in the order of their names of files."""
    return tuple(one for file in sorted(FOLDER.glob("*.yaml")) for one in read(file))


def read(file: Path) -> list[Starter]:
    """What one file holds, in every language and channel."""
    told = yaml.load(file.read_text(), Loader=_LOADER)  # noqa: S506 - the safe loader, in C where it is there
    common = {key: told[key] for key in ("programme", "topic", "service_line", "at_desk", "about") if key in told}
    found = []
    for language in LANGUAGES:
        said = told.get(language)
        if said is None:
            continue
        end = "" if language == "en" else f"-{language}"
        if "blocks" in said:
            found.append(
                Starter(
                    slug=file.stem + end, name=said["name"], language=language, subject=said["subject"],
                    preheader=said["preheader"], blocks=arrange.named(tuple(map(_block, said["blocks"]))),
                    is_first=language in told.get("first", ()), **common,
                )
            )  # fmt: skip
        if "sms" in said:
            name = f"{said['name']} (SMS)"
            found.append(
                Starter(f"{file.stem}-sms{end}", name, language=language, channel="sms", text=said["sms"], **common)
            )
        elsewhere = {key: value for key, value in common.items() if key != "at_desk"}
        for channel in (one for one in parts.KINDS if one in said):
            made = parts.read({"kind": channel, **said[channel]})
            name = f"{said['name']} ({NAMES[channel][language]})"
            found.append(
                Starter(f"{file.stem}-{channel}{end}", name, language=language, channel=channel, said=made, **elsewhere)
            )
    return found


def _publish(piece: Piece, starter: Starter, now: datetime) -> Version:
    by = actions.SHIPPED
    if starter.channel == texting.SMS:
        return texting.publish(by=by, piece=piece, text=starter.text, now=now)
    if starter.said is not None:
        return telling.hand_in(by=by, piece=piece, said=starter.said, now=now)
    return designing.publish(by=by, piece=piece, blocks=starter.blocks, said=words(starter), now=now)


def _block(told: dict[str, Any]) -> kinds.Block:
    """A block from its short form: `{button: Book}`, `{banner: [over, words]}`, `{details: {Where: here}}`."""
    told = dict(told)
    asked = told.pop("show_when", [])
    [(kind, said)] = told.items()
    if kind == "banner":
        said = {"overline": said[0], "text": said[1]}
    elif kind == "details":
        said = {"items": [{"label": label, "text": text} for label, text in said.items()]}
    elif kind == "steps":
        said = {"items": said}
    elif kind == "text":
        said = {"html": _paragraphs(said)}
    elif not isinstance(said, dict):
        said = {SHORT[kind]: said} if said is not None else {}
    return kinds.read([{"kind": kind, "show_when": asked, **said}])[0]


SHORT = {"heading": "text", "button": "label", "footer": "reason", "quote": "text", "signature": "name", "spacer": "size",
         "appointment": "heading", "location": "heading", "snippet": "slug"}  # fmt: skip


def _paragraphs(said: str) -> str:
    return "".join(f"<p>{' '.join(part.split())}</p>" for part in said.strip().split("\n\n"))
