"""One arm of a comparison in its sufficient numbers."""

from dataclasses import dataclass


class ImpossibleSample(ValueError):
    """More successes than people, or squares that don't fit their sum."""


@dataclass(frozen=True)
class Sample:
    """`people` were drawn into the arm. A share has `total` successes and no `squares`; a mean has the sum and sum of squares."""

    people: int
    total: float
    squares: float | None = None

    def __post_init__(self) -> None:
        if self.people < 0 or (self.squares is None and not 0 <= self.total <= self.people):
            raise ImpossibleSample(f"{self.total} of {self.people} people")
        if self.squares is not None and self.people and self.squares < self.total**2 / self.people * (1 - 1e-9):
            raise ImpossibleSample("the squares don't fit their sum")

    @property
    def mean(self) -> float:
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """p (1 - p) for a share; for a mean the unbiased variance, 0 with fewer than two people."""
        if self.squares is None:
            return self.mean * (1 - self.mean)
        if self.people <= 1:
            return 0.0
        return (self.squares - self.total**2 / self.people) / (self.people - 1)
