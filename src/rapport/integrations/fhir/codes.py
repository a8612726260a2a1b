"""Outside names of code systems -> our short ones, and which of several codings of one thing we keep."""

from collections.abc import Sequence

from rapport.integrations.fhir.shapes import CodeableConcept, Coding

SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "http://hl7.org/fhir/sid/icd-10": "icd10cm",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "http://hl7.org/fhir/sid/icd-9-cm": "icd9cm",
    "http://www.ama-assn.org/go/cpt": "cpt",
    "urn:oid:2.16.840.1.113883.6.12": "cpt",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.285": "hcpcs",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "http://hl7.org/fhir/sid/cvx": "cvx",
    "urn:oid:2.16.840.1.113883.12.292": "cvx",
    "http://hl7.org/fhir/sid/ndc": "ndc",
    "http://www.nlm.nih.gov/research/umls/cdt": "cdt",
    "http://www.ada.org/cdt": "cdt",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode": "act",
    "http://unitsofmeasure.org": "ucum",
}
# Of several codings the one that says most to us. Systems we don't know come after these, text alone comes last.
_RANK = {
    name: rank
    for rank, name in enumerate(("icd10cm", "snomed", "loinc", "rxnorm", "cvx", "cpt", "hcpcs", "icd9cm", "ndc", "act"))
}
LONGEST_SYSTEM, LONGEST_CODE = 60, 40


def system(url: str) -> str:
    """Our short name; an unknown system keeps its own, without scheme, cut at the end that says least."""
    known = SYSTEMS.get(url)
    if known:
        return known
    return url.removeprefix("http://").removeprefix("https://").removeprefix("urn:oid:")[-LONGEST_SYSTEM:] or "local"


def all_codes(concepts: Sequence[CodeableConcept]) -> list[tuple[str, str]]:
    """Every (system, code) of these concepts."""
    return [(system(c.system), c.code) for concept in concepts for c in concept.coding if c.code]


def best(concept: CodeableConcept | None) -> tuple[str, str, str]:
    """(system, code, label) of one concept; all empty for none. A concept of mere text has code system `text`."""
    if concept is None:
        return "", "", ""
    coding = min((c for c in concept.coding if c.code), key=_rank, default=None)
    label = concept.text or next((c.display for c in concept.coding if c.display), "")
    if coding is None:
        return ("text", "", label) if label else ("", "", "")
    return system(coding.system), coding.code[:LONGEST_CODE], coding.display or label


def _rank(coding: Coding) -> int:
    return _RANK.get(SYSTEMS.get(coding.system, ""), len(_RANK))
