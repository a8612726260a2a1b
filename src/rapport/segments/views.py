"""The list of segments and the builder."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.kit import clock
from rapport.people import queries as person_queries
from rapport.segments import actions, forms, listing, offers, permission, queries, samples, screens, starting, store
from rapport.segments.builder import draft as drafts
from rapport.segments.builder import form
from rapport.segments.builder.draft import Group, Path
from rapport.segments.fields import OFFERED
from rapport.segments.language import Misformed, Node, parse, to_json
from rapport.segments.membership import reading
from rapport.segments.models import PURPOSE, Segment
from rapport.trust.access import requires
from rapport.ui.fragments import page

PAGE = 50


@requires("segments.read")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All segments: what each says, how big it is, how that went, and how fresh it is."""
    may_read_people = request.may("people.read")  # type: ignore[attr-defined]
    segments = list(Segment.objects.select_related("origin").order_by("name", "pk"))
    context = {
        "lines": screens.listed(segments, may_read_people=may_read_people),
        "fresh": queries.freshness(),
        "now": clock.now(),
        "reading": reading.open_ones(request.user),  # type: ignore[arg-type]
    }
    return page(request, "segments/index.html", context, fragment="results")


@requires("segments.read")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new segment, from nothing, from a copy of another or from a ready one."""
    return _builder(request, None)


@requires("segments.read")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One segment in the builder."""
    return _builder(request, get_object_or_404(Segment, slug=slug))


@requires("segments.write")
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@requires("segments.write")
@require_POST
def change(request: HttpRequest, slug: str) -> HttpResponse:
    return _save(request, get_object_or_404(Segment, slug=slug))


@requires("segments.read")
@require_POST
def codes(request: HttpRequest) -> HttpResponse:
    """What a picker offers for the words in its field: codes and value sets, or counties."""
    prefix, field = request.POST.get("path", "")[:60], request.POST.get("field", "")[:24]
    typed = request.POST.get(f"s-{prefix}-{field}", "")[:80]
    kind = request.POST.get(f"c-{prefix}-{field.removesuffix('codes').removesuffix('but_not')}kind", "")
    context = {
        "prefix": prefix,
        "field": field,
        "typed": typed.strip(),
        "here": request.POST.get("here", ""),
        "offers": offers.found(field, typed, kind, request.POST.get("purpose", PURPOSE), now=clock.now()),
    }
    return page(request, "segments/codes.html", context, fragment="codes")


