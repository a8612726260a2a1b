"""Something about one step of a plan."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """What is missing `stops` the launch; advice does not."""

    step: str
    text: str
    stops: bool = True
