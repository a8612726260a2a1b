"""From landings to people: read, drop what is known, translate, identify, append, fold, and put aside what can't be taken.

Everything about one landing is one transaction: its records, its quarantine, its totals. So totals add up after any crash, and
a landing that was not finished is simply taken again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from django.db import OperationalError, transaction

from rapport.directory import queries as directory
from rapport.integrations import landing as door
from rapport.integrations import putting_aside, quarantine, seen, settle, totals
from rapport.integrations.models import Landing
from rapport.integrations.registry import FORMS, Form
from rapport.integrations.totals import Tally
from rapport.integrations.translation import Desk, Problem, Record
from rapport.people import erasing
from rapport.trust import audit
from rapport.trust.actors import System

ATTEMPTS = 3
BY = System("take-in")
log = structlog.get_logger("rapport.integrations")


def claim(*, limit: int, now: datetime) -> list[Landing]:
    """Landings that wait, oldest first, locked until the transaction ends; those another worker has are passed over."""
    erasing.keep_out()
    waiting = Landing.objects.filter(state=Landing.State.WAITING).select_related("source").order_by("id")
    return list(waiting.select_for_update(skip_locked=True, of=("self",))[:limit])


@transaction.atomic
def take(*, landings: Sequence[Landing], now: datetime) -> Tally:
    """Take landings in. One that can't be taken for a fault of ours is tried three times, and then set aside as failed."""
    taken = Tally()
    for form in dict.fromkeys(one.form for one in landings):
        taken.add(_guarded([one for one in landings if one.form == form], now))
    details = {name: taken[name] for name in totals.NAMES} | {"landings": len(landings), "people_new": taken.people_new}
    audit.record(by=BY, verb="landing.take", now=now, details=details, trace=landings[0].trace if landings else None)
    return taken


def _guarded(batch: list[Landing], now: datetime) -> Tally:
    """A batch together; if that fails, one by one, so that one bad landing does not hold up the rest."""
    try:
        with transaction.atomic():
            return _take(batch, now)
    except OperationalError:
        raise  # the database is away or wants us to start over: nothing is wrong with the landing
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the door
        if len(batch) > 1:
            taken = Tally()
            for one in batch:
                taken.add(_guarded([one], now))
            return taken
        log.error("landing_failed", landing=batch[0].pk, error=type(error).__name__)
        return _failed(batch[0])


def _failed(one: Landing) -> Tally:
    one.attempt += 1
    one.state = Landing.State.FAILED if one.attempt >= ATTEMPTS else Landing.State.WAITING
    one.save(update_fields=["attempt", "state"])
    return Tally(failed=1)


def _take(batch: list[Landing], now: datetime) -> Tally:
    form = FORMS[batch[0].form]
    tallies = {one.pk: Tally() for one in batch}
    records, problems = _read(form, batch, tallies)
    fresh, duplicates = seen.sift(records)
    arrived = set()
    taken = Tally()
    for source in {one.source_id: one.source for one in batch}.values():
        of_source = [record for record in fresh if record.landing.source_id == source.pk]
        desk = Desk(source.slug, now, directory.service_lines())
        outcome = settle.settle(form.translate(of_source, desk), of_source, desk, fill_only=form.fill_only)
        problems += outcome.problems
        arrived |= outcome.arrived
        _count(outcome, tallies)
        taken.add(Tally(people_new=outcome.people_new, people_matched=outcome.people_matched, events=outcome.events))
    problems += _same_again(duplicates, problems, tallies)
    for problem, is_new in zip(problems, putting_aside.put_aside(problems, now), strict=True):
        for name in ("quarantined",) if is_new else ("duplicates", "held_again"):
            tallies[problem.landing.pk].count(problem.kind, name)
    tallies[batch[0].pk].add(taken)  # people and events are counted once a batch, on its first landing
    for one in batch:
        totals.finish(one, tallies[one.pk], now)
    quarantine.retry(arrived, now)
    return _sum(tallies.values())


def _read(form: Form, batch: list[Landing], tallies: dict[int, Tally]) -> tuple[list[Record], list[Problem]]:
    raws = door.raw_of(batch)
    records: list[Record] = []
    problems: list[Problem] = []
    for one in batch:
        for found in form.read(raws[one.pk], one):
            found.landing = one
            tallies[one.pk].count(found.kind, "read")
            if isinstance(found, Record):
                records.append(found)
            else:
                problems.append(found)
    return records, problems


def _same_again(duplicates: list[Record], problems: list[Problem], tallies: dict[int, Tally]) -> list[Problem]:
    """Count what was known. What was refused just now is no more right the second time: these are problems too."""
    refused = {(one.record.key, one.record.content): one for one in problems if one.record}
    again = []
    for record in duplicates:
        problem = refused.get((record.key, record.content))
        if problem is None:
            tallies[record.landing.pk].count(record.kind, "duplicates")
        else:
            again.append(replace(problem, line=record.line, raw=record.raw, landing=record.landing, record=record))
    return again


def _count(outcome: settle.Outcome, tallies: dict[int, Tally]) -> None:
    for record in outcome.accepted:
        tallies[record.landing.pk].count(record.kind, "accepted")
        if record.kept:
            tallies[record.landing.pk].count(record.kind, "kept")
    seen.remember(outcome.accepted)


def _sum(tallies: Iterable[Tally]) -> Tally:
    taken = Tally()
    for tally in tallies:
        taken.add(tally)
    return taken
