"""Hand messages to their channels. Only this module and `outcomes` know a channel."""

from collections import defaultdict
from collections.abc import Sequence

from rapport.messaging import failpoints
from rapport.messaging.carried import Answer, Outgoing
from rapport.messaging.channels import CHANNELS
from rapport.messaging.leases import Lease


def deliver(messages: Sequence[tuple[str, Outgoing]], lease: Lease) -> list[Answer]:
    """What the carriers said, one answer a message. Takes (channel, message) pairs in the order in which they should go."""
    answers: list[Answer] = []
    by_channel: dict[str, list[Outgoing]] = defaultdict(list)
    for channel, message in messages:
        by_channel[channel].append(message)
    for name, many in by_channel.items():
        carrier = CHANNELS.get(name)
        if carrier is None:
            answers += [Answer(one.intent_id, "refused", f"There is no channel “{name}” yet.") for one in many]
            continue
        for answer in carrier.send(many, lease.may_send, lease.terms.socket_seconds):
            answers.append(answer)
            if answer.kind == "accepted":
                failpoints.reach("after_accept")
    return answers
