"""Who must look before words may be sent. Pure; every need says why.

- Marketing: always.
- Clinical: what touches somebody's care. That is a topic of care, or of our services with a condition, a merge field of care or
  words about conditions in it; any delicate class (X-02: only in words that a clinician has approved); words of a machine without notice.
- Compliance: what the law calls commercial, what somebody outside pays for, any delicate class.
- Translation: what a machine translated (45 CFR 92.201(c)(3)).
"""

from typing import Literal

import msgspec

Kind = Literal["marketing", "clinical", "compliance", "translation"]
CARE, SERVICES = "care", "health_services"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the words."""

    topic: str
    is_commercial: bool = False
    is_paid: bool = False
    data_classes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()  # tags
    care_fields: tuple[str, ...] = ()  # merge fields that tell of somebody's care
    condition_words: tuple[str, ...] = ()
    is_machine_translated: bool = False
    is_machine_written: bool = False
    has_ai_notice: bool = False


class Need(msgspec.Struct, frozen=True):
    """One look that must be had."""

    kind: Kind
    why: tuple[str, ...]


def of(asked: Asked) -> tuple[Need, ...]:
    """Every look that these words need, in the order of the desk."""
    found = [
        Need("marketing", ("Everything we say is looked at by a second person.",)),
        Need("clinical", _clinical(asked)),
        Need("compliance", _compliance(asked)),
    ]
    if asked.is_machine_translated:
        found.append(Need("translation", ("A machine translated it (45 CFR 92.201(c)(3)).",)))
    return tuple(one for one in found if one.why)


def _clinical(asked: Asked) -> tuple[str, ...]:
    why = []
    if asked.topic == CARE:
        why.append("It is about the person's own care.")
    if asked.topic in {CARE, SERVICES}:
        if asked.conditions:
            why.append(f"It is about {', '.join(asked.conditions)}.")
        if asked.care_fields:
            why.append(f"It tells of somebody's care: {', '.join(asked.care_fields)}.")
    if asked.topic == SERVICES and asked.condition_words:
        why.append(f"It speaks of {', '.join(asked.condition_words[:3])}.")
    if asked.data_classes:
        why.append("It touches a delicate class of data (X-02).")
    if asked.is_machine_written and not asked.has_ai_notice:
        why.append("A machine wrote it, and it does not say so (CA AB 3030).")
    return tuple(why)


def _compliance(asked: Asked) -> tuple[str, ...]:
    why = []
    if asked.is_paid:
        why.append("Somebody outside pays for it (45 CFR 164.501).")
    if asked.is_commercial:
        why.append("It is commercial mail (15 USC 7704).")
    if asked.data_classes:
        why.append("It touches a delicate class of data.")
    return tuple(why)
