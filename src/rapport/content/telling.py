"""Verbs of words that are no letter (`content.parts`): keep a draft, hand it in. What is sent is the text made of the parts."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from django.db import transaction

from rapport.content import actions, fields, lint, parts, translations, words
from rapport.content import compile as compiler
from rapport.content.actions import NotPublishable
from rapport.content.examples import EXAMPLES, Example
from rapport.content.lint import parts as rules
from rapport.content.lint import reading
from rapport.content.models import Piece, Version
from rapport.content.reviewing import actions as reviewing
from rapport.trust import audit
from rapport.trust.actors import Actor, System


class Shown(msgspec.Struct, frozen=True):
    """Parts as one person reads or hears them, with what is told of their length."""

    said: parts.Parts
    kind: str
    locked: str  # what a locked screen shows
    seconds: int
    voicemail_seconds: int
    grade: float | None


def first(piece: Piece, version: Version | None) -> parts.Parts:
    """What the editor opens with: the newest parts, the words of an older letter, or a beginning."""
    said = parts.read(version.parts) if version is not None else None
    if said is not None:
        return said
    if version is not None and (version.text or version.mjml):
        return parts.of_letter(piece.channel, version.subject, version.text or _text_of(version.mjml))
    return parts.beginning(piece.channel, piece.language)


@transaction.atomic
def keep(
    *, by: Actor, piece: Piece, said: parts.Parts, now: datetime, is_machine: bool = False, is_generated: bool = False
) -> Version:
    """Keep the draft; nothing is checked yet, nothing can be sent. `is_machine` and `is_generated` as in `actions.draft`."""
    text = parts.text(said, piece.language, has_choices=has_choices(piece))
    version = actions.draft(
        by=by, piece=piece, subject=parts.subject(said, piece.name)[:200], preheader="", mjml="", text=text, now=now,
        is_machine=is_machine, is_generated=is_generated,
    )  # fmt: skip
    version.parts, version.html, version.blocks_before = parts.write(said), "", None
    version.links = [] if isinstance(said, parts.Script) else msgspec.to_builtins(parts.linked(text)[1])
    version.fields = sorted(rules.used(said))
    version.has_ai_notice = lint.has_ai_notice(text)
    version.save(update_fields=["parts", "html", "links", "blocks_before", "fields", "has_ai_notice"])
    return version


@transaction.atomic
def hand_in(
    *, by: Actor, piece: Piece, said: parts.Parts, now: datetime, is_machine: bool = False, is_generated: bool = False
) -> Version:
    """Check and freeze. Words that ship with the product are published; a person's wait for the looks of others.

    Raises NotPublishable with every finding; the draft is then left as it was.
    """
    version = keep(by=by, piece=piece, said=said, now=now, is_machine=is_machine, is_generated=is_generated)
    if version.state == Version.State.REVIEW:
        return version  # the very same words are on the desk already
    findings = [*translations.findings(version), *lint.of_version(version, now)]
    if any(one.severity == "error" and one.rule not in reviewing.SETTLED_BY_A_LOOK for one in findings):
        raise NotPublishable(findings)
    version.grade = reading.grade(parts.text(said, piece.language), piece.language)
    if not isinstance(by, System):
        return reviewing.to_the_desk(by=by, version=version, now=now)
    actions.ship(version=version, now=now)
    details = {"piece": piece.pk, "why": actions.SHIPS}
    audit.record(by=by, verb="content.publish", now=now, thing=f"version:{version.pk}", details=details)
    return version


def has_choices(piece: Piece) -> bool:
    """What is no care and no bill says where one chooses what one gets; a clerk on the telephone is asked."""
    return piece.topic in lint.COMMERCIAL_TOPICS


def shown(piece: Piece, said: parts.Parts, person: Example | None = None) -> Shown:
    """As the example person meets it; what can't be filled in stands as it was written."""
    seen = person or EXAMPLES["luis" if piece.language.startswith("es") else "pat"]
    merge = {name: one.example for name, one in fields.FIELDS.items() if one.privacy != "link"} | seen.merge
    return filled_in(piece, said, merge)


def filled_in(piece: Piece, said: parts.Parts, merge: Mapping[str, str]) -> Shown:
    """The same with the values of one person; what is not known gets its fallback."""
    filled = parts.mapped(said, _filler(fields.nested(dict(merge), piece.language)))
    spoken = parts.text(
        msgspec.structs.replace(filled, voicemail="") if isinstance(filled, parts.Script) else filled, "en"
    )
    return Shown(
        said=filled, kind=piece.channel,
        locked=parts.LOCKED.get(piece.language[:2], parts.LOCKED["en"]),
        seconds=rules.seconds(spoken),
        voicemail_seconds=rules.seconds(filled.voicemail) if isinstance(filled, parts.Script) else 0,
        grade=reading.grade(parts.text(said, piece.language), piece.language),
    )  # fmt: skip


def of_version(version: Version) -> Shown | None:
    """The same of a version; None where it is a letter or a text message."""
    said = parts.read(version.parts)
    return shown(version.piece, said) if said is not None else None


def _filler(values: dict[str, dict[str, str]]) -> Callable[[str], str]:
    def fill(source: str) -> str:
        try:
            return words.render(source, values, html=False)
        except words.BrokenTemplate:
            return source

    return fill


def _text_of(mjml: str) -> str:
    try:
        return compiler.layout(mjml=mjml, preheader="", text="").text
    except compiler.BrokenLayout:
        return ""
