"""Is this signed paper a valid authorization? Every element of 45 CFR 164.508(c), every defect of (b)(2), and 42 CFR 2.31. Pure.

A paper is never stored as valid or void: its elements are stored, and `defects` reads them for a day. No defect, and it is an
authorization; one, and in law it is none. The order of the defects is the order of the table below.
"""

import re
from collections.abc import Callable
from datetime import date, datetime

import msgspec

PART2 = "part2"

# Words that name no information. A description made of these alone says nothing "in a specific and meaningful fashion".
_EMPTY = """
a all an and any anything appropriate as data detail details everything file files from health his her in info information is
its medical my necessary needed of on or other our patient patients personal phi private protected record records relevant
required some something such the their to various whatever your na none tbd
archivo archivos cualquier datos de del el expediente información informacion la las lo los medica medico médica médico mi mis
necesaria necesario o para personal por salud su sus toda todas todo todos un una y
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())
# HHS takes these for specific enough: everybody can see that the whole is meant (65 FR 82517).
_WHOLE = frozenset(("all health information", "my entire medical record", "complete patient file"))


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What a signed paper says, element by element (models `Authorization` and its `ConsentRecord`)."""

    kind: str = "authorization"
    status: str = "granted"
    information: str = ""
    discloser: str = ""
    recipient: str = ""
    purposes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    expires_event: str = ""
    signed_on: date | None = None
    signature: str = ""
    signed_by: str = "patient"
    authority: str = ""
    says_revocation: bool = False
    says_conditioning: bool = False
    says_redisclosure: bool = False
    says_remuneration: bool = False
    says_refusal: bool = False
    is_plain: bool = False
    copy_given_at: datetime | None = None
    combined_with: str = ""
    is_conditioned: bool = False
    known_false: bool = False


class Defect(msgspec.Struct, frozen=True):
    """One thing that makes a paper void: a code, the sentence for people, and the clause it breaks (HIPAA, and Part 2's own)."""

    code: str
    sentence: str
    clause: str
    part2_clause: str = ""

    def clause_for(self, kind: str) -> str:
        return self.part2_clause or self.clause if kind == PART2 else self.clause


def defects(paper: Paper, *, on: date, ended: bool) -> tuple[str, ...]:
    """The code of each defect that this paper has on that day; none means it is valid.

    `ended`: the event that the paper names as its end has happened (an `ExpiryEvent` row says so). A paper is void from the
    day of its `expires_at` on. Whether a payment is mentioned is no defect: the campaign asks `says_remuneration` itself.
    """
    return tuple(one.code for one, holds in _TABLE if holds(paper, on, ended))


def explain(codes: tuple[str, ...] | list[str]) -> tuple[Defect, ...]:
    """The sentences and clauses of these codes."""
    return tuple(DEFECTS[code] for code in codes)


def is_vague(description: str) -> bool:
    """A description that names no information: only words such as "all relevant medical records"."""
    words = re.findall(r"[^\W\d_]+", description.lower())
    if " ".join(words) in _WHOLE:
        return False
    return not any(len(word) > 2 and word not in _EMPTY_WORDS for word in words)


def _missing(field: str) -> Callable[[Paper, date, bool], bool]:
    """The element is empty, or is not there."""

    def holds(paper: Paper, on: date, ended: bool) -> bool:
        value = getattr(paper, field)
        return not (value.strip() if isinstance(value, str) else value)

    return holds


