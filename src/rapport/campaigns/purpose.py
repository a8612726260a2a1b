"""What HIPAA calls a campaign, derived from its purpose and from who pays for it. Pure: no framework, no clock.

The table is reference 2.1 as data: a change of law is a new row. The clause is shown beside every campaign, kept in the
audit line of every save, and printed in the trace of every message.

- Who pays decides first: remuneration turns our own health communications (P1 to P3, P5) into marketing (P7's rule).
- Refills (P4) may be paid for when the payment is reasonably related to the cost of the communication.
- Marketing needs a signed authorization; P9 has no exceptions and is blocked by default.
"""

from dataclasses import dataclass
from enum import StrEnum

PAID_CLAUSE = "45 CFR 164.501 Marketing (2)(ii), 164.508(a)(3)(ii)"


class Diagnosis(StrEnum):
    """May diagnoses and prescriptions choose who gets this?"""

    YES = "yes"
    THAT_DRUG = "that drug only"
    AUTHORIZED = "with authorization only"
    VISITS = "visit facts only"
    NO = "no"


@dataclass(frozen=True)
class Rule:
    """One row of the purpose matrix."""

    purpose: str
    is_marketing: bool
    needs_authorization: bool
    lost_when_paid: bool
    clause: str
    why: str
    regime: str
    diagnosis: Diagnosis
    topic: str


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
    """No row of the matrix has this purpose."""


_ROWS = (
    Rule(
        "P1",
        False,
        False,
        True,
        "45 CFR 164.501 Marketing (2)(ii)(A)",
        "Treatment and care coordination by us.",
        "transactional",
        Diagnosis.YES,
        "care",
    ),
    Rule(
        "P2",
        False,
        False,
        True,
        "45 CFR 164.501 Marketing (2)(ii)(B)",
        "It is about our own health-related service.",
        "commercial",
        Diagnosis.YES,
        "health_services",
    ),
    Rule(
        "P3",
        False,
        False,
        True,
        "45 CFR 164.501 Marketing (2)(ii)(C)",
        "Case management for a population.",
        "commercial",
        Diagnosis.YES,
        "health_services",
    ),
    Rule(
        "P4",
        False,
        False,
        False,
        "45 CFR 164.501 Marketing (2)(i)",
        "A reminder for a drug that is now prescribed; any payment must not exceed the cost.",
        "transactional",
        Diagnosis.THAT_DRUG,
        "care",
    ),
    Rule(
        "P5",
        False,
        False,
        True,
        "45 CFR 164.501 Marketing (2)(i)",
        "Another named drug is outside the refill exception.",
        "commercial",
        Diagnosis.AUTHORIZED,
        "health_services",
    ),
    Rule(
        "P6",
        True,
        True,
        False,
        "45 CFR 164.501 Marketing (1)",
        "A product that is not health care, or not ours.",
        "commercial",
        Diagnosis.AUTHORIZED,
        "newsletter",
    ),
    Rule(
        "P7",
        True,
        True,
        False,
        PAID_CLAUSE,
        "The maker of the product pays for it; the authorization must say so.",
        "commercial",
        Diagnosis.AUTHORIZED,
        "health_services",
    ),
    Rule(
        "P8",
        True,
        False,
        False,
        "45 CFR 164.508(a)(3)(i)(A)-(B)",
        "Said face to face, or a gift of nominal value.",
        "not applicable",
        Diagnosis.YES,
        "health_services",
    ),
    Rule(
        "P9",
        True,
        True,
        False,
        "45 CFR 164.501 Marketing (1), 164.502(a)(5)(ii)",
        "Patient data would go to a third party for its own marketing: no exceptions.",
        "blocked",
        Diagnosis.NO,
        "health_services",
    ),
    Rule(
        "P10",
        False,
        False,
        False,
        "45 CFR 164.514(f)",
        "Fundraising has its own rule: an opt-out each time, no diagnosis.",
        "commercial",
        Diagnosis.NO,
        "fundraising",
    ),
    Rule(
        "P11",
        False,
        False,
        False,
        "45 CFR 164.501 Health care operations (1)",
        "Asking how a visit was is part of operations.",
        "transactional",
        Diagnosis.VISITS,
        "survey",
    ),
    Rule(
        "P12",
        False,
        False,
        False,
        "45 CFR 164.501 Payment",
        "Billing is payment.",
        "transactional",
        Diagnosis.NO,
        "billing",
    ),
    Rule(
        "P13",
        False,
        False,
        False,
        "45 CFR 164.501: no use of patient data",
        "A newsletter to whoever asked for it; patient data does not choose.",
        "commercial",
        Diagnosis.NO,
        "newsletter",
    ),
)
RULES = {row.purpose: row for row in _ROWS}


def classify(purpose: str, remunerated: bool) -> Class:
    """The HIPAA class of a campaign. Raises `UnknownPurpose`."""
    rule = RULES.get(purpose)
    if rule is None:
        raise UnknownPurpose(purpose)
    turned = remunerated and rule.lost_when_paid
    return Class(
        purpose=purpose,
        is_marketing=rule.is_marketing or turned,
        needs_authorization=rule.needs_authorization or turned,
        clause=PAID_CLAUSE if turned else rule.clause,
        why="A third party pays for it, so the exception is lost." if turned else rule.why,
        regime="commercial" if turned else rule.regime,
        diagnosis=Diagnosis.AUTHORIZED if turned else rule.diagnosis,
        topic=rule.topic,
    )
