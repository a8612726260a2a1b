"""Who a record is: the deterministic rule. Pure: facts in, verdict with reasons out.

1. The source's own name for the record decides, whatever else has changed.
2. Another identifier decides when name or birth date do not speak against it. If they do, the record is refused: taking it
   would join two patients.
3. Without an identifier: birth date + name + sex, or e-mail + name, or phone + name, if exactly one person fits and nothing
   speaks against it (another birth date, another sex, another number in the same system).
4. Anything doubtful becomes a new person and a question to a human. A shared e-mail or phone alone is never even a question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rapport.people import names


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rule may look at: a record, or a known person (then with `person_id`). `systems`: system -> values."""

    given: str
    family: str
    birth_date: date | None
    sex: str
    systems: Mapping[str, frozenset[bytes]]
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`person_id` None and not `refused`: a new person. `doubts` are people to ask a human about."""

    person_id: int | None
    rule: str
    refused: bool = False
    reasons: tuple[str, ...] = ()
    doubts: tuple[int, ...] = field(default=())


def decide(
    record: Seen, own: Seen | None, by_identifier: Mapping[str, Seen], by_key: Sequence[tuple[Seen, str]]
) -> Verdict:
    """`own`: the person whom this source calls by the same name; `by_identifier`: system -> person; `by_key`: (person, rule)."""
    others = {seen.person_id: (system, seen) for system, seen in by_identifier.items()}
    if own is not None:
        doubts = tuple(sorted(person for person in others if person != own.person_id))
        return Verdict(own.person_id, "own identifier", doubts=doubts)
    if others:
        return _by_other_identifier(record, others)
    return _by_key(record, by_key)


def _by_other_identifier(record: Seen, others: Mapping[int, tuple[str, Seen]]) -> Verdict:
    against = [(system, against_same(record, seen)) for system, seen in others.values()]
    reasons = tuple(
        f"the identifier in {system} belongs to another patient: {', '.join(why)}" for system, why in against if why
    )
    if reasons:
        return Verdict(None, "shared identifier", refused=True, reasons=reasons)
    first, *rest = sorted(others)
    return Verdict(first, f"identifier in {others[first][0]}", doubts=tuple(rest))


def _by_key(record: Seen, by_key: Sequence[tuple[Seen, str]]) -> Verdict:
    fits: dict[int, str] = {}
    doubts: set[int] = set()
    reasons: list[str] = []
    for seen, rule in by_key:
        why = against_same(record, seen) + _other_numbers(record, seen)
        if why:
            doubts.add(seen.person_id)
            reasons.append(f"same {rule}, but {', '.join(why)}")
        else:
            fits.setdefault(seen.person_id, rule)
    if len(fits) == 1:
        person, rule = next(iter(fits.items()))
        return Verdict(person, rule, doubts=tuple(sorted(doubts - {person})))
    if fits:
        reasons.append(f"{len(fits)} people fit")
    return Verdict(None, "new", reasons=tuple(reasons), doubts=tuple(sorted(doubts | set(fits))))


def against_same(record: Seen, seen: Seen) -> list[str]:
    """What speaks against these two being one person. Words without any of their values: reasons are shown and logged."""
    why = []
    if record.birth_date and seen.birth_date and record.birth_date != seen.birth_date:
        why.append("the birth dates differ")
    if not names.agree(record.given, seen.given) and not names.agree(record.family, seen.family):
        why.append("the names differ")
    if {record.sex, seen.sex} == {"F", "M"}:
        why.append("the sexes differ")
    return why


def _other_numbers(record: Seen, seen: Seen) -> list[str]:
    """Two numbers in one system mean two records there: perhaps a double, perhaps twins. Not for us to say."""
    clash = [system for system, values in record.systems.items() if values.isdisjoint(seen.systems.get(system, values))]
    return [f"another number in {system}" for system in sorted(clash)]
