"""FHIR Coverage, Claim, ExplanationOfBenefit -> what is insured, charged and paid."""

from decimal import Decimal

from rapport.integrations.fhir import codes, refs, shapes
from rapport.integrations.fhir.shapes import Reference
from rapport.integrations.fhir.telling import Telling

CLAIM = {"", "claim"}  # not a preauthorisation, not a predetermination
PAID = ("benefit", "paidtoprovider", "paid")
OUR_CURRENCY = "USD"


def coverage(t: Telling) -> None:
    told: shapes.Coverage = t.record.told
    subject = t.subject(told.beneficiary, "Coverage.beneficiary")
    starts_at = t.at(told.period.start if told.period else "", "Coverage.period.start", needed=False)
    ends_at = t.at(told.period.end if told.period else "", "Coverage.period.end", needed=False)
    if subject is None or t.refused:
        return
    system, code, label = codes.best(told.type)
    payer = next((ref.display for ref in told.payor if ref.display), "")
    detail = {"payer": payer[:200]} if payer else {}
    t.fact(
        subject,
        "coverage",
        t.record.key,
        (system, code, payer or label),
        status=told.status,
        starts_at=starts_at,
        ends_at=ends_at,
        detail=detail,
    )


def claim(t: Telling) -> None:
    """A charge. Its value is what was asked for."""
    told: shapes.Claim = t.record.told
    if told.use not in CLAIM or told.status in {"entered-in-error", "cancelled", "draft"}:
        return
    amount = _dollars(t, told.total, "Claim.total")
    start = told.billablePeriod.start if told.billablePeriod else ""
    _money(t, "claim", told, "Claim", start or told.created, amount)


def explanation(t: Telling) -> None:
    """What was paid. Without an amount nothing was: the claim itself says what was asked."""
    told: shapes.ExplanationOfBenefit = t.record.told
    if told.use not in CLAIM or told.status in {"entered-in-error", "cancelled", "draft"}:
        return
    paid = told.payment.amount if told.payment and told.payment.amount else None
    if paid is None:
        totals = {code.code: total.amount for total in told.total if total.category for code in total.category.coding}
        paid = next((totals[name] for name in PAID if name in totals), None)
    amount = _dollars(t, paid, "ExplanationOfBenefit.payment.amount")
    if t.refused or amount is None:
        return
    when = (
        (told.payment.date if told.payment else "")
        or told.created
        or (told.billablePeriod.start if told.billablePeriod else "")
    )
    _money(t, "payment", told, "ExplanationOfBenefit", when, amount)


def _money(
    t: Telling,
    kind: str,
    told: shapes.Claim | shapes.ExplanationOfBenefit,
    name: str,
    when: str,
    amount: Decimal | None,
) -> None:
    at = t.at(when, f"{name}.created")
    subject = t.subject(told.patient, f"{name}.patient")
    if at is None or subject is None or t.refused:
        return
    items = [item.productOrService for item in told.item if item.productOrService]
    diagnoses = [one.diagnosisCodeableConcept for one in told.diagnosis if one.diagnosisCodeableConcept]
    every = codes.all_codes([*diagnoses, *items])
    named = codes.best(items[0] if items else None)
    visit = next((ref for item in told.item for ref in item.encounter), None)
    place = refs.place(told.facility, told.provider, t.record, t.desk.source)
    t.event(
        subject, kind, at, named, codes=every, value=amount, unit=OUR_CURRENCY, detail=_detail(t, told.status, visit),
        visit=t.visit(visit, every, place),
    )  # fmt: skip


def _detail(t: Telling, status: str, visit: Reference | None) -> dict[str, str]:
    """`encounter`: the event of the visit that was charged or paid, by its source key; attribution adds money up by it."""
    found = refs.target(visit, t.record, "Encounter")
    return {"status": status} | ({"encounter": str(refs.source_key(t.desk.source, *found))} if found else {})


def _dollars(t: Telling, money: shapes.Money | None, path: str) -> Decimal | None:
    if money is None or money.value is None:
        return None
    if money.currency not in {"", OUR_CURRENCY}:
        t.refuse("the amount is in another currency", f"{path}.currency", "Convert it to USD.")
        return None
    return money.value if t.fits(money.value, f"{path}.value") else None
