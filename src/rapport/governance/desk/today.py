"""What needs compliance today: every task with its number, how urgent it is, and the page that its number opens."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.consent import vendors
from rapport.consent.models import Vendor
from rapport.governance.desk import calendar, expiring, papers, revocations, training
from rapport.governance.models import RightsRequest
from rapport.trust import breakglass
from rapport.ui.navigation import url_or_none

RIGHTS_SOON = timedelta(days=7)
URGENCY = ("bad", "warn", "info")


class Task(msgspec.Struct, frozen=True):
    """One line of the desk: bad (late or broken), warn (soon), info (good to know)."""

    key: str
    count: int
    tone: str
    label: str | Promise
    why: str | Promise
    href: str


def tasks(*, may: Callable[[str], bool], now: datetime) -> list[Task]:
    """Everything that is not in order, the most urgent first. Nothing with a count of zero."""
    found = [*_reviews(now), *_vendors(now), *_papers(now), *_training(now), *_consents(now), *_rights(may, now)]
    if may("breakglass.review"):
        waiting = breakglass.waiting()
        found.append(
            Task(
                "glass",
                waiting,
                "warn",
                _("Emergency access to review"),
                _("Somebody broke the glass"),
                _at("trust:glass_list"),
            )
        )
    return sorted((one for one in found if one.count), key=lambda one: (URGENCY.index(one.tone), -one.count))


def _reviews(now: datetime) -> Iterable[Task]:
    today = timezone.localtime(now).date()
    open_ones, href = calendar.open_reviews(), _at("governance:calendar")
    late = open_ones.filter(due_on__lt=today).count()
    yield Task("reviews_late", late, "bad", _("Reviews overdue"), _("The date on the calendar has passed"), href)
    soon = open_ones.filter(due_on__gte=today, due_on__lte=today + calendar.SOON).count()
    yield Task("reviews_soon", soon, "info", _("Reviews in the next 30 days"), _("On the compliance calendar"), href)


def _vendors(now: datetime) -> Iterable[Task]:
    today = timezone.localtime(now).date()
    states = [vendors.state(one, today) for one in Vendor.objects.all()]
    href = _at("governance:vendors")
    bare = sum(one in {"missing", "expired", "coming"} for one in states)
    yield Task(
        "vendors_bare",
        bare,
        "bad",
        _("Vendors without an agreement"),
        _("Their channels can't carry patient data"),
        href,
    )
    ending = states.count("expiring")
    yield Task("vendors_ending", ending, "warn", _("Agreements that end soon"), _("Within 60 days"), href)


def _papers(now: datetime) -> Iterable[Task]:
    count = len(papers.sorted_papers(now)["defective"])
    why = _("In law they are no authorization until mended and signed again")
    yield Task("papers", count, "warn", _("Papers with defects"), why, _at("governance:papers"))


def _training(now: datetime) -> Iterable[Task]:
    found = training.standings(on=timezone.localtime(now).date())
    href = _at("governance:training")
    late = sum(one.state == "overdue" for one in found)
    yield Task("training_late", late, "bad", _("Courses overdue"), _("Staff who should have taken them"), href)
    soon = sum(one.state == "soon" for one in found)
    yield Task("training_soon", soon, "info", _("Courses due in 30 days"), _("By member of staff"), href)


def _consents(now: datetime) -> Iterable[Task]:
    ending = expiring.counts(now)[30]
    why = _("After that they count as never given")
    yield Task("expiring", ending, "info", _("Consents that end in 30 days"), why, _at("governance:expiring"))
    found = revocations.revocations(now=now)
    href = _at("governance:revocations")
    after = sum(one.sent_after for one in found)
    yield Task("sent_after", after, "bad", _("Messages sent after a no"), _("In the last 90 days"), href)
    slow = sum(one.written_in > revocations.SLOW.total_seconds() for one in found)
    why = _("From what was said to its row in the ledger")
    yield Task("slow", slow, "warn", _("A no that took more than a day to write down"), why, href)


def _rights(may: Callable[[str], bool], now: datetime) -> Iterable[Task]:
    today = timezone.localtime(now).date()
    waiting = RightsRequest.objects.filter(state=RightsRequest.State.OPEN)
    href = (url_or_none("governance:rights") or "") if may("rights.see") else ""
    late = waiting.filter(due_on__lt=today).count()
    yield Task("rights_late", late, "bad", _("Patients' requests overdue"), _("The clock of the law has run out"), href)
    soon = waiting.filter(due_on__gte=today, due_on__lte=today + RIGHTS_SOON).count()
    yield Task("rights_soon", soon, "warn", _("Patients' requests due this week"), _("Answer in time"), href)


def _at(name: str) -> str:
    return reverse(name)
