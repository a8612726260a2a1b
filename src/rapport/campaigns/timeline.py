"""What a launch adds to the timelines: who was left out, so that segments can ask for it and everybody can see it."""

from collections.abc import Collection
from datetime import datetime

from rapport.campaigns.models import Run
from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.trust import sealing

SOURCE = "campaigns"


def held_out(*, run: Run, person_ids: Collection[int], now: datetime) -> None:
    """Each of the comparison arm was held out of this campaign, when it ran."""
    timeline.append(
        events=[
            NewEvent(
                person_id=one,
                kind="held_out",
                at=now,
                source=SOURCE,
                source_key=sealing.source_key(SOURCE, "held_out", *_name(run), str(one)),
                campaign_id=run.campaign_id,
                trace=run.campaign.trace,
            )
            for one in sorted(person_ids)
        ],
        now=now,
    )


def _name(run: Run) -> list[str]:
    return [str(run.campaign_id)] if run.occurrence == "1" else [str(run.campaign_id), run.occurrence]
