"""Verbs of content: start a piece, keep a draft, publish what ships with the product, retire. People hand in: `reviewing.actions`."""

from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.content import compile as compiler
from rapport.content import fields, lint, plaintext, showing, translations, words
from rapport.content.lint import reading
from rapport.content.models import Approval, Piece, Version
from rapport.content.reviewing import digest, written
from rapport.trust import audit
from rapport.trust.actors import Actor, System, account
from rapport.trust.models import User

SHIPPED = System("starters")  # answers for words that come with the product, whoever was the first to need them


class NotPublishable(ValueError):
    """Errors were found; `findings` says which."""

    def __init__(self, findings: list[lint.Finding]) -> None:
        self.findings = findings
        super().__init__("; ".join(f"{one.place}: {one.message}" for one in findings if one.severity == "error"))


class CanNotReview(ValueError):
    """These words can't be reviewed by this person now."""


class AlreadyPublished(ValueError):
    """A published wording is never changed; a new version is made."""


class NeedsFourEyes(PermissionError):
    """A person's words are handed in and approved by others; only what ships with the product is published at once."""


SHIPS = "ships with the product"


@transaction.atomic
def start(
    *,
    by: Actor,
    name: str,
    topic: str,
    language: str,
    now: datetime,
    slug: str = "",
    service_line_id: int | None = None,
    channel: str = "email",
    at_desk: str = "",
) -> Piece:
    """A new piece without words. `at_desk`: what the front desk calls it, once its words are approved."""
    wanted = (slug or slugify(name))[:45] or "piece"
    chosen, number = wanted, 2
    while Piece.objects.filter(slug=chosen).exists():
        chosen, number = f"{wanted}-{number}", number + 1
    piece = Piece.objects.create(
        slug=chosen, name=name, channel=channel, topic=topic, language=language, service_line_id=service_line_id,
        created_at=now, owner=account(by), at_desk=at_desk,
    )  # fmt: skip
    audit.record(by=by, verb="content.start", now=now, thing=f"piece:{piece.pk}", details={"slug": chosen})
    return piece


@transaction.atomic
def draft(
    *, by: Actor, piece: Piece, subject: str, preheader: str, mjml: str, now: datetime, text: str = "",
    is_machine: bool = False, is_generated: bool = False,
) -> Version:  # fmt: skip
    """Keep the wording as the piece's one draft; nothing is checked yet, nothing can be sent.

    `is_machine` says that a machine translated these words, `is_generated` that it wrote them. What once was is never declared a
    person's own: it is looked at, and a change after that asks for another look. Changed words leave the desk of the reviewers.
    """
    version = open_version(piece, now)
    before = (version.subject, version.preheader, version.mjml)
    is_new = version.pk is None or before != (subject, preheader, mjml) or not _same_text(version, text)
    undone = 0
    if is_new:
        version.drafted_by = account(by)
        version.authors = sorted({*version.authors, *([by.pk] if not isinstance(by, System) else [])})
        translations.changed(version, translations.of_piece(piece))
        written.changed(version, written.of_piece(piece))
        undone = off_the_desk(version, now=now)
        version.subject, version.preheader, version.mjml, version.text = subject, preheader, mjml, text
        version.is_text_own = bool(text.strip())
    if is_machine and version.translation == Version.Translation.ORIGINAL:
        translations.by_machine(version)
    if is_generated and version.written_by == Version.WrittenBy.PEOPLE:
        undone += off_the_desk(version, now=now)
        version.written_by = Version.WrittenBy.MACHINE
    version.has_ai_notice = lint.has_ai_notice(version.mjml)
    if before[2] != mjml:  # written by hand: no longer what the blocks say; the designer puts its own back
        version.blocks, version.conditions = [], []
    version.save()
    details = {"piece": piece.pk, **({"undone": undone} if undone else {})}
    audit.record(by=by, verb="content.draft", now=now, thing=f"version:{version.pk}", details=details)
    return version


@transaction.atomic
def publish(
    *, by: Actor, piece: Piece, subject: str, preheader: str, mjml: str, now: datetime, text: str = ""
) -> Version:
    """Lint, compile once, freeze: for words that ship with the product, whose approval the trail names as such.

    Raises NotPublishable with every finding (the draft is then left as it is), and NeedsFourEyes for words of a person.
    """
    if not isinstance(by, System):
        raise NeedsFourEyes(_("Hand the words in: somebody else must approve them."))
    version = open_version(piece, now)
    if (version.subject, version.preheader, version.mjml, version.text) != (subject, preheader, mjml, text):
        translations.changed(version, translations.of_piece(piece))
    version.subject, version.preheader, version.mjml, version.text = subject, preheader, mjml, text
    version.is_text_own = bool(text.strip())
    findings = compile_into(version, now=now)
    if any(one.severity == "error" for one in findings):
        raise NotPublishable(findings)
    ship(version=version, now=now)
    audit.record(
        by=by, verb="content.publish", now=now, thing=f"version:{version.pk}", details={"piece": piece.pk, "why": SHIPS}
    )
    return version