@requires("people.read")
@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    """A few people of the answer, masked, with the reasons. Who looked is in the audit trail."""
    try:
        node, *_rest = drafts.finish(form.drafted(request.POST))
        purpose = request.POST.get("purpose", PURPOSE)
        found = samples.sample(node, purpose=purpose, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except (Misformed, store.NoWarehouse, permission.NotForThisPurpose):
        found = []
    return page(request, "segments/sample.html", {"examples": found}, fragment="sample")


@requires("segments.read")
@require_POST
def overlap(request: HttpRequest) -> HttpResponse:
    """Which other segments hold the same people, and how many of them."""
    lines, error = [], ""
    may_read_people = request.may("people.read")  # type: ignore[attr-defined]
    besides = _number(request.POST.get("segment", ""))
    try:
        node, *_rest = drafts.finish(form.drafted(request.POST))
        purpose = request.POST.get("purpose", PURPOSE)
        lines = screens.overlaps(
            node, purpose=purpose, now=clock.now(), may_read_people=may_read_people, besides=besides
        )
    except (Misformed, store.NoWarehouse, permission.NotForThisPurpose) as refused:
        error = _message(refused)
    return page(request, "segments/overlap.html", {"lines": lines, "error": error}, fragment="overlap")


@requires("people.read")
@require_GET
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """The people behind the number of a saved segment, a page at a time. Who looked is in the audit trail."""
    return people_page(request, get_object_or_404(Segment, slug=slug))


def people_page(request: HttpRequest, segment: Segment, *, who: forms.WhoForm | None = None) -> HttpResponse:
    """The page of them. On a list with what puts somebody on it and takes somebody off, for those who may."""
    after, now = _number(request.GET.get("after", "")) or 0, clock.now()
    sentence = queries.sentence_of(segment, get_language() or "en")
    is_mine = segment.kind == Segment.Kind.LIST and request.may("segments.write")  # type: ignore[attr-defined]
    context: dict[str, Any] = {"segment": segment, "after": after, "sentence": sentence, "error": ""}
    context["form"] = (who or forms.WhoForm()) if is_mine else None
    try:
        found = listing.list_people(by=request.user, segment=segment, now=now, after=after, limit=PAGE)  # type: ignore[arg-type]
        cards = person_queries.cards(by=request.user, person_ids=found.ids, now=now)  # type: ignore[arg-type]
        context |= {"cards": cards, "total": found.total, "next_after": found.next_after}
    except (Misformed, store.NoWarehouse, permission.NotForThisPurpose) as refused:
        context["error"] = _message(refused)
    status = 422 if who is not None and who.errors else 200
    return page(request, "segments/people.html", context, fragment="", status=status)


def _builder(request: HttpRequest, segment: Segment | None, error: str = "", status: int = 200) -> HttpResponse:
    now, unreadable = clock.now(), ""
    may_read_people = request.may("people.read")  # type: ignore[attr-defined]
    wish = "count" if "count" in request.GET else request.POST.get("do", "")
    try:
        draft = form.act(form.drafted(request.POST), wish) if request.method == "POST" else _start(request, segment)
    except Misformed as wrong:
        draft, unreadable = Group(), str(wrong)
    purpose = request.POST.get("purpose") or _purpose_of(request, segment)
    named = segment or _ready(request)
    built = screens.builder(
        draft, purpose=purpose, now=now, may_read_people=may_read_people, besides=segment.pk if segment else None,
        partial=wish == "count",
    )  # fmt: skip
    context: dict[str, Any] = {
        "segment": segment,
        "is_list": segment is not None and segment.kind == Segment.Kind.LIST,
        "unreadable": unreadable and request.method == "GET",
        "purpose": purpose,
        "purposes": [(one, f"{name} ({one})") for one, name in permission.purposes(now.date())],
        "name": request.POST.get("name", named.name if named else ""),
        "note": request.POST.get("note", named.note if named else ""),
        "seen_version": request.POST.get("seen_version", segment.version if segment else 0),
        "builder": built,
        "people_at": _people_at(segment, built.node) if may_read_people else "",
        "here": reverse("segments:one", args=[segment.slug]) if segment else reverse("segments:new"),
        "save_to": reverse("segments:change", args=[segment.slug]) if segment else reverse("segments:create"),
        "fresh": queries.freshness(),
        "now": now,
        "error": error or unreadable,
        "offered": OFFERED,
        "partial": wish == "count",
        "added": _added(wish, draft),
        **({} if wish == "count" else screens.about(segment, may_read_people=may_read_people)),
    }
    return page(request, "segments/builder.html", context, fragment=_fragment(wish, status), status=status)


def _people_at(segment: Segment | None, node: Node) -> str:
    """Where the people behind the number stand: of what is saved on a page, of what is only being written in the sample."""
    saved = segment is not None and (
        segment.kind == Segment.Kind.LIST or segment.definition == json.loads(to_json(node))
    )
    return reverse("segments:people", args=[segment.slug]) if segment and saved else "#some"


def _fragment(wish: str, status: int) -> str:
    if status != 200:
        return ""
    return "answer" if wish == "count" else "builder"


def _save(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    try:
        node, problems = _written(request, segment)
        if problems:
            return _builder(request, segment, _("Some criteria are not finished; finish or remove them."), 422)
        saved = actions.save(
            by=request.user,  # type: ignore[arg-type]
            now=clock.now(),
            name=request.POST.get("name", ""),
            node=node,
            purpose=request.POST.get("purpose", ""),
            segment=segment,
            note=request.POST.get("note", "")[:300],
            seen_version=_number(request.POST.get("seen_version", "")) if segment else None,
        )
    except (
        actions.Nameless,
        actions.Purposeless,
        actions.ChangedMeanwhile,
        actions.NotALiveSegment,
        permission.NotForThisPurpose,
        Misformed,
    ) as refused:
        return _builder(request, segment, _message(refused), 422)
    messages.success(request, _("Saved as version %(number)s.") % {"number": saved.version})
    return HttpResponseRedirect(reverse("segments:one", args=[saved.slug]))


def _written(request: HttpRequest, segment: Segment | None) -> tuple[Node, dict[Path, str]]:
    """What is to be saved, and what is not finished. The people of a list are not described, so nothing of it changes here."""
    if segment is not None and segment.kind == Segment.Kind.LIST:
        return parse(segment.definition), {}
    node, _nodes, problems = drafts.finish(form.drafted(request.POST))
    return node, problems


def _message(refused: Exception) -> str:
    if isinstance(refused, actions.Nameless):
        return _("Give the segment a name that others can find it by.")
    if isinstance(refused, permission.NotForThisPurpose):
        return _("This purpose may not use what the segment asks for. The reasons stand beside the count.")
    if isinstance(refused, store.NoWarehouse):
        return _("Nobody can be counted yet: the copy for counting is being built.")
    if isinstance(refused, actions.ChangedMeanwhile):
        return _(
            "Somebody else saved this segment meanwhile. Open it again in a second tab and compare before you save."
        )
    return str(refused)


def _start(request: HttpRequest, segment: Segment | None) -> Group:
    """What the builder opens with. `?copy=slug` begins with a copy of another segment. Raises Misformed for what can't be opened."""
    origin = _origin(request, segment)
    if origin is None:
        return Group()
    draft = drafts.of_node(parse(origin.definition))
    if len(drafts.write(draft)) > drafts.LONGEST:
        raise Misformed("The definition", "it is too long to be changed here", "Change it through the API")
    return draft


def _origin(request: HttpRequest, segment: Segment | None) -> Segment | None:
    if segment is not None:
        return segment
    copied = request.GET.get("copy", "")
    return (Segment.objects.filter(slug=copied).first() if copied else None) or _ready(request)


def _ready(request: HttpRequest) -> Segment | None:
    """The ready segment that somebody takes with `?ready=slug`, as one that is not saved yet."""
    start = starting.ready_start(request.GET.get("ready", ""))
    if start is None:
        return None
    definition = json.loads(to_json(start.node))
    return Segment(name=start.name, purpose=start.purpose, note=start.note, definition=definition)


def _purpose_of(request: HttpRequest, segment: Segment | None) -> str:
    origin = _origin(request, segment)
    return origin.purpose if origin else PURPOSE


def _added(wish: str, draft: Group) -> str:
    """The id of the part that was just added, so that the cursor goes there."""
    verb, _sep, rest = wish.partition(":")
    prefix = rest.partition(":")[0]
    path = form.path_of(prefix)
    if verb != "add" or path is None:
        return ""
    part = form.moves.find(draft, path)
    return f"{prefix}-{len(part.of) - 1}".lstrip("-") if isinstance(part, Group) and part.of else ""


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None
