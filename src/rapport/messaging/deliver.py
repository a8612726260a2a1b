"""Hand messages to their channel. Only this module and `outcomes` know a channel.

A carrier far away answers slowly, not seldom: `settings.LINES` says over how many lines at once a channel is spoken to.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from django.conf import settings

from rapport.messaging import failpoints
from rapport.messaging.carried import Answer, Go, Outgoing
from rapport.messaging.channels import CHANNELS


def channels() -> tuple[str, ...]:
    """The channels there are."""
    return tuple(CHANNELS)


def deliver(channel: str, messages: Sequence[Outgoing], go: Go, timeout: float) -> list[Answer]:
    """What the carrier said, one answer a message. They go in this order, line by line."""
    carrier = CHANNELS.get(channel)
    if carrier is None:
        return [Answer(one.intent_id, "refused", f"There is no channel “{channel}” yet.") for one in messages]
    lines = min(settings.LINES.get(channel, 1), len(messages))
    if lines <= 1:
        return _over_one_line(channel, messages, go, timeout)
    shares = [messages[number::lines] for number in range(lines)]
    done = _pool(lines).map(lambda share: _over_one_line(channel, share, go, timeout), shares)
    return [answer for answers in done for answer in answers]


def _over_one_line(channel: str, messages: Sequence[Outgoing], go: Go, timeout: float) -> list[Answer]:
    answers = []
    for answer in CHANNELS[channel].send(messages, go, timeout):
        answers.append(answer)
        if answer.kind == "accepted":
            failpoints.reach("after_accept")
    return answers


@lru_cache(maxsize=4)
def _pool(lines: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=lines, thread_name_prefix="line")
