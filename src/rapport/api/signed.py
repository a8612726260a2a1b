"""Signed papers through the door of programs: a grant of these kinds is what a paper says, or it is refused."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from rapport.api import shapes
from rapport.api.problems import Problem
from rapport.consent import papers
from rapport.consent import rules as rulebook
from rapport.consent.authorizations import Paper
from rapport.consent.ledger import NewRecord
from rapport.consent.models import ConsentRecord
from rapport.trust.actors import Actor

# What the paper itself says, or what a paper does not have: not said again beside it.
BESIDE = ("channel", "sender", "data_class", "recipient", "tier", "at", "expires_at", "expires_event")
SEND = (
    "Send “paper” with what stands on it (45 CFR 164.508(c)): information, discloser, recipient, purposes, expires_at or "
    "expires_event, signed_on, signature, says_revocation, says_conditioning, says_redisclosure, is_plain, copy_given_at; "
    "for part2 also says_refusal; authority, if a representative signed."
)


def check(said: shapes.Statement, now: datetime) -> None:
    """A paper where one is needed and nowhere else, and nothing beside it that it says itself. Raises Problem."""
    is_paper = said.kind in papers.KINDS and said.status == "granted"
    if is_paper and said.paper is None:
        raise Problem(
            422, "paper-needed", "This is a signed paper, so say what it says.", where="body/said/paper", do=SEND
        )
    if said.paper is None:
        return
    if not is_paper:
        raise Problem(
            422, "invalid", "Only the grant of an authorization or a Part 2 consent is a paper.",
            where="body/said/paper", do="Leave it out.",
        )  # fmt: skip
    for name in BESIDE:
        if getattr(said, name) != shapes.Statement.model_fields[name].default:
            raise Problem(
                422, "invalid", "The paper says this itself, or a paper does not have it.", where=f"body/said/{name}",
                do="Leave it out, or say it in “paper”.",
            )  # fmt: skip
    known = rulebook.in_force(timezone.localtime(now).date()).purposes
    if unknown := [one for one in said.paper.purposes if one not in known]:
        raise Problem(
            422, "invalid", "No rule in force knows this purpose.", where="body/said/paper/purposes",
            what=f"{unknown[0]} is not known.", do=f"Send one of {', '.join(sorted(known))}.",
        )  # fmt: skip


def sign(*, by: Actor, record: NewRecord, paper: shapes.Paper, now: datetime) -> ConsentRecord:
    """Into the ledger, as the desk does it."""
    made = papers.sign(
        by=by, person_id=record.person_id, paper=_paper(record.kind, paper), now=now, topic=record.topic, via=record.via,
        text_version=record.text_version, locale=record.locale, evidence=record.evidence, source_key=record.source_key,
    )  # fmt: skip
    return made.record


def defects(record: ConsentRecord, now: datetime) -> list[dict[str, str]]:
    """What is wrong with a paper today; nothing for every other kind of statement."""
    found = papers.read(papers.signed().filter(pk=record.pk), on=timezone.localtime(now).date())
    return [
        {"code": one.code, "sentence": one.sentence, "clause": one.clause_for(record.kind)}
        for paper in found
        for one in paper.reasons
    ]


def is_same(standing: ConsentRecord, person_id: int, said: shapes.Statement) -> bool:
    """Whether the paper that stands says what is said again."""
    found = papers.read(papers.signed().filter(pk=standing.pk), on=timezone.localtime(standing.recorded_at).date())
    beside = {"kind": said.kind, "topic": said.topic, "text_version": said.text_version, "locale": said.locale}
    evidence = {name: text for name, text in standing.evidence.items() if name not in {"key", "known_false"}}
    if not found or said.paper is None or standing.person_id != person_id or evidence != said.evidence:
        return False
    before = _plain(found[0].paper)
    return before == _plain(_paper(said.kind, said.paper)) and all(getattr(standing, k) == v for k, v in beside.items())


def _paper(kind: str, said: shapes.Paper) -> Paper:
    told: dict[str, Any] = said.model_dump()
    return Paper(**{**told, "purposes": tuple(said.purposes), "expires_event": said.expires_event.strip()}, kind=kind)


def _plain(paper: Paper) -> dict[str, Any]:
    """What it says, without whether it was taken back since."""
    return {name: getattr(paper, name) for name in paper.__struct_fields__ if name != "status"}
