"""Recording what a person said at the desk: the page, its fragment in a dialog, and what its buttons do."""

from typing import Any

from django.contrib import messages as say
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.consent.preferences import NotAWish
from rapport.experience import signing_link
from rapport.home import capture, views, wishes
from rapport.home.ask import Ask
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("consent.write")
@require_http_methods(["GET", "POST"])
def consent(request: StaffRequest, person_id: int) -> HttpResponse:
    """What may be asked, one question with its sentence, and the answer to it."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    if request.method == "POST":
        return _record(request, ask)
    return _page(request, ask)


@requires("consent.write")
@require_POST
def undo(request: StaffRequest, person_id: int) -> HttpResponse:
    """A statement of the last minute is taken back by whoever wrote it."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    number = request.POST.get("record", "")
    try:
        capture.undo(
            by=request.user, person_id=person_id, record_id=int(number) if number.isdigit() else 0, now=ask.now
        )
    except capture.TooLate:
        say.error(request, _("A minute has passed, so it stands. Record the other answer instead."))
    else:
        say.success(request, _("Taken back. All is as it was."))
    return _to_person(person_id)


@requires("consent.write")
@require_POST
def wanted(request: StaffRequest, person_id: int) -> HttpResponse:
    """Language, a break, only by one way, not at all."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    asked = request.POST
    told = wishes.Told(
        language=asked.get("language", ""),
        pause=asked.get("pause", "keep"),
        pause_day=asked.get("pause_day", ""),
        only=asked.get("only", ""),
        no_contact=asked.get("no_contact") == "on",
        way=asked.get("way", ""),
    )
    try:
        changed = wishes.say(by=request.user, person_id=person_id, told=told, now=ask.now)
    except (wishes.NotAWay, NotAWish):
        problem = _("Please look at the day and the way. A break ends within a year.")
        return _page(request, ask, wishes_problem=problem, status=422)
    say.success(request, _("Written down.") if changed else _("Nothing was changed."))
    return _to_person(person_id)


@requires("consent.write")
@require_POST
def sign_link(request: StaffRequest, person_id: int) -> HttpResponse:
    """The person signs by herself: the link to her page goes out by e-mail."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    try:
        is_new = signing_link.send(by=request.user, person_id=person_id, now=ask.now)
    except signing_link.NoAddress:
        say.error(request, _("There is no e-mail address that works. Ask for one first."))
    else:
        say.success(request, _("The link is on its way.") if is_new else _("The link went out today already."))
    return _to_person(person_id)


def _record(request: StaffRequest, ask: Ask) -> HttpResponse:
    asked = request.POST
    said = capture.Said(
        key=asked.get("what", ""),
        answer=asked.get("answer", ""),
        way=asked.get("way", ""),
        locale=asked.get("lang", "") or ask.card.language,
        paper=asked.get("paper", ""),
    )
    try:
        capture.record(by=request.user, person_id=ask.person_id, said=said, now=ask.now)
    except capture.NeedsPaper:
        problem = _(
            "This needs a form with the person's signature. Say where the form is kept, or send the link to sign."
        )
        return _page(request, ask, problem=problem, status=422)
    except capture.NotAChoice:
        problem = _("Please say what it is about, how it was said, and whether it is a yes or a no.")
        return _page(request, ask, problem=problem, status=422)
    return _to_person(ask.person_id)


def _page(
    request: StaffRequest, ask: Ask, *, problem: str = "", wishes_problem: str = "", status: int = 200
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    locale = asked.get("lang", "") or ask.card.language
    context: dict[str, Any] = {
        "card": ask.card,
        "now": ask.now,
        "ways": capture.WAYS,
        "way": asked.get("way", "in_person"),
        "paper": asked.get("paper", ""),
        "problem": problem,
        "wishes_problem": wishes_problem,
        "question": _question(ask, asked.get("what", ""), locale),
        "table": capture.table(ask.person_id, ask.now),
        "wants": wishes.standing(ask.person_id, ask.now),
        "only_by": wishes.ways(ask.person_id),
    }
    return page(request, "home/capture.html", context, fragment="ask", status=status)


def _question(ask: Ask, key: str, locale: str) -> capture.Question | None:
    try:
        return capture.question(ask.person_id, key, locale, ask.now)
    except capture.NotAChoice:
        return None


def _to_person(person_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("home:person", args=[person_id]))
