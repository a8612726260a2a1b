"""What HIPAA calls a campaign, derived from its purpose and from who pays for it. Pure: no framework, no clock.

The table is that of the policy (`consent/rules/purposes.yaml`, `data_use.yaml`), so what a page explains is what decides at
sending. The clause is shown beside every campaign, kept in the audit line of every save, and printed in every trace.

- Who pays decides first: remuneration turns our own health communications (P1 to P3, P5) into marketing (P7's rule).
- Refills (P4) may be paid for when the payment is reasonably related to the cost of the communication.
- Marketing needs a signed authorization; P9 has no exceptions and is blocked by default.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapport.consent import rules as rulebook
from rapport.consent.rule_kinds import Purpose
from rapport.consent.rules import Rules

PAID_BY = "P7"


class Diagnosis(StrEnum):
    """May diagnoses and prescriptions choose who gets this?"""

    YES = "yes"
    THAT_DRUG = "that drug only"
    AUTHORIZED = "with authorization only"
    VISITS = "visit facts only"
    NO = "no"


@dataclass(frozen=True)
class Class:
    """What a campaign is in the eyes of HIPAA, with the clause that says so."""

    purpose: str
    is_marketing: bool
    needs_authorization: bool
    clause: str
    why: str
    regime: str
    diagnosis: Diagnosis
    topic: str

    @property
    def sentence(self) -> str:
        if self.needs_authorization:
            return f"Marketing under HIPAA: each person must have signed an authorization. {self.why}"
        word = "Marketing, but exempt" if self.is_marketing else "Not marketing under HIPAA"
        return f"{word}: no authorization is needed. {self.why}"


class UnknownPurpose(ValueError):
    """No row in force has this purpose."""


def classify(purpose: str, remunerated: bool, *, on: date) -> Class:
    """The HIPAA class of a campaign by the rules of that day. Raises `UnknownPurpose`."""
    rules = rulebook.in_force(on)
    row = rules.purposes.get(purpose)
    if row is None:
        raise UnknownPurpose(purpose)
    turned = remunerated and row.marketing == "if_remunerated"
    return Class(
        purpose=purpose,
        is_marketing=turned or row.marketing in {"always", "exempt"},
        needs_authorization=turned or row.marketing == "always",
        clause=rules.purposes[PAID_BY].authority if turned else row.authority,
        why="A third party pays for it, so the exception is lost." if turned else row.why,
        regime=_regime(row, turned),
        diagnosis=Diagnosis.AUTHORIZED if turned else _diagnosis(row, rules),
        topic=row.topics[0],
    )


def _regime(row: Purpose, turned: bool) -> str:
    if row.blocked:
        return "blocked"
    if row.channels:
        return "not applicable"
    return "commercial" if turned or row.commercial else "transactional"


def _diagnosis(row: Purpose, rules: Rules) -> Diagnosis:
    if row.lapse_days is not None:
        return Diagnosis.THAT_DRUG
    general = rules.data_use.get("general")
    condition = general.allowed.get(row.purpose, "") if general else ""
    if not condition:
        return Diagnosis.VISITS if "survey" in row.topics else Diagnosis.NO
    return Diagnosis.YES if condition == "none" else Diagnosis.AUTHORIZED
