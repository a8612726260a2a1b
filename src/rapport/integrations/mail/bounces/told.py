"""What a report says of one recipient."""

import msgspec


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of one recipient. `what`: bounced, delivered, complained or answered (by a machine)."""

    what: str
    reason: str
    recipient: str = ""
    status: str = ""
    reply: str = ""
    feedback_type: str = ""
    hard: bool = False
