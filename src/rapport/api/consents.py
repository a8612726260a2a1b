"""Consents, permissions and the list of addresses never to be used."""

import uuid
from typing import Annotated, Any

from ninja import Header, Path, Query, Router, Status

from rapport.api import shapes, signed
from rapport.api.gate import verb
from rapport.api.problems import Problem
from rapport.consent import ledger, policy, suppressions
from rapport.consent import queries as consents
from rapport.consent.models import ConsentRecord
from rapport.governance.why import STANDS_FOR
from rapport.kit import clock
from rapport.messaging import facts, message
from rapport.people.models import Person
from rapport.trust import audit, sealing
from rapport.trust.key_door import ProgramRequest

router = Router(tags=["Consents"])
PersonId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Number = Annotated[int, Query(ge=1, le=100_000)]
Limit = Annotated[int, Query(ge=1, le=200)]
VIA = "api"


@router.post(
    "/people/{int:person_id}/consents",
    response={201: shapes.Stated, 200: shapes.Stated},
    operation_id="state_consent",
    summary="Record a statement of will",
)
@verb("consent.write")
def state(
    request: ProgramRequest,
    person_id: PersonId,
    said: shapes.Statement,
    idempotency_key: Annotated[
        str,
        Header(alias="Idempotency-Key", pattern=r"^[!-~]{1,100}$", description="The same key again changes nothing."),
    ],
) -> Status[Any]:
    """A grant or a withdrawal of any kind, appended to the ledger. It holds from now on, also for what waits in the queue.

    201 when it is new; 200 with the line that stands when the same Idempotency-Key has been taken before. A signed paper is
    kept also with defects, for that somebody signed it is a fact; the answer names each, and while it has one it permits nothing.
    """
    now = clock.now()
    _in_sight(person_id)
    if said.at is not None and said.at > now:
        raise Problem(
            422, "invalid", "Nobody can have said it in the future.", where="body/said/at", do="Leave it out."
        )
    signed.check(said, now)
    key = sealing.source_key("api", str(request.user.pk), idempotency_key)
    standing = ConsentRecord.objects.filter(source_key=key).first()
    if standing is None:
        record = _record(request, person_id, said, key)
        if said.paper is not None:
            standing = signed.sign(by=request.user, record=record, paper=said.paper, now=now)
        else:
            standing = ledger.state(by=request.user, record=record, now=now)
        is_new = standing.recorded_at == now
    else:
        is_new = False
    if not is_new and not (signed.is_same if said.paper else _is_same)(standing, person_id, said):
        raise Problem(
            422, "key-reused", "This Idempotency-Key stands for another statement.", do="Take a new key.",
            where="header/Idempotency-Key",
        )  # fmt: skip
    line = {name: getattr(standing, name) for name in shapes.Recorded.model_fields}
    return Status(201 if is_new else 200, line | {"defects": signed.defects(standing, now)})


@router.get(
    "/people/{int:person_id}/consents",
    response=shapes.Consents,
    operation_id="list_consents",
    summary="Everything a person ever said, newest first",
)
@verb("people.read")
def history(request: ProgramRequest, person_id: PersonId, page: Number = 1, limit: Limit = 50) -> dict[str, Any]:
    """The ledger of one person. Nothing in it is ever changed; the latest statement about a scope counts."""
    _in_sight(person_id)
    audit.record(by=request.user, verb="consent.read", now=clock.now(), person=person_id)
    found = ConsentRecord.objects.filter(person_id=person_id).order_by("-at", "-id")
    return paged(found, page, limit)


