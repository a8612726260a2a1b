"""Looking something up in the audit trail. Who looks is itself a line of it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from rapport.trust import audit
from rapport.trust.models import AuditEntry, User

PAGE = 50


@dataclass(frozen=True)
class Question:
    """What is looked for; empty fields ask nothing. `before` is the id the last page ended with."""

    actor: int | None = None
    verb: str = ""
    person: int | None = None
    first: date | None = None
    last: date | None = None
    before: int | None = None


@transaction.atomic
def search(*, by: User, question: Question, now: datetime) -> list[AuditEntry]:
    """The newest lines that answer, at most a page."""
    lines = AuditEntry.objects.select_related("actor").order_by("-id")
    if question.actor:
        lines = lines.filter(actor_id=question.actor)
    if question.verb:
        lines = lines.filter(verb__startswith=question.verb)
    if question.person:
        lines = lines.filter(Q(person_id=question.person) | Q(person_ids__contains=[question.person]))
    if question.first:
        lines = lines.filter(at__gte=_midnight(question.first))
    if question.last:
        lines = lines.filter(at__lt=_midnight(question.last + timedelta(days=1)))
    if question.before:
        lines = lines.filter(id__lt=question.before)
    found = list(lines[:PAGE])
    asked = {name: str(value) for name, value in asdict(question).items() if value}
    audit.record(
        by=by, verb="audit.search", now=now, person=question.person, details={"asked": asked, "lines": len(found)}
    )
    return found


def _midnight(day: date) -> datetime:
    """The beginning of the day in the clinic's own time."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