def compile_into(version: Version, *, now: datetime) -> list[lint.Finding]:
    """Look at the words of an open version and put what they become beside them; changes nothing that is kept."""
    piece = version.piece
    findings, made = look(
        topic=piece.topic, subject=version.subject, preheader=version.preheader, mjml=version.mjml,
        text=version.text if version.is_text_own else "", now=now, language=piece.language, tags=tuple(piece.tags),
        written_by=version.written_by, channel=piece.channel,
    )  # fmt: skip
    if made is not None:
        version.html, version.text = made.html, made.text
        version.links = msgspec.to_builtins(made.links)
        version.has_ai_notice = lint.has_ai_notice(version.mjml)
        version.grade = reading.grade(plaintext.from_html(made.html), piece.language)
        version.fields = sorted({*_fields(made, version.subject), *showing.marks(showing.read(version.conditions))})
    return [*translations.findings(version), *findings]


def ship(*, version: Version, now: datetime) -> None:
    """Approve words that ship with the product and freeze them, inside the verb that made them."""
    version.state, version.published_at, version.published_by = Version.State.PUBLISHED, now, None
    version.digest = digest.of(version)
    version.save()
    Approval.objects.create(version=version, kind="marketing", by=None, role=SHIPS, digest=version.digest, at=now)


def off_the_desk(version: Version, *, now: datetime) -> int:
    """Back to a draft, in memory; the looks that were had are undone. Returns how many."""
    if version.state != Version.State.REVIEW:
        return 0
    version.state, version.digest, version.expires_at = Version.State.DRAFT, "", None
    version.handed_in_by = version.handed_in_at = None
    if not version.is_text_own:
        version.text = ""
    if version.written_by == Version.WrittenBy.MACHINE_REVIEWED:
        version.written_by = Version.WrittenBy.MACHINE
    return Approval.objects.filter(version=version, undone_at=None).update(undone_at=now)


def open_version(piece: Piece, now: datetime) -> Version:
    """The version that may still be changed: a draft, or one on the desk."""
    changeable = [Version.State.DRAFT, Version.State.REVIEW]
    found = (
        Version.objects.select_for_update(of=("self",))
        .select_related("piece")
        .filter(piece=piece, state__in=changeable)
        .first()
    )
    return found or Version(piece=piece, number=_next_number(piece), created_at=now)


def _same_text(version: Version, text: str) -> bool:
    """On the desk stands the text that was made of the letter; nothing said is then the same."""
    if version.state == Version.State.REVIEW and not version.is_text_own:
        return not text.strip() or text.strip() == version.text.strip()
    return text.strip() == version.text.strip()


def _fields(made: compiler.Compiled, subject: str) -> list[str]:
    """The merge fields that are read; nothing of what can't be read, which is an error of the lint."""
    try:
        read = words.used(made.html) | words.used(made.text) | words.used(subject)
    except words.BrokenTemplate:
        return []
    return sorted(read & set(fields.FIELDS))


@transaction.atomic
def retire(*, by: Actor, version: Version, now: datetime) -> Version:
    """Take a version out of use; what was sent keeps naming it."""
    version.state = Version.State.RETIRED
    version.save(update_fields=["state"])
    audit.record(by=by, verb="content.retire", now=now, thing=f"version:{version.pk}")
    return version


@transaction.atomic
def review(*, by: User, version: Version, credential: str, now: datetime) -> Version:
    """A qualified human translator answers for machine-translated words (45 CFR 92.201(c)(3)). Raises CanNotReview.

    Four eyes: nobody reviews what he or she put there. The review is of exactly these words; a change undoes it.
    """
    version = Version.objects.select_for_update(of=("self",)).select_related("piece").get(pk=version.pk)
    credential = " ".join(credential.split())[:120]
    is_open = version.state in (Version.State.DRAFT, Version.State.REVIEW)
    if not is_open or version.translation != Version.Translation.MACHINE:
        raise CanNotReview(_("There are no machine-translated words here that wait for a review."))
    if version.drafted_by_id == by.pk or by.pk in version.authors:
        raise CanNotReview(_("You put these words here; somebody else must review them."))
    if not credential:
        raise CanNotReview(_("Say by which qualification you review, for example a certificate and its number."))
    version.translation, version.reviewed_by, version.reviewed_at = Version.Translation.REVIEWED, by, now
    version.reviewer_credential = credential
    version.save(update_fields=["translation", "reviewed_by", "reviewed_at", "reviewer_credential"])
    details = {"piece": version.piece_id, "credential": credential}
    audit.record(by=by, verb="content.review", now=now, thing=f"version:{version.pk}", details=details)
    return version


def look(
    *, topic: str, subject: str, preheader: str, mjml: str, text: str, now: datetime, language: str = "",
    tags: tuple[str, ...] = (), written_by: str = "people", sender: lint.SenderState | None = None,
    channel: str = "email",
) -> tuple[list[lint.Finding], compiler.Compiled | None]:  # fmt: skip
    """What handing in would find and make; changes nothing."""
    wording = lint.Wording(
        topic, subject, preheader, mjml, text, on=now.date(), language=language, written_by=written_by,
        data_classes=lint.classes_of(list(tags), sorted(_used(mjml))), sender=sender, channel=channel,
    )  # fmt: skip
    try:
        made = compiler.layout(mjml=mjml, preheader=preheader, text=text)
    except compiler.BrokenLayout as wrong:
        broken = lint.Finding("layout", "error", "body", str(wrong), "Mend the layout.")
        return [broken, *lint.check(wording)], None
    return lint.check(msgspec.structs.replace(wording, html=made.html)), made


def _used(source: str) -> set[str]:
    try:
        return words.used(source)
    except words.BrokenTemplate:
        return set()


def _next_number(piece: Piece) -> int:
    last = Version.objects.filter(piece=piece).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
