"""May a class of data choose people, or stand in the words of a message, for this purpose? Pure; the table is `rules/data_use.yaml`.

Asked when a segment or a wording is built, so that what can't be sent is not drawn up, and again by the policy for each person.
"""

from datetime import date

import msgspec

from rapport.consent import rules as rulebook

NEVER, UNCONDITIONAL = "never", "none"
CONDITIONS = {
    "clinician": "only in words that a clinician has approved",
    "authorization": "only for people who signed an authorization",
    "part2": "only for people who signed a consent under 42 CFR Part 2",
    "data_use": "only for people who agreed to exactly this use",
    "collection": "only for people who agreed to its collection",
}


class Use(msgspec.Struct, frozen=True):
    """The answer. `condition`: none, never, or what must hold for each person (CONDITIONS)."""

    allowed: bool
    condition: str
    reason: str
    rule: str
    rule_version: int = 1


def may_use(purpose: str, data_class: str, *, on: date) -> Use:
    """Whether data of this class may be used for this purpose on that day. Unknown classes and purposes are refused."""
    row = rulebook.in_force(on).data_use.get(data_class)
    if row is None:
        return Use(False, NEVER, f"“{data_class}” is no class of data we know.", "HOUSE-DATA-CLASS")
    condition = row.allowed.get(purpose, NEVER)
    what = rulebook.name_of(purpose, on)
    if condition == NEVER:
        return Use(
            False,
            NEVER,
            f"{row.words[:1].upper()}{row.words[1:]} may not be used for {what} ({row.authority}).",
            row.rule,
            row.version,
        )
    if condition == UNCONDITIONAL:
        return Use(
            True,
            UNCONDITIONAL,
            f"{row.words[:1].upper()}{row.words[1:]} may be used for {what}.",
            row.rule,
            row.version,
        )
    reason = f"{row.words[:1].upper()}{row.words[1:]} may be used for {what} {CONDITIONS[condition]} ({row.authority})."
    return Use(True, condition, reason, row.rule, row.version)