@router.get(
    "/people/{int:person_id}/permissions",
    response=shapes.Permissions,
    operation_id="permissions",
    summary="May this person be spoken to, by which way, about what, and why not",
)
@verb("people.read")
def permissions(
    request: ProgramRequest,
    person_id: PersonId,
    channel: Annotated[shapes.Channel, Query()] = "all",
    topic: Annotated[shapes.Topic, Query()] = "all",
) -> dict[str, Any]:
    """Asked of the same policy that decides at sending, as of now; nothing is kept of the answer.

    Each topic is asked for the purpose that usually speaks about it.
    """
    now = clock.now()
    _in_sight(person_id)
    audit.record(by=request.user, verb="consent.read", now=now, person=person_id, details={"asked": "permissions"})
    ways = consents.CHANNELS if channel == "all" else (channel,)
    abouts = [about for about in STANDS_FOR if topic in ("all", about)]
    many = [
        message.planned(channel=way, purpose=STANDS_FOR[about], topic=about, now=now)
        for way in ways
        for about in abouts
    ]
    verdicts = policy.decide_many(facts.gather_kinds(person_id, many, now))
    items = [_permission(one, verdict) for one, verdict in zip(many, verdicts, strict=True)]
    return {"person": person_id, "at": now, "rules_version": verdicts[0].rules_version, "items": items}


@router.post(
    "/suppressions",
    response=shapes.Suppressed,
    operation_id="suppress",
    summary="Put an address on the list of those never to be used",
)
@verb("consent.write")
def suppress(request: ProgramRequest, wanted: shapes.Suppress) -> dict[str, int]:
    """Works without knowing whose address it is, and outlives the person. The address itself is not kept, only a keyed hash."""
    try:
        added = suppressions.suppress_address(
            by=request.user,
            kind=wanted.kind,
            value=wanted.value,
            topic=wanted.topic,
            reason=wanted.reason,
            now=clock.now(),
        )
    except suppressions.NotAnAddress:
        raise Problem(
            422, "invalid", "This is not a working address of that kind.", where="body/wanted/value",
            do="Send an e-mail address, or a telephone number with its area code.",
        ) from None  # fmt: skip
    return {"added": added}


def paged(found: Any, page: int, limit: int) -> dict[str, Any]:
    """One page of a list or a query, with how many there are."""
    total = len(found) if isinstance(found, list) else found.count()
    start = (page - 1) * limit
    return {
        "page": page,
        "pages": max(1, -(-total // limit)),
        "total": total,
        "items": list(found[start : start + limit]),
    }


def _in_sight(person_id: int) -> None:
    if not Person.objects.filter(pk=person_id).exists():
        raise Problem(404, "not-found", "There is no such person, or not within the sight of this key.")


def _record(request: ProgramRequest, person_id: int, said: shapes.Statement, key: uuid.UUID) -> ledger.NewRecord:
    assert request.api_key is not None
    return ledger.NewRecord(
        person_id=person_id,
        kind=said.kind,
        channel=said.channel,
        topic=said.topic,
        sender=said.sender,
        data_class=said.data_class,
        recipient=said.recipient,
        tier=said.tier,
        status=said.status,
        at=said.at or clock.now(),
        expires_at=said.expires_at,
        expires_event=said.expires_event,
        text_version=said.text_version,
        locale=said.locale,
        via=VIA,
        evidence=said.evidence | {"key": request.api_key.prefix},
        source_key=key,
    )


def _is_same(standing: ConsentRecord, person_id: int, said: shapes.Statement) -> bool:
    """Whether the line that stands says what is said again; the hour counts only where it was given."""
    told = said.model_dump(exclude={"at", "evidence", "paper"})
    known = {name: getattr(standing, name) for name in told}
    evidence = {name: text for name, text in standing.evidence.items() if name != "key"}
    same_hour = said.at is None or said.at == standing.at
    return standing.person_id == person_id and known == told and evidence == said.evidence and same_hour


def _permission(asked: policy.Message, verdict: policy.Verdict) -> dict[str, Any]:
    return {
        "channel": asked.channel,
        "topic": asked.topic,
        "purpose": asked.purpose,
        "allowed": verdict.allowed,
        "waits": verdict.only_waits,
        "try_again_at": verdict.try_again_at,
        "gate": verdict.gate,
        "reason": verdict.reason,
        "reasons": list(verdict.reasons),
    }
