"""Verbs of the desk: hand in, approve, send back, comment, settle.

1. `hand_in` checks the words, compiles them and names them by a digest. Nobody can send them yet.
2. `approve` is one look in one role at exactly these words. Nobody approves words of one's own (the database holds it too).
3. With the last look that is needed they are approved, until `expires_at`, and frozen.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.content import actions, lint
from rapport.content.actions import NotPublishable
from rapport.content.models import Approval, Piece, ReviewComment, Version
from rapport.content.reviewing import digest, standing
from rapport.trust import audit
from rapport.trust.models import User

A_YEAR = timedelta(days=365)
LONGEST = timedelta(days=731)
# What a look settles does not keep words from being handed in.
SETTLED_BY_A_LOOK = frozenset({"A-02", "I-01"})


class CanNotApprove(ValueError):
    """This person can't give this look to these words now."""


@transaction.atomic
def hand_in(
    *, by: User, piece: Piece, subject: str, preheader: str, mjml: str, now: datetime, text: str = "",
    is_machine: bool = False, is_generated: bool = False,
) -> Version:  # fmt: skip
    """Keep the words, and ask the others to look. Raises NotPublishable with every finding; the draft is then kept as it was."""
    version = actions.draft(
        by=by, piece=piece, subject=subject, preheader=preheader, mjml=mjml, text=text, now=now, is_machine=is_machine,
        is_generated=is_generated,
    )  # fmt: skip
    if version.state == Version.State.REVIEW:
        return version  # the very same words are on the desk already
    findings = actions.compile_into(version, now=now)
    if any(one.severity == "error" and one.rule not in SETTLED_BY_A_LOOK for one in findings):
        raise NotPublishable(findings)
    return to_the_desk(by=by, version=version, now=now)


def to_the_desk(*, by: User, version: Version, now: datetime) -> Version:
    """Compiled words wait for their looks; for verbs that have made the version in their own transaction."""
    version.state, version.digest = Version.State.REVIEW, digest.of(version)
    version.handed_in_by, version.handed_in_at, version.expires_at = by, now, None
    version.authors = sorted({*version.authors, by.pk})
    version.save()
    kinds = [one.kind for one in standing.needed(version, now.date())]
    details = {"piece": version.piece_id, "needs": kinds}
    audit.record(by=by, verb="content.hand_in", now=now, thing=f"version:{version.pk}", details=details)
    return version


@transaction.atomic
def approve(
    *,
    by: User,
    version: Version,
    kind: str,
    digest_seen: str,
    now: datetime,
    credential: str = "",
    expires_at: datetime | None = None,
) -> Version:
    """One look. `digest_seen` is of the words that were on the screen: if they have changed since, it is refused.

    Marketing says until when the words are good, a year if it does not say. Raises CanNotApprove, or NotPublishable where
    today's rules forbid the words.
    """
    version = _locked(version)
    role = _role_or_refuse(by, version, kind, digest_seen)
    credential = " ".join(credential.split())[:120]
    if kind == "clinical" and not credential:
        raise CanNotApprove(_("Say by which qualification you approve, for example your licence and its number."))
    if kind == "marketing":
        version.expires_at = expires_at or now + A_YEAR
        if not now < version.expires_at <= now + LONGEST:
            raise CanNotApprove(_("The approval must end after today, and within two years."))
    if kind == "clinical" and version.written_by == Version.WrittenBy.MACHINE:
        version.written_by = Version.WrittenBy.MACHINE_REVIEWED
    Approval.objects.create(
        version=version, kind=kind, by=by, role=role, credential=credential, digest=version.digest, at=now
    )
    version.save(update_fields=["expires_at", "written_by"])
    details = {"piece": version.piece_id, "kind": kind, "role": role, "credential": credential, "words": version.digest}
    details["approved"] = _settle(by, version, now)
    audit.record(by=by, verb="content.approve", now=now, thing=f"version:{version.pk}", details=details)
    return version


