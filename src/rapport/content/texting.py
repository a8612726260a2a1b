"""Wordings for text messages: plain text with the same merge fields, checked, measured and frozen like a letter.

A text is billed by parts: 160 letters of the GSM-7 alphabet, or 70 of any other as soon as one letter is not in it; longer texts are
cut into parts of 153 or 67 (3GPP TS 23.038, TS 23.040).
"""

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import yaml
from django.db import transaction

from rapport.content import actions, fields, lint, words
from rapport.content.actions import NotPublishable
from rapport.content.lint import Finding
from rapport.content.models import Piece, Version
from rapport.content.reviewing import actions as reviewing
from rapport.trust import audit
from rapport.trust.actors import Actor, System, account

SMS = "sms"
FOLDER = Path(__file__).parent / "pieces" / "sms"
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_ESCAPED = frozenset("^{}\\[~]|€\f")  # two places each
TOO_LONG = 1_530  # letters a carrier takes at most
MANY_PARTS = 3


OPT_OUT = {"en": "Reply STOP to stop.", "es": "Responda ALTO para terminar."}
_SAYS_HOW = re.compile(r"\b(STOP|ALTO)\b")


class Size(msgspec.Struct, frozen=True):
    """How long a text is on the wire. `places` counts in the alphabet it needs, `parts` is what is billed."""

    alphabet: Literal["GSM-7", "UCS-2"]
    places: int
    parts: int


def measure(text: str) -> Size:
    """The size of a text as it would be sent."""
    if all(one in GSM_7 or one in GSM_7_ESCAPED for one in text):
        places = sum(2 if one in GSM_7_ESCAPED else 1 for one in text)
        return Size("GSM-7", places, _parts(places, 160, 153))
    places = len(text.encode("utf-16-be")) // 2
    return Size("UCS-2", places, _parts(places, 70, 67))


def foreign(text: str) -> list[str]:
    """The letters that are not in the plain alphabet, once each: one of them makes every part shorter."""
    return list(dict.fromkeys(one for one in text if one not in GSM_7 and one not in GSM_7_ESCAPED))


def with_opt_out(text: str, language: str) -> str:
    """The text, with the line that says how to stop where it is not in it yet."""
    plain = text.strip()
    if _SAYS_HOW.search(plain):
        return plain
    return f"{plain} {OPT_OUT.get(language[:2], OPT_OUT['en'])}"


def check(text: str, data_classes: Iterable[str] = ()) -> list[Finding]:
    """What must be right before a text message goes out, errors first."""
    found = lint.texts.check(text, data_classes)
    return found if any(one.rule == "liquid" for one in found) else found + _length(text)


def about(piece: Piece, text: str) -> tuple[str, ...]:
    """The delicate classes that a text of this piece is about."""
    try:
        return lint.classes_of(piece.tags, sorted(words.used(text)))
    except words.BrokenTemplate:
        return lint.classes_of(piece.tags, [])


def is_answer(piece: Piece) -> bool:
    """Whether it is one of our answers to somebody who wrote; these go out exactly as they stand."""
    return piece.channel == SMS and (FOLDER / f"{piece.slug}.yaml").is_file()


@transaction.atomic
def keep(*, by: Actor, piece: Piece, text: str, now: datetime) -> Version:
    """Keep the draft; nothing is checked yet, nothing can be sent."""
    version = actions.draft(
        by=by, piece=piece, subject=piece.name[:200], preheader="", mjml="", text=text.strip(), now=now
    )
    try:
        version.fields = sorted(words.used(text) & set(fields.FIELDS))
    except words.BrokenTemplate:
        version.fields = []
    version.save(update_fields=["fields"])
    return version


@transaction.atomic
def publish(*, by: Actor, piece: Piece, text: str, now: datetime) -> Version:
    """Check and freeze one wording. Words that ship with the product are published; a person's wait for the looks of others.

    Raises NotPublishable with every finding.
    """
    findings = [*check(text, about(piece, text)), *_field_classes(piece, text, now)]
    if any(one.severity == "error" for one in findings):
        raise NotPublishable(findings)
    version = actions.open_version(piece, now)
    actions.off_the_desk(version, now=now)
    version.subject, version.mjml, version.text, version.is_text_own = piece.name[:200], "", text.strip(), True
    version.fields, version.drafted_by = sorted(words.used(text) & set(fields.FIELDS)), account(by)
    version.save()
    if not isinstance(by, System):
        return reviewing.to_the_desk(by=by, version=version, now=now)
    actions.ship(version=version, now=now)
    details = {"piece": piece.pk, "why": actions.SHIPS}
    audit.record(by=by, verb="content.publish", now=now, thing=f"version:{version.pk}", details=details)
    return version


def starter(*, by: Actor, slug: str, now: datetime) -> Version:
    """The newest published wording of a starter piece; published from `pieces/sms/<slug>.yaml` when there is none yet."""
    newest = (
        Version.objects.filter(piece__slug=slug, piece__channel=SMS, state=Version.State.PUBLISHED)
        .order_by("-number")
        .first()
    )
    if newest is not None:
        return newest
    told = yaml.safe_load((FOLDER / f"{slug}.yaml").read_text())
    piece = Piece.objects.filter(slug=slug, channel=SMS).first() or actions.start(
        by=by, name=told["name"], topic=told["topic"], language=told["language"], now=now, slug=slug, channel=SMS
    )
    return publish(by=actions.SHIPPED, piece=piece, text=told["text"], now=now)


def _field_classes(piece: Piece, text: str, now: datetime) -> list[Finding]:
    """Fields that tell of somebody's care, where no purpose of this topic may use them."""
    try:
        used = words.used(text)
    except words.BrokenTemplate:
        return []
    told = fields.forbidden_for_topic(used, piece.topic, on=now.date())
    return [Finding(one.rule, "error", "text", one.sentence, "Take it out.") for one in told]


def _length(text: str) -> list[Finding]:
    size = measure(text)
    if size.places > TOO_LONG:
        return [Finding("size", "error", "text", "No carrier takes a text as long as this.", "Make it shorter.")]
    if size.parts > MANY_PARTS:
        message = f"This goes out in {size.parts} parts ({size.alphabet}); each is billed."
        return [Finding("size", "warning", "text", message, "Make it shorter.")]
    return []


def _parts(places: int, alone: int, joined: int) -> int:
    return 1 if places <= alone else -(-places // joined)
