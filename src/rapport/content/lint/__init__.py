"""What must be right before words go out: each finding says rule, place, remedy and how grave it is.

One file a theme; every rule is a small pure function over `Wording`, listed in the table of its file. `ALL` is the whole table.
"""

from datetime import datetime
from functools import lru_cache

from rapport.consent import code_classes
from rapport.content import fields
from rapport.content import parts as told
from rapport.content.lint import access, clients, duties, parts, privacy, reading, sender, subject, templates, texts
from rapport.content.lint.duties import has_ai_notice
from rapport.content.lint.findings import COMMERCIAL_TOPICS, Finding, Rule, SenderState, Wording
from rapport.content.lint.privacy import condition_words
from rapport.content.models import Version

__all__ = [
    "ALL", "COMMERCIAL_TOPICS", "Finding", "Rule", "SenderState", "Wording", "blocking", "check", "condition_words",
    "has_ai_notice", "of_version",
]  # fmt: skip
ALL: tuple[Rule, ...] = (
    *templates.RULES, *privacy.RULES, *subject.RULES, *duties.RULES, *access.RULES, *reading.RULES, *clients.RULES, *sender.RULES,
)  # fmt: skip


def check(wording: Wording) -> list[Finding]:
    """Everything that is wrong, errors first."""
    found = [finding for rule in ALL for finding in rule.look(wording)]
    return sorted(found, key=lambda one: one.severity != "error")


def blocking(version: Version, now: datetime) -> list[Finding]:
    """What forbids sending these words by today's rules. Remembered for the day: published words do not change, rules may.

    `version.piece` should be joined in.
    """
    if version.pk is None or version.state in (Version.State.DRAFT, Version.State.REVIEW):
        return [one for one in of_version(version, now) if one.severity == "error"]
    key = (version.pk, version.digest, version.published_at, now.date())
    found = _remembered.get(key)
    if found is None:
        if len(_remembered) > 4096:
            _remembered.clear()
        found = _remembered[key] = tuple(one for one in of_version(version, now) if one.severity == "error")
    return list(found)


def of_version(version: Version, now: datetime, sender_state: SenderState | None = None) -> list[Finding]:
    """Everything found in one version, errors first."""
    piece = version.piece
    said = told.read(version.parts)
    if said is not None:
        return parts.check(said, about_of(version, now))
    if piece.channel == "sms":
        forbidden = fields.forbidden_for_topic(version.fields, piece.topic, on=now.date())
        return [
            *texts.check(version.text, classes_of(piece.tags, version.fields)),
            *(Finding(o.rule, "error", "text", o.sentence, "Take it out.") for o in forbidden),
        ]
    wording = Wording(
        piece.topic, version.subject, version.preheader, version.mjml, version.text, html=version.html, on=now.date(),
        language=piece.language, data_classes=classes_of(piece.tags, version.fields), written_by=version.written_by,
        sender=sender_state, channel=piece.channel,
    )  # fmt: skip
    return check(wording)


def about_of(version: Version, now: datetime) -> parts.About:
    """What words that are no letter are judged by."""
    piece = version.piece
    return parts.About(
        piece.topic, piece.language, classes_of(piece.tags, version.fields), str(version.written_by), now.date()
    )


def classes_of(tags: list[str], used: list[str]) -> tuple[str, ...]:
    """The delicate classes that words are about: by the condition they are tagged with, and by their merge fields."""
    return _classes(tuple(sorted(tags)), tuple(sorted(used)))


@lru_cache(maxsize=1024)
def _classes(tags: tuple[str, ...], used: tuple[str, ...]) -> tuple[str, ...]:
    said = {one.removeprefix("class:") for one in tags if one.startswith("class:")}
    named = {code_classes.class_of((), (one.partition(":")[2],)) for one in tags if one.startswith("condition:")}
    return tuple(sorted((said | named | fields.classes_of(used)) - {code_classes.GENERAL}))


_remembered: dict[tuple, tuple[Finding, ...]] = {}