@transaction.atomic
def review_translation(*, by: User, version: Version, credential: str, now: datetime) -> Version:
    """The look of a qualified translator at words on the desk. Raises actions.CanNotReview."""
    version = actions.review(by=by, version=version, credential=credential, now=now)
    if version.state == Version.State.REVIEW:
        _settle(by, version, now)
    return version


@transaction.atomic
def send_back(*, by: User, version: Version, words: str, now: datetime) -> Version:
    """Not like this: back to a draft with a reason; looks that were had are undone. Authors take back their own words so too."""
    version = _locked(version)
    if version.state != Version.State.REVIEW:
        raise CanNotApprove(_("These words are not on the desk."))
    if not standing.is_author(by, version) and not any(standing.role_for(by, one) for one in standing.ROLES):
        raise CanNotApprove(_("Your role has no look at these words."))
    if not words.strip() and not standing.is_author(by, version):
        raise CanNotApprove(_("Say what should be different."))
    if words.strip():
        ReviewComment.objects.create(version=version, by=by, words=words.strip()[:2000], at=now, sends_back=True)
    undone = actions.off_the_desk(version, now=now)
    version.save()
    details = {"piece": version.piece_id, "undone": undone}
    audit.record(by=by, verb="content.send_back", now=now, thing=f"version:{version.pk}", details=details)
    return version


@transaction.atomic
def comment(*, by: User, version: Version, words: str, now: datetime) -> ReviewComment:
    """Something to talk about; it does not stop anything."""
    made = ReviewComment.objects.create(version=version, by=by, words=words.strip()[:2000], at=now)
    audit.record(by=by, verb="content.comment", now=now, thing=f"version:{version.pk}", details={"comment": made.pk})
    return made


@transaction.atomic
def settle(*, by: User, comment: ReviewComment, now: datetime) -> ReviewComment:
    """It has been talked about."""
    if comment.resolved_at is None:
        comment.resolved_at, comment.resolved_by = now, by
        comment.save(update_fields=["resolved_at", "resolved_by"])
        thing, details = f"version:{comment.version_id}", {"comment": comment.pk}
        audit.record(by=by, verb="content.settle_comment", now=now, thing=thing, details=details)
    return comment


def take_off(*, version: Version, now: datetime) -> None:
    """Back to a draft because other looks are needed now; for verbs that say so in their own audit line."""
    actions.off_the_desk(version, now=now)
    version.save()


def _locked(version: Version) -> Version:
    return Version.objects.select_for_update(of=("self",)).select_related("piece", "reviewed_by").get(pk=version.pk)


def _role_or_refuse(by: User, version: Version, kind: str, digest_seen: str) -> str:
    if version.state != Version.State.REVIEW:
        raise CanNotApprove(_("These words are not on the desk."))
    if digest_seen != version.digest:
        raise CanNotApprove(_("The words have changed since you opened them; look again."))
    if standing.is_author(by, version):
        raise CanNotApprove(_("These are your own words; somebody else must approve them."))
    role = standing.role_for(by, kind) if kind in standing.ROLES else ""
    if not role:
        raise CanNotApprove(_("Your role can't give this approval."))
    still = standing.lines(
        version, version.approvals.select_related("by"), on=(version.handed_in_at or version.created_at).date()
    )
    if not any(one.need.kind == kind and not one.is_done for one in still):
        raise CanNotApprove(_("This look is not needed, or somebody has had it."))
    return role


def _settle(by: User, version: Version, now: datetime) -> bool:
    """With the last look the words are approved, if today's rules still allow them."""
    lines = standing.lines(version, version.approvals.select_related("by"), on=now.date())
    if not all(one.is_done for one in lines):
        return False
    found = lint.blocking(version, now)
    if found:
        raise NotPublishable(found)
    version.state, version.published_at, version.published_by = Version.State.PUBLISHED, now, by
    version.save(update_fields=["state", "published_at", "published_by"])
    return True
