"""What a launch adds to the timelines: who was left out, so that segments can ask for it and everybody can see it."""

from collections.abc import Collection
from datetime import datetime

from rapport.campaigns.models import Campaign
from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.trust import sealing

SOURCE = "campaigns"


def held_out(*, campaign: Campaign, person_ids: Collection[int], now: datetime) -> None:
    """Each of the comparison arm was held out of this campaign, at its launch."""
    timeline.append(
        events=[
            NewEvent(
                person_id=one,
                kind="held_out",
                at=now,
                source=SOURCE,
                source_key=sealing.source_key(SOURCE, "held_out", str(campaign.pk), str(one)),
                campaign_id=campaign.pk,
                trace=campaign.trace,
            )
            for one in sorted(person_ids)
        ],
        now=now,
    )
