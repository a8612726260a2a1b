"""What a part of the person page is asked: by whom, about whom, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from rapport.people.queries import PersonCard
from rapport.trust.models import User


@dataclass(frozen=True)
class Ask:
    """Who wants to see which person, and what stands behind the question mark of the address."""

    by: User
    card: PersonCard
    may: Callable[[str], bool]
    query: QueryDict
    now: datetime

    @property
    def person_id(self) -> int:
        return self.card.id
