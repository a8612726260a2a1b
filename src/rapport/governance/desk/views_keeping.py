"""What staff keep at the desk: vendors with their agreements, courses taken, the calendar of reviews."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.consent import vendors
from rapport.consent.models import Vendor
from rapport.governance.desk import calendar, training
from rapport.governance.desk.forms import CHANNEL_NAMES, DoneForm, ReviewForm, TrainingForm, VendorForm
from rapport.governance.models import Review
from rapport.governance.tabs import tabs
from rapport.kit import clock
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

RANK = ("expired", "missing", "coming", "expiring", "in_force", "ours", "ended")
DONE = 50


@require_GET
@requires("compliance.see")
def vendor_list(request: StaffRequest) -> HttpResponse:
    """Who carries messages or data for us, and whether an agreement covers it."""
    today = timezone.localtime(clock.now()).date()
    rows = [(one, vendors.state(one, today)) for one in Vendor.objects.order_by("name")]
    carried = sorted({channel for one, state in rows if state != "ended" for channel in one.channels})
    context = {
        "tabs": tabs(request),
        "rows": sorted(rows, key=lambda row: RANK.index(row[1])),
        "covers": [(channel, vendors.covers(channel, today)) for channel in carried],
        "channel_names": CHANNEL_NAMES,
        "today": today,
    }
    return page(request, "governance/desk/vendors.html", context)


@require_http_methods(["GET", "POST"])
@requires("compliance.write")
def vendor_new(request: StaffRequest) -> HttpResponse:
    form = VendorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            vendor = vendors.add(by=request.user, terms=form.terms(), now=clock.now())
        except (vendors.NameTaken, vendors.WrongDates) as wrong:
            form.add_error(None, str(wrong))
        else:
            messages.success(request, _("%(name)s is on file.") % {"name": vendor.name})
            return redirect("governance:vendors")
    return _vendor_page(request, form, None)


@require_http_methods(["GET", "POST"])
@requires("compliance.write")
def vendor(request: StaffRequest, vendor_id: int) -> HttpResponse:
    """New terms of a vendor."""
    one = get_object_or_404(Vendor, pk=vendor_id)
    known = vendors.terms_of(one)
    form = VendorForm(request.POST or None, initial={name: getattr(known, name) for name in known.__struct_fields__})
    if request.method == "POST" and form.is_valid():
        try:
            vendors.change(by=request.user, vendor=one, terms=form.terms(), now=clock.now())
        except (vendors.Ended, vendors.WrongDates) as wrong:
            form.add_error(None, str(wrong))
        else:
            messages.success(request, _("Saved."))
            return redirect("governance:vendors")
    return _vendor_page(request, form, one)


@require_POST
@requires("compliance.write")
def vendor_end(request: StaffRequest, vendor_id: int) -> HttpResponse:
    one = vendors.end(by=request.user, vendor=get_object_or_404(Vendor, pk=vendor_id), now=clock.now())
    messages.success(request, _("%(name)s carries nothing for us any more.") % {"name": one.name})
    return redirect("governance:vendors")


@require_http_methods(["GET", "POST"])
@requires("compliance.see")
def training_list(request: StaffRequest) -> HttpResponse:
    """Who is due for which course."""
    today = timezone.localtime(clock.now()).date()
    return _training_page(request, TrainingForm(courses=_courses(today), initial={"completed_on": today}))


@require_POST
@requires("compliance.write")
def training_note(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    form = TrainingForm(request.POST, courses=_courses(timezone.localtime(now).date()))
    if form.is_valid():
        try:
            taken = training.note(by=request.user, now=now, **form.cleaned_data)
        except (training.NotYet, training.Noted) as wrong:
            form.add_error("completed_on", str(wrong))
        else:
            messages.success(request, _("Noted for %(name)s.") % {"name": taken.user.name})
            return redirect("governance:training")
    return _training_page(request, form, status=422)


@require_http_methods(["GET"])
@requires("compliance.see")
def calendar_list(request: StaffRequest) -> HttpResponse:
    """What is overdue, what comes next, what was found."""
    return _calendar_page(request, ReviewForm())


@require_POST
@requires("compliance.write")
def calendar_plan(request: StaffRequest) -> HttpResponse:
    form = ReviewForm(request.POST)
    if form.is_valid():
        calendar.plan(by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("On the calendar."))
        return redirect("governance:calendar")
    return _calendar_page(request, form, status=422)


@require_POST
@requires("compliance.write")
def calendar_fill(request: StaffRequest) -> HttpResponse:
    """Take over the dates that the rules name."""
    fresh = calendar.fill(by=request.user, now=clock.now())
    messages.success(request, _("%(n)s dates taken over from the rules.") % {"n": fresh})
    return redirect("governance:calendar")


@require_http_methods(["GET", "POST"])
@requires("compliance.write")
def review(request: StaffRequest, review_id: int) -> HttpResponse:
    """Finish one review with its finding."""
    one = get_object_or_404(Review, pk=review_id)
    form = DoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            following = calendar.finish(
                by=request.user, review=one, finding=form.cleaned_data["finding"], now=clock.now()
            )
        except (calendar.AlreadyDone, calendar.NoFinding) as wrong:
            form.add_error(None, str(wrong))
        else:
            said = _("Done. The next one is on the calendar.") if following else _("Done.")
            messages.success(request, said)
            return redirect("governance:calendar")
    context = {"tabs": tabs(request), "one": one, "form": form, "authority": calendar.authorities().get(one.title, "")}
    return page(request, "governance/desk/review.html", context, status=422 if form.errors else 200)


def _vendor_page(request: StaffRequest, form: VendorForm, one: Vendor | None) -> HttpResponse:
    context = {"tabs": tabs(request), "form": form, "one": one}
    return page(request, "governance/desk/vendor.html", context, status=422 if form.errors else 200)


def _training_page(request: StaffRequest, form: TrainingForm, status: int = 200) -> HttpResponse:
    today = timezone.localtime(clock.now()).date()
    found = training.standings(on=today)
    context = {
        "tabs": tabs(request),
        "due": training.due(found),
        "others": [one for one in found if one.state in {"later", "done"}],
        "courses": training.courses(on=today),
        "form": form,
    }
    return page(request, "governance/desk/training.html", context, status=status)


def _calendar_page(request: StaffRequest, form: ReviewForm, status: int = 200) -> HttpResponse:
    context = {
        "tabs": tabs(request),
        "reviews": list(calendar.open_reviews()),
        "done": list(calendar.done_reviews()[:DONE]),
        "authorities": calendar.authorities(),
        "form": form,
        "today": timezone.localtime(clock.now()).date(),
    }
    return page(request, "governance/desk/calendar.html", context, status=status)


def _courses(today: date) -> list[str]:
    return [one.course for one in training.courses(on=today)]