_Test = Callable[[Paper, date, bool], bool]
_508 = "45 CFR 164.508"
_TABLE: tuple[tuple[Defect, _Test], ...] = (
    (
        Defect(
            "no_description", "It does not say which information may be used.", f"{_508}(c)(1)(i)", "42 CFR 2.31(a)(3)"
        ),
        _missing("information"),
    ),
    (
        Defect(
            "vague_description",
            "It does not name the information: “all records” or “health information” is too vague.",
            f"{_508}(c)(1)(i)",
            "42 CFR 2.31(a)(3)",
        ),
        lambda paper, on, ended: bool(paper.information.strip()) and is_vague(paper.information),
    ),
    (
        Defect(
            "no_discloser", "It does not say who may give the information.", f"{_508}(c)(1)(ii)", "42 CFR 2.31(a)(2)"
        ),
        _missing("discloser"),
    ),
    (
        Defect(
            "no_recipient",
            "It does not say who may receive the information.",
            f"{_508}(c)(1)(iii)",
            "42 CFR 2.31(a)(4)",
        ),
        _missing("recipient"),
    ),
    (
        Defect("no_purpose", "It does not say what the information is for.", f"{_508}(c)(1)(iv)", "42 CFR 2.31(a)(5)"),
        lambda paper, on, ended: not any(one.strip() for one in paper.purposes),
    ),
    (
        Defect(
            "no_expiry",
            "It names neither a day nor an event on which it ends.",
            f"{_508}(c)(1)(v)",
            "42 CFR 2.31(a)(7)",
        ),
        lambda paper, on, ended: paper.expires_at is None and not paper.expires_event.strip(),
    ),
    (
        Defect("expired", "The day on which it ends has come.", f"{_508}(b)(2)(i)", "42 CFR 2.31(c)(1)"),
        lambda paper, on, ended: paper.expires_at is not None and paper.expires_at.date() <= on,
    ),
    (
        Defect("event_occurred", "The event that ends it has happened.", f"{_508}(b)(2)(i)", "42 CFR 2.31(c)(1)"),
        lambda paper, on, ended: bool(paper.expires_event.strip()) and ended,
    ),
    (
        Defect("revoked", "The person has taken it back.", f"{_508}(b)(2)(iii)", "42 CFR 2.31(c)(3)"),
        lambda paper, on, ended: paper.status != "granted",
    ),
    (Defect("no_signature", "Nobody signed it.", f"{_508}(c)(1)(vi)", "42 CFR 2.31(a)(8)"), _missing("signature")),
    (
        Defect("no_signature_date", "The signature has no date.", f"{_508}(c)(1)(vi)", "42 CFR 2.31(a)(9)"),
        _missing("signed_on"),
    ),
    (
        Defect(
            "signed_in_future", "The date of the signature has not come yet.", f"{_508}(c)(1)(vi)", "42 CFR 2.31(a)(9)"
        ),
        lambda paper, on, ended: paper.signed_on is not None and paper.signed_on > on,
    ),
    (
        Defect(
            "no_authority",
            "Somebody else signed, and it does not say by what right.",
            f"{_508}(c)(1)(vi)",
            "42 CFR 2.31(a)(8)",
        ),
        lambda paper, on, ended: paper.signed_by != "patient" and not paper.authority.strip(),
    ),
    (
        Defect(
            "no_revocation_statement",
            "It does not say that, and how, it can be taken back in writing.",
            f"{_508}(c)(2)(i)",
            "42 CFR 2.31(a)(6)",
        ),
        _missing("says_revocation"),
    ),
    (
        Defect(
            "no_conditioning_statement",
            "It does not say that care and payment do not depend on signing.",
            f"{_508}(c)(2)(ii)",
        ),
        _missing("says_conditioning"),
    ),
    (
        Defect(
            "no_redisclosure_statement",
            "It does not say that whoever receives the information may pass it on.",
            f"{_508}(c)(2)(iii)",
            "42 CFR 2.31(a)(10)(i)",
        ),
        _missing("says_redisclosure"),
    ),
    (
        Defect(
            "no_refusal_statement",
            "It does not say what follows from refusing to sign.",
            "42 CFR 2.31(a)(10)(ii)",
        ),
        lambda paper, on, ended: paper.kind == PART2 and not paper.says_refusal,
    ),
    (Defect("not_plain", "It is not written in plain language.", f"{_508}(c)(3)"), _missing("is_plain")),
    (Defect("no_copy_given", "The person did not get a copy.", f"{_508}(c)(4)"), _missing("copy_given_at")),
    (
        Defect("combined", "It is joined with another paper that must stand alone.", f"{_508}(b)(3)"),
        lambda paper, on, ended: bool(paper.combined_with.strip()),
    ),
    (
        Defect("conditioned", "Care or payment was made to depend on signing it.", f"{_508}(b)(4)"),
        lambda paper, on, ended: paper.is_conditioned,
    ),
    (
        Defect(
            "known_false", "We know that something material in it is false.", f"{_508}(b)(2)(v)", "42 CFR 2.31(c)(4)"
        ),
        lambda paper, on, ended: paper.known_false,
    ),
)
DEFECTS = {defect.code: defect for defect, _ in _TABLE}
