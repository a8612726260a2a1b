"""May this definition choose people for that purpose? Asked when a segment is built, and again each time it is run.

Every class of data that a criterion may match is put to `consent.classes.may_use`, also where the criterion asks that something
be absent. What the law ties to each person (an authorization, a clinician's approval) is no refusal here: the policy asks it of
every person when a message is about to go.
"""

from collections import defaultdict
from datetime import date

import msgspec

from rapport.consent import classes
from rapport.consent import rules as rulebook
from rapport.segments import meaning, vocabulary
from rapport.segments.language import Node, Touch, touches


class Refusal(msgspec.Struct, frozen=True):
    """One class of data that the purpose does not permit: the sentence, the rule, and by which criteria."""

    data_class: str
    sentence: str
    rule: str
    by: tuple[str, ...]


class Condition(msgspec.Struct, frozen=True):
    """A class that the purpose permits only under a condition, which is asked of each person when a message goes."""

    data_class: str
    sentence: str
    rule: str


class Judged(msgspec.Struct, frozen=True):
    """The answer for a whole definition."""

    refusals: tuple[Refusal, ...]
    conditions: tuple[Condition, ...]


class NotForThisPurpose(ValueError):
    """The definition asks for knowledge that may not be used for its purpose; `refusals` say which and why."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(" ".join(one.sentence for one in refusals))
        self.refusals = refusals


def judge(node: Node, purpose: str, *, on: date) -> Judged:
    """Every class of data of the definition, and of all it names, put to the rules of that day. Raises Misformed."""
    by: dict[str, list[str]] = defaultdict(list)
    for touch in _touches(node):
        by[touch.data_class].append(touch.by)
    refusals, conditions = [], []
    for data_class, criteria in sorted(by.items()):
        use = classes.may_use(purpose, data_class, on=on)
        if not use.allowed:
            sentence = f"{use.reason} The segment asks for {_listed(criteria)} [{use.rule}]."
            refusals.append(Refusal(data_class, sentence, use.rule, tuple(criteria)))
        elif use.condition != classes.UNCONDITIONAL:
            conditions.append(Condition(data_class, f"{use.reason} [{use.rule}]", use.rule))
    return Judged(tuple(refusals), tuple(conditions))


def classes_of(node: Node) -> tuple[str, ...]:
    """Every class of data that chooses people here: what the policy is told of each message to them."""
    return tuple(sorted({touch.data_class for touch in _touches(node)}))


def check(node: Node, purpose: str, *, on: date) -> None:
    """Raises NotForThisPurpose."""
    judged = judge(node, purpose, on=on)
    if judged.refusals:
        raise NotForThisPurpose(judged.refusals)


def _touches(node: Node) -> tuple[Touch, ...]:
    whole = meaning.knowing(node)
    return touches(whole, vocabulary.known(whole))


def purposes(on: date) -> list[tuple[str, str]]:
    """(purpose, name) of those a segment may be built for: all that are not blocked."""
    known = rulebook.in_force(on).purposes
    return [(one, known[one].name) for one in sorted(known, key=lambda p: int(p[1:])) if not known[one].blocked]


def _listed(criteria: list[str]) -> str:
    shown = ", ".join(criteria[:5])
    return f"{shown} and {len(criteria) - 5} more" if len(criteria) > 5 else shown
