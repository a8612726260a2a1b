"""The response window of a campaign: when a visit counts. The same for both arms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.campaigns.models import Campaign


class NotLaunched(ValueError):
    """A campaign that was never launched has no window."""


@dataclass(frozen=True)
class Window:
    """From the moment of sending (never before the launch) for the response window of the campaign."""

    opens: datetime
    closes: datetime

    def days_left(self, now: datetime) -> int:
        """Whole or begun days until it closes; 0 when it is over."""
        left = self.closes - now
        return max(0, left.days + (left > timedelta(left.days)))


def window(campaign: Campaign) -> Window:
    """The response window. Both arms have the same. Raises `NotLaunched`.

    A campaign that runs more than once has one for each run; this is from the first to the end of the last, or of the next while
    it goes on.
    """
    if campaign.launched_at is None:
        raise NotLaunched(campaign.slug)
    opens = max(campaign.launched_at, campaign.send_at or campaign.launched_at)
    last = opens
    if campaign.is_repeated:
        last = max([opens, *campaign.runs.values_list("due_at", flat=True), *filter(None, [campaign.next_at])])
    return Window(opens, last + timedelta(days=campaign.window_days))
