"""One run of a campaign: its audience frozen, its lots drawn, its people put into arms and variants. Nothing is said yet.

1. The segment is asked as of now, and its definition is kept with the run.
2. The policy gives a verdict on each person; "not yet" counts as permitted.
3. The permitted are ranked by salted hash; exactly round(n * percent / 100) are held out.
4. Of the others the test share is cut into variants exactly; the rest waits for the winner.
5. Each of them gets a place in the order in which people are invited; every beginning of it is split as the whole is.

Where people come day by day, the shares are exact over the year, and nobody stands in two runs of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from rapport.campaigns import audience, occasions, plan, randomise, timeline
from rapport.campaigns.models import Assignment, Campaign, Run
from rapport.content.models import Version


@dataclass(frozen=True)
class Drawn:
    """Who was put where. `contact` is in the order in which people are invited."""

    contact: list[tuple[int, int | None, bool]]
    held: frozenset[int]
    refused: list[audience.Refusal]

    def counts(self) -> dict[str, int]:
        return {
            "in_segment": len(self.contact) + len(self.held) + len(self.refused),
            "contact": len(self.contact),
            "holdout": len(self.held),
            "not_permitted": len(self.refused),
        }


def run(campaign: Campaign, *, occurrence: str, due_at: datetime, now: datetime) -> tuple[Run, Drawn]:
    """Freeze and draw. The caller holds the campaign's row, invites people, and writes the audit line."""
    definition = plan.definition_of(campaign)
    assert definition is not None
    campaign.definition = definition
    campaign.save(update_fields=["definition"])
    name = occasions.name_of(campaign, now) if campaign.kind == Campaign.Kind.DATED else occurrence
    found = audience.of(campaign, definition=definition, now=now, since=_last(campaign))
    found = _new_only(campaign, found, name)
    made = Run.objects.create(
        campaign=campaign,
        occurrence=occurrence,
        due_at=due_at,
        began_at=now,
        definition=definition,
        version=campaign.version,
    )
    drawn = _lots(made, found, name)
    made.meant, made.permitted, made.held_out = found.people, len(found.permitted), len(drawn.held)
    made.save(update_fields=["meant", "permitted", "held_out"])
    _put(made, drawn, name, now)
    timeline.held_out(run=made, person_ids=drawn.held, now=now)
    return made, drawn


def skip(campaign: Campaign, *, occurrence: str, due_at: datetime, reason: str, now: datetime) -> Run:
    """Nothing goes out this time, and the page says why."""
    return Run.objects.create(
        campaign=campaign,
        occurrence=occurrence,
        due_at=due_at,
        began_at=now,
        state=Run.State.SKIPPED,
        reason=reason[:300],
    )


def newest_issue(campaign: Campaign) -> Version | None:
    """What a newsletter says this time: the newest published wording of its piece, if it was not sent yet."""
    assert campaign.version is not None
    newest = Version.objects.filter(piece=campaign.version.piece, state=Version.State.PUBLISHED).order_by("-number")
    found = newest.select_related("piece").first()
    if found is None or campaign.runs.filter(version=found, state=Run.State.RUNNING).exists():
        return None
    return found


def _last(campaign: Campaign) -> datetime | None:
    latest = campaign.runs.order_by("-due_at").first()
    return latest.due_at if latest else None


def _new_only(campaign: Campaign, found: audience.Audience, name: str) -> audience.Audience:
    """Without those who stand under this name already. Who was not permitted then and is now gets in."""
    before = dict(Assignment.objects.filter(campaign=campaign, occurrence=name).values_list("person_id", "arm"))
    if not before:
        return found
    was_refused = {person for person, arm in before.items() if arm == Assignment.Arm.NOT_PERMITTED}
    new = [person for person in found.permitted if person not in before or person in was_refused]
    Assignment.objects.filter(campaign=campaign, occurrence=name, person_id__in=was_refused & set(new)).delete()
    waiting = set(found.waiting)
    return audience.Audience(
        new,
        [person for person in new if person in waiting],
        [no for no in found.refused if no.person_id not in before],
    )


def _lots(made: Run, found: audience.Audience, name: str) -> Drawn:
    campaign = made.campaign
    held = randomise.held_out(found.permitted, campaign.holdout_percent, made.salt, _before(made, name))
    others = [person for person in found.permitted if person not in held]
    variants = list(campaign.variants.order_by("label"))
    if not variants:
        order = randomise.ranked(others, f"{made.salt}:place")
        return Drawn([(person, None, True) for person in order], held, found.refused)
    tested = randomise.held_out(others, campaign.test_percent, f"{made.salt}:test")
    shares = {variant.pk: variant.percent for variant in variants}
    cut = randomise.split(tested, shares, made.salt, _variants_before(campaign, name))
    rest = randomise.ranked((person for person in others if person not in tested), f"{made.salt}:place")
    contact: list[tuple[int, int | None, bool]] = [(person, variant, True) for person, variant in cut.items()]
    return Drawn(contact + [(person, None, False) for person in rest], held, found.refused)


def _before(made: Run, name: str) -> tuple[int, int]:
    """(permitted, held out) of the earlier days of the same year."""
    if made.campaign.kind != Campaign.Kind.DATED:
        return randomise.NOBODY
    rows = Assignment.objects.filter(campaign=made.campaign, occurrence=name).values_list("arm").annotate(Count("id"))
    arms = dict(rows.values_list("arm", "id__count"))
    held = arms.get(Assignment.Arm.HOLDOUT, 0)
    return arms.get(Assignment.Arm.CONTACT, 0) + held, held


def _variants_before(campaign: Campaign, name: str) -> dict[int, int]:
    if campaign.kind != Campaign.Kind.DATED:
        return {}
    rows = Assignment.objects.filter(campaign=campaign, occurrence=name, variant__isnull=False, is_test=True)
    return dict(rows.values_list("variant_id").annotate(Count("id")).values_list("variant_id", "id__count"))


def _put(made: Run, drawn: Drawn, name: str, now: datetime) -> None:
    """One row for each person of the frozen audience, by COPY: 100,000 people in about a second."""
    columns = "campaign_id, run_id, occurrence, person_id, arm, variant_id, is_test, place, gate, reason, assigned_at, invited_at"
    with connection.cursor() as cursor, cursor.copy(f"COPY campaigns_assignment ({columns}) FROM STDIN") as out:
        for person, arm, variant, is_test, place, gate, reason in _rows(drawn):
            out.write_row(
                (made.campaign_id, made.pk, name, person, arm, variant, is_test, place, gate, reason, now, None)
            )


def _rows(drawn: Drawn) -> Iterator[tuple[Any, ...]]:
    for place, (person, variant, is_test) in enumerate(drawn.contact):
        yield person, Assignment.Arm.CONTACT.value, variant, is_test, place, "", ""
    for person in sorted(drawn.held):
        yield person, Assignment.Arm.HOLDOUT.value, None, True, 0, "", ""
    for no in drawn.refused:
        yield no.person_id, Assignment.Arm.NOT_PERMITTED.value, None, True, 0, no.gate[:30], no.reason[:300]
