"""An invitation to write a review goes to everybody who was seen, not to those who are content (16 CFR 465; V-01). Pure."""

import re
from collections.abc import Iterable

# Parts of a field's or trait's name that tell how content somebody was. A word, never a piece of one.
_TELLING = """
nps csat ces satisfaction satisfied sentiment rating ratings stars promoter promoters detractor detractors happiness happy
unhappy complaint complaints complained feedback survey surveys review reviews hcahps cgcahps recommend recommends
recommendation grievance grievances
"""
SENTIMENT = frozenset(_TELLING.split())
# That somebody answered says nothing of what they answered.
ANSWERED = frozenset({"answered", "responded", "completed", "invited", "sent"})
_WORDS = re.compile(r"[a-z]+")
AUTHORITY = "16 CFR 465.7"


def limits(fields: Iterable[str]) -> tuple[str, ...]:
    """Those of these fields or traits that tell how content a person was, in the order given."""
    return tuple(dict.fromkeys(one for one in fields if _tells(one)))


def refusal(fields: Iterable[str]) -> str:
    """Why an audience that is chosen by these fields can't be invited to review; empty when it can.

    `fields`: names of everything the audience asks about, traits with their name space (`survey.nps`).
    """
    found = limits(fields)
    if not found:
        return ""
    named = ", ".join(f"“{one}”" for one in found)
    return (
        f"An invitation to review must go to everybody who was seen, so it can't be limited by {named}: "
        f"that would leave out those who are not content ({AUTHORITY})."
    )


def _tells(name: str) -> bool:
    words = set(_WORDS.findall(_apart(name)))
    return bool(words & SENTIMENT) and not words & ANSWERED


def _apart(name: str) -> str:
    """`lastNPSScore` and `last_nps_score` are the same words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return spaced.lower()
