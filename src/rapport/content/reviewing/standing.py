"""Where a version stands: who must look at it, who has, who still may."""

from collections.abc import Iterable
from datetime import date

import msgspec

from rapport.consent import code_classes
from rapport.consent import rules as rulebook
from rapport.content import fields, lint, plaintext, translations
from rapport.content.models import Approval, Version
from rapport.content.reviewing import needs
from rapport.trust import access
from rapport.trust.models import Role, User

# Which roles may give which look. A clinic with one marketer still has four eyes: compliance may stand in.
ROLES: dict[str, tuple[str, ...]] = {
    "marketing": (Role.MARKETER, Role.COMPLIANCE),
    "clinical": (Role.CLINICIAN,),
    "compliance": (Role.COMPLIANCE,),
}


class Line(msgspec.Struct, frozen=True):
    """One look: why it is needed, and whose it was if it is done."""

    need: needs.Need
    by: str = ""
    role: str = ""
    credential: str = ""
    at: object = None

    @property
    def is_done(self) -> bool:
        return bool(self.by)


def needed(version: Version, on: date) -> tuple[needs.Need, ...]:
    """The looks that this version needs. `version.piece` should be joined in."""
    piece = version.piece
    used = [fields.FIELDS[one] for one in version.fields if one in fields.FIELDS]
    words = plaintext.from_html(version.html) if version.html else version.text
    return needs.of(
        needs.Asked(
            topic=piece.topic,
            is_commercial=is_commercial(piece.topic, on),
            is_paid=piece.is_paid,
            data_classes=tuple(sorted({*lint.classes_of(piece.tags, version.fields), *_named(words)})),
            conditions=tuple(one.partition(":")[2] for one in piece.tags if one.startswith("condition:")),
            care_fields=tuple(one.label for one in used if one.privacy == "phi"),
            condition_words=tuple(dict.fromkeys(one.lower() for one in lint.condition_words(words))),
            is_machine_translated=version.translation != translations.ORIGINAL,
            is_machine_written=version.written_by != Version.WrittenBy.PEOPLE,
            has_ai_notice=version.has_ai_notice,
        )
    )


def _named(words: str) -> set[str]:
    """The delicate class that the words themselves give away, if any."""
    return {code_classes.class_of((), (words,))} - {code_classes.GENERAL}


def is_commercial(topic: str, on: date) -> bool:
    """Whether every purpose of this topic is commercial in law."""
    found = [one for one in rulebook.in_force(on).purposes.values() if topic in one.topics and not one.blocked]
    return bool(found) and all(one.commercial for one in found)


def lines(version: Version, approvals: Iterable[Approval], on: date) -> list[Line]:
    """The looks that are needed, each with who had it. Approvals of other words don't count."""
    given = {one.kind: one for one in approvals if one.undone_at is None and one.digest == version.digest}
    found = []
    for need in needed(version, on):
        one = given.get(need.kind)
        if need.kind == "translation" and version.translation == translations.REVIEWED and version.reviewed_by:
            credential = version.reviewer_credential
            found.append(Line(need, version.reviewed_by.name, "translator", credential, version.reviewed_at))
        elif one is not None:
            found.append(Line(need, one.by.name if one.by else "Rapport", one.role, one.credential, one.at))
        else:
            found.append(Line(need))
    return found


def role_for(user: User, kind: str) -> str:
    """The role in which this user may give that look; empty when there is none."""
    if kind == "translation":
        return "translator" if access.may(user, "content.review") else ""
    if not access.may(user, "content.approve"):
        return ""
    held = set(user.grants.values_list("role", flat=True))
    return next((str(one) for one in ROLES[kind] if one in held), "")


def open_to(user: User, version: Version, still: Iterable[Line]) -> list[Line]:
    """The looks that are still open and that this user may have: none at all at words of one's own."""
    if version.state != Version.State.REVIEW or is_author(user, version):
        return []
    return [one for one in still if not one.is_done and role_for(user, one.need.kind)]


def is_author(user: User, version: Version) -> bool:
    """Whether these are, also in part, this user's own words."""
    return user.pk in version.authors or user.pk in {version.drafted_by_id, version.handed_in_by_id}
