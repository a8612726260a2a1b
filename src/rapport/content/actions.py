"""Verbs of content: start a piece, keep a draft, publish, retire."""

from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from rapport.content import compile as compiler
from rapport.content import fields, lint, translations, words
from rapport.content.models import Piece, Version
from rapport.trust import audit
from rapport.trust.actors import Actor, System
from rapport.trust.models import User


class NotPublishable(ValueError):
    """Errors were found; `findings` says which."""

    def __init__(self, findings: list[lint.Finding]) -> None:
        self.findings = findings
        super().__init__("; ".join(f"{one.place}: {one.message}" for one in findings if one.severity == "error"))


class CanNotReview(ValueError):
    """These words can't be reviewed by this person now."""


class AlreadyPublished(ValueError):
    """A published wording is never changed; a new version is made."""


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
) -> Piece:
    """A new piece without words."""
    wanted = (slug or slugify(name))[:45] or "piece"
    chosen, number = wanted, 2
    while Piece.objects.filter(slug=chosen).exists():
        chosen, number = f"{wanted}-{number}", number + 1
    piece = Piece.objects.create(
        slug=chosen, name=name, channel=channel, topic=topic, language=language, service_line_id=service_line_id,
        created_at=now,
    )  # fmt: skip
    audit.record(by=by, verb="content.start", now=now, thing=f"piece:{piece.pk}", details={"slug": chosen})
    return piece


@transaction.atomic
def draft(
    *,
    by: Actor,
    piece: Piece,
    subject: str,
    preheader: str,
    mjml: str,
    now: datetime,
    text: str = "",
    is_machine: bool = False,
) -> Version:
    """Keep the wording as the piece's one draft; nothing is checked yet, nothing can be sent.

    `is_machine` says that a machine translated these words. What once was is never declared a person's own: it is reviewed,
    and a change after the review asks for another one.
    """
    version = Version.objects.select_for_update().filter(piece=piece, state=Version.State.DRAFT).first()
    if version is None:
        version = Version(piece=piece, number=_next_number(piece), created_at=now)
    said = (subject, preheader, mjml, text)
    if (version.subject, version.preheader, version.mjml, version.text) != said or version.pk is None:
        version.drafted_by = None if isinstance(by, System) else by
        translations.changed(version, translations.of_piece(piece))
    if is_machine and version.translation == Version.Translation.ORIGINAL:
        translations.by_machine(version)
    version.subject, version.preheader, version.mjml, version.text = said
    version.save()
    audit.record(by=by, verb="content.draft", now=now, thing=f"version:{version.pk}", details={"piece": piece.pk})
    return version


@transaction.atomic
def publish(
    *, by: Actor, piece: Piece, subject: str, preheader: str, mjml: str, now: datetime, text: str = ""
) -> Version:
    """Lint, compile once, freeze. Raises NotPublishable with every finding; the draft is then left as it is."""
    findings, made = look(topic=piece.topic, subject=subject, preheader=preheader, mjml=mjml, text=text, now=now)
    version = Version.objects.select_for_update().filter(piece=piece, state=Version.State.DRAFT).first()
    if version is None:
        version = Version(piece=piece, number=_next_number(piece), created_at=now)
    if (version.subject, version.preheader, version.mjml, version.text) != (subject, preheader, mjml, text):
        translations.changed(version, translations.of_piece(piece))
    findings = [*translations.findings(version), *findings]
    if made is None or any(one.severity == "error" for one in findings):
        raise NotPublishable(findings)
    version.subject, version.preheader, version.mjml = subject, preheader, mjml
    version.html, version.text = made.html, made.text
    version.links = msgspec.to_builtins(made.links)
    read = words.used(made.html) | words.used(made.text) | words.used(subject)
    version.fields = sorted(read & set(fields.FIELDS))
    version.state, version.published_at = Version.State.PUBLISHED, now
    version.published_by = None if isinstance(by, System) else by
    version.save()
    audit.record(by=by, verb="content.publish", now=now, thing=f"version:{version.pk}", details={"piece": piece.pk})
    return version


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
    if version.state != Version.State.DRAFT or version.translation != Version.Translation.MACHINE:
        raise CanNotReview("There are no machine-translated words here that wait for a review.")
    if version.drafted_by_id == by.pk:
        raise CanNotReview("You put these words here; somebody else must review them.")
    if not credential:
        raise CanNotReview("Say by which qualification you review, for example a certificate and its number.")
    version.translation, version.reviewed_by, version.reviewed_at = Version.Translation.REVIEWED, by, now
    version.reviewer_credential = credential
    version.save(update_fields=["translation", "reviewed_by", "reviewed_at", "reviewer_credential"])
    details = {"piece": version.piece_id, "credential": credential}
    audit.record(by=by, verb="content.review", now=now, thing=f"version:{version.pk}", details=details)
    return version


def look(
    *, topic: str, subject: str, preheader: str, mjml: str, text: str, now: datetime
) -> tuple[list[lint.Finding], compiler.Compiled | None]:
    """What publishing would find and make; changes nothing."""
    wording = lint.Wording(topic, subject, preheader, mjml, text, on=now.date())
    try:
        made = compiler.layout(mjml=mjml, preheader=preheader, text=text)
    except compiler.BrokenLayout as wrong:
        broken = lint.Finding("layout", "error", "body", str(wrong), "Mend the layout.")
        return [broken, *lint.check(wording)], None
    return lint.check(msgspec.structs.replace(wording, html=made.html)), made


def _next_number(piece: Piece) -> int:
    last = Version.objects.filter(piece=piece).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
