"""Why: receipts, why somebody got something or nothing, and the rules in force."""

from typing import Annotated, Any

from ninja import Path, Query, Router

from rapport.api import shapes
from rapport.api.campaigns import campaign_of
from rapport.api.consents import Limit, Number, paged
from rapport.api.gate import verb
from rapport.api.problems import Problem
from rapport.consent import rules as rulebook
from rapport.governance import checks, trace, why
from rapport.kit import clock
from rapport.messaging.models import Receipt
from rapport.trust import audit
from rapport.trust.key_door import ProgramRequest

router = Router(tags=["Reasons"])
Slug = r"^[a-z0-9_\-]{1,50}$"


@router.get("/receipts/{int:receipt_id}", response=shapes.ReceiptOut, operation_id="receipt", summary="One decision")
@verb("outbox.read")
def receipt(request: ProgramRequest, receipt_id: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> dict[str, Any]:
    """What was decided about one message at one moment, with every check; the fingerprint of the facts proves what it rests on."""
    found = Receipt.objects.filter(pk=receipt_id).first()
    if found is None:
        raise Problem(404, "not-found", "There is no such receipt, or not within the sight of this key.")
    audit.record(
        by=request.user, verb="receipt.read", now=clock.now(), person=found.person_id, thing=f"receipt:{receipt_id}"
    )
    same = {name: getattr(found, name) for name in (
        "id", "intent_id", "at", "outcome", "allowed", "gate", "reason", "consent_ids", "facts_hash", "rules_version",
        "try_again_at",
    )}  # fmt: skip
    return same | {
        "person": found.person_id,
        "gates": _gates(checks.of_receipt(found)),
        "content_version": found.version_id,
        "trace": str(found.trace),
    }


@router.get(
    "/people/{int:person_id}/why",
    response=shapes.Why,
    operation_id="why",
    summary="Why did, or didn't, this person get a campaign",
)
@verb("trust.trace")
def why_not(
    request: ProgramRequest,
    person_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    campaign: Annotated[str, Query(pattern=Slug, description="The short name of the campaign.")],
) -> dict[str, Any]:
    """The point where it stopped: not in the segment, held out, not permitted, stopped at sending, still waiting; or sent."""
    chosen = campaign_of(request, campaign)
    try:
        found = why.of_campaign(by=request.user, person_id=person_id, campaign=chosen, now=clock.now())
    except trace.NoSuchTrip:
        raise Problem(404, "not-found", "There is no such person, or not within the sight of this key.") from None
    return {
        "person": found.person_id,
        "campaign": chosen.slug,
        "stage": found.stage,
        "sentence": found.sentence,
        "stands": found.stands,
        "at": found.at,
        "criteria": [
            {"text": one.text, "holds": one.holds, "evidence": one.evidence, "depth": one.depth}
            for one in found.criteria
        ],
        "gates": _gates(found.checks),
        "gates_at": found.checks_at,
        "intent_id": found.intent_id,
        "receipt_id": found.receipt_id,
    }


@router.get("/rules", response=shapes.Rules, operation_id="rules", summary="The rules in force on a day")
@verb("trust.rules")
def rules(
    request: ProgramRequest,
    on: Annotated[shapes.Day | None, Query(description="The day; today, when left out.")] = None,
    page: Number = 1,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Rows as they stand in the files of this edition: what decides whether a message may go."""
    day = on or clock.now().date()
    rows = sorted(
        (row for row in rulebook.rows() if row.is_in_force(day)), key=lambda row: (row.kind, row.id, row.version)
    )
    found = paged(rows, page, limit)
    found["items"] = [{name: getattr(row, name) for name in shapes.RuleOut.model_fields} for row in found["items"]]
    return found | {"on": day, "rules_version": rulebook.fingerprint()}


def _gates(found: list[checks.Check]) -> list[dict[str, Any]]:
    return [
        {
            "gate": one.gate,
            "passed": one.passed,
            "reason": one.reason,
            "rule": one.rule,
            "rule_version": one.rule_version,
            "consents": [said.record_id for said in one.said],
        }
        for one in found
    ]
