"""Plausible US contact details for people who never lived: seeded, and only in ranges that belong to nobody.

- E-mail at example.com, example.net and example.org (RFC 2606), unique for each person.
- Telephone 555-0100 to 555-0199 with a Massachusetts area code: reserved for fiction, so numbers repeat among many people.
- ZIP codes of the Massachusetts town where Synthea lets the person live.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np

DOMAINS = ("example.com", "example.net", "example.org")
AREA_CODES = ("617", "508", "978", "413", "781", "774", "351", "339")
NO_EMAIL = 0.09
SHARED_EMAIL = 0.02  # a couple with one address: proves nobody's identity
SPANISH = ("es",)
KEPT_LANGUAGES = ("en", "es", "pt", "zh", "fr")


@dataclass(frozen=True)
class Contact:
    """What registration knows about reaching one person."""

    email: str
    phone: str
    language: str
    zip5: str


def plain(text: str) -> str:
    """Letters a to z of a name, lower case; `Íñigo` is `inigo`."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if "a" <= letter <= "z") or "someone"


def email_of(given: str, family: str, number: int, rng: np.random.Generator) -> str:
    """A readable address that no other number shares."""
    return f"{plain(given)}.{plain(family)}{number}@{DOMAINS[rng.integers(len(DOMAINS))]}"


def phone_of(rng: np.random.Generator) -> str:
    return f"+1{AREA_CODES[rng.integers(len(AREA_CODES))]}55501{rng.integers(100):02d}"


def contact_of(patient: dict[str, Any], number: int, rng: np.random.Generator) -> Contact:
    """Details for one FHIR Patient. The same generator state gives the same details."""
    name = patient["name"][0]
    has_email, phone = rng.random() >= NO_EMAIL, phone_of(rng)
    email = email_of(name["given"][0], name["family"], number, rng)
    language = patient.get("communication", [{}])[0].get("language", {}).get("coding", [{}])[0].get("code", "en")[:2]
    address = patient.get("address", [{}])[0]
    zip5 = address.get("postalCode") or ZIPS.get(address.get("city", ""), f"018{rng.integers(1, 80):02d}")
    return Contact(email if has_email else "", phone, language if language in KEPT_LANGUAGES else "en", zip5)


# Towns that Synthea sometimes writes without a ZIP.
ZIPS = {
    "Boston": "02118", "Worcester": "01608", "Springfield": "01103", "Lowell": "01852", "Cambridge": "02139",
    "New Bedford": "02740", "Brockton": "02301", "Quincy": "02169", "Lynn": "01902", "Fall River": "02720",
    "Newton": "02458", "Lawrence": "01840", "Somerville": "02143", "Framingham": "01702", "Haverhill": "01830",
}  # fmt: skip
