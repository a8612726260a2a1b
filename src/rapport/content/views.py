"""The library of pieces, a piece with its preview and versions, and the editor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.consent import rules as rulebook
from rapport.content import (
    actions,
    designing,
    families,
    fields,
    library,
    lint,
    parts,
    parts_views,
    queries,
    render,
    senders,
    telling,
    text_views,
    texting,
    translations,
    usage,
    words,
)
from rapport.content import compile as compiler
from rapport.content.forms import About, NewPiece, Review, Wording
from rapport.content.models import Piece, Version
from rapport.content.reviewing import actions as reviewing
from rapport.content.reviewing import queries as desk
from rapport.content.reviewing import standing
from rapport.content.sandbox import framed
from rapport.directory.models import ServiceLine
from rapport.kit import clock
from rapport.trust.access import requires
from rapport.trust.models import User
from rapport.ui.fragments import page

OPEN = (Version.State.DRAFT, Version.State.REVIEW)
FACES = ("desktop", "phone", "text", "source")
EMPTY = """<mjml lang="en">
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>Hello {{ person.given }},</mj-text>
        <mj-button href="{{ links.book }}">Choose a day and time</mj-button>
        <mj-text font-size="13px">{{ clinic.name }}, {{ clinic.address }}.
          <a href="{{ links.unsubscribe }}">Stop these e-mails</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""


@requires("content.read")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The library."""
    now, asked = clock.now(), library.Filters.of(request.GET)
    context = {
        "rows": library.rows(asked, now),
        "asked": asked,
        "is_filtered": asked != library.Filters(),
        "tags": library.tags_in_use(),
        "lines": list(ServiceLine.objects.order_by("name").values_list("id", "name")),
        "owners": list(
            User.objects.filter(pk__in=Piece.objects.values("owner_id")).order_by("name").values_list("id", "name")
        ),
        "waiting": len(desk.waits_for(_me(request), now)),
        "now": now,
    }
    return page(request, "content/index.html", context, fragment="results")


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Start a piece, empty or from another one."""
    known = [one for one, _versions in queries.pieces()]
    form = NewPiece(request.POST or None, pieces=known)
    if request.method == "POST" and form.is_valid():
        said, now = form.cleaned_data, clock.now()
        piece = actions.start(
            by=_me(request), name=said["name"], topic=said["topic"], language=said["language"], now=now,
            channel=said["channel"],
        )  # fmt: skip
        model = queries.newest(said["copy_of"]) if said["copy_of"] else None
        if piece.channel not in families.DESIGNED:
            return _begun(request, piece, model)
        if model is None or model.blocks:
            blocks = designing.blocks_of(model, piece.language)
            designing.keep(
                by=_me(request), piece=piece, blocks=blocks, said=designing.words_of(model), now=now,
                is_machine=model is not None and model.translation != Version.Translation.ORIGINAL,
            )  # fmt: skip
            return redirect("content:design", piece.slug)
        actions.draft(
            by=_me(request),
            piece=piece,
            subject=model.subject if model else "",
            preheader=model.preheader if model else "",
            mjml=model.mjml if model else EMPTY,
            text="",
            now=now,
            is_machine=model is not None and model.translation != Version.Translation.ORIGINAL,
        )
        return redirect("content:edit", piece.slug)
    return page(request, "content/new.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _begun(request: HttpRequest, piece: Piece, model: Version | None) -> HttpResponse:
    """A new piece that has an editor of its own, with the words of another one where there is one."""
    if model is not None and piece.channel in parts.KINDS:
        is_machine = model.translation != Version.Translation.ORIGINAL
        said = telling.first(piece, model)
        telling.keep(by=_me(request), piece=piece, said=said, now=clock.now(), is_machine=is_machine)
    elif model is not None:
        texting.keep(by=_me(request), piece=piece, text=model.text, now=clock.now())
    return redirect("content:edit", piece.slug)


@requires("content.read")
@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A piece: how it looks, what is in it, which versions there are."""
    piece = get_object_or_404(Piece, slug=slug)
    versions = list(piece.versions.select_related("published_by", "reviewed_by", "handed_in_by").order_by("-number"))
    wanted = request.GET.get("version", "")
    chosen = next((one for one in versions if str(one.number) == wanted), None) or next(
        (one for one in versions if one.state == Version.State.PUBLISHED), versions[0] if versions else None
    )
    return _show(request, piece, versions, chosen)


@requires("content.read")
@require_safe
def preview(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version, by number: where campaigns lead."""
    chosen = get_object_or_404(Version.objects.select_related("piece"), pk=version_id)
    versions = list(
        chosen.piece.versions.select_related("published_by", "reviewed_by", "handed_in_by").order_by("-number")
    )
    return _show(request, chosen.piece, versions, chosen)


@requires("content.read")
@require_safe
def frame(request: HttpRequest, version_id: int) -> HttpResponse:
    """The HTML of a version as the example person would see it, for the frame."""
    version = get_object_or_404(Version.objects.select_related("piece"), pk=version_id)
    return framed(_rendered(version).html)


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor: keep the draft and look, or hand it in."""
    piece = get_object_or_404(Piece, slug=slug)
    if piece.channel == texting.SMS:
        return text_views.edit(request, piece, _me(request))
    if piece.channel in parts.KINDS:
        return parts_views.edit(request, piece, _me(request))
    version = queries.newest(slug)
    if request.method != "POST" and (version is None or version.blocks):
        return redirect("content:design", slug)
    initial = _words_of(version) | {"is_machine": bool(version and version.translation == Version.Translation.MACHINE)}
    initial["is_generated"] = bool(version and version.written_by != Version.WrittenBy.PEOPLE)
    form = Wording(request.POST or None, initial=initial)
    findings: list[lint.Finding] = []
    status = 200
    if request.method == "POST" and form.is_valid():
        said, now = {**form.cleaned_data}, clock.now()
        if request.POST.get("do") in {"publish", "hand_in"}:
            try:
                made = reviewing.hand_in(by=_me(request), piece=piece, now=now, **said)
                messages.success(request, _("Version %(number)s waits for its reviews.") % {"number": made.number})
                return redirect("content:reviewing", made.pk)
            except actions.NotPublishable as refused:
                findings, status = refused.findings, 422
        version = actions.draft(by=_me(request), piece=piece, now=now, **said)
        if not findings:
            return redirect("content:edit", piece.slug)
    elif request.method == "POST":
        status = 422
    elif version is not None:
        findings, _made = actions.look(
            topic=piece.topic, now=clock.now(), language=piece.language, tags=tuple(piece.tags), written_by=version.written_by,
            sender=senders.state(clock.now()), channel=piece.channel, **_words_of(version),
        )  # fmt: skip
        findings = [*translations.findings(version if version.state in OPEN else None), *findings]
    context = {
        "piece": piece,
        "form": form,
        "version": version,
        "findings": findings,
        "fields": list(fields.FIELDS.values()),
        "can_preview": version is not None and not any(one.rule in {"layout", "liquid"} for one in findings),
    }
    return page(request, "content/edit.html", context, status=status)


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """What a piece is about: tags, owner, who pays."""
    piece = get_object_or_404(Piece, slug=slug)
    form = _about_form(piece, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        tags = library.read_tags({**said, "class": ",".join(said["delicate"])})
        owner = User.objects.filter(pk=said["owner"]).first() if said["owner"] else None
        try:
            about = library.Said(
                tags=tags, owner=owner, is_paid=said["is_paid"],
                service_line_id=int(said["service_line"]) if said["service_line"] else None,
            )  # fmt: skip
            library.describe(by=_me(request), piece=piece, said=about, now=clock.now())
            messages.success(request, _("Kept."))
            return redirect("content:one", piece.slug)
        except library.NeedsAnotherLook as more:
            form.add_error(
                None,
                _("The approved words never had this look: %(looks)s. Retire them first, or leave it.")
                % {"looks": more},
            )
    status = 422 if request.method == "POST" else 200
    return page(request, "content/about.html", {"piece": piece, "form": form}, status=status)


def _show(request: HttpRequest, piece: Piece, versions: list[Version], chosen: Version | None) -> HttpResponse:
    face = "text" if piece.channel == texting.SMS else request.GET.get("as", "desktop")
    family = families.of(piece)
    context = {
        "family": family,
        "missing": families.missing(family),
        "tongues": families.tongues(piece),
        "unspoken": families.unspoken(piece),
        "piece": piece,
        "versions": versions,
        "version": chosen,
        "face": face if face in FACES else "desktop",
        "shown": telling.of_version(chosen) if chosen is not None else None,
        "rendered": _rendered(chosen) if chosen is not None and face == "text" else None,
        "review": Review() if chosen is not None and _may_review(request, chosen) else None,
        "fields": _fields_of(chosen) if chosen else [],
        "uses": usage.used_in([piece])[piece.pk],
        "line": ServiceLine.objects.filter(pk=piece.service_line_id or 0).values_list("name", flat=True).first(),
        "now": clock.now(),
    }
    return page(request, "content/one.html", context, fragment="letter")


def _fields_of(version: Version) -> list[fields.Field]:
    """Merge fields that change from person to person; links stand on a card of their own."""
    found = [fields.FIELDS[name] for name in version.fields if name in fields.FIELDS]
    return [one for one in found if one.privacy != "link"]


def _may_review(request: HttpRequest, version: Version) -> bool:
    """Words that wait for a review, and somebody who may give it and did not put them there."""
    waits = version.state in OPEN and version.translation == Version.Translation.MACHINE
    return waits and request.may("content.review") and not standing.is_author(_me(request), version)  # type: ignore[attr-defined]


def _about_form(piece: Piece, said: object) -> About:
    by_kind: dict[str, list[str]] = {}
    for tag in piece.tags:
        kind, _colon, word = tag.partition(":")
        by_kind.setdefault(kind, []).append(word)
    told = rulebook.in_force(clock.now().date()).data_use
    initial = {
        "owner": piece.owner_id, "service_line": piece.service_line_id, "is_paid": piece.is_paid, "delicate": by_kind.get("class", []),
        **{kind: ", ".join(by_kind.get(kind, [])) for kind in ("condition", "stage", "persona")},
    }  # fmt: skip
    return About(
        said, initial=initial,
        owners=[(str(one.pk), one.name) for one in User.objects.filter(is_active=True).order_by("name")],
        lines=[(str(key), name) for key, name in ServiceLine.objects.order_by("name").values_list("id", "name")],
        classes=[(one, told[one].words if one in told else one.replace("_", " ")) for one in library.CLASSES],
    )  # fmt: skip


def _rendered(version: Version) -> render.Rendered:
    """A draft is compiled for the occasion; what can't be filled in shows nothing, and the checks say why."""
    try:
        if version.state != Version.State.DRAFT or version.piece.channel == texting.SMS:
            return render.preview(version)
        made = compiler.layout(mjml=version.mjml, preheader=version.preheader, text=version.text)
        version.html, version.text, version.links = made.html, made.text, list(made.links)
        return render.preview(version)
    except (compiler.BrokenLayout, words.BrokenTemplate):
        return render.Rendered(version.subject, "<!doctype html><title>–</title>", "")


def _words_of(version: Version | None) -> dict[str, str]:
    if version is None:
        return {"subject": "", "preheader": "", "mjml": EMPTY, "text": ""}
    # A text that was made by the program is made again from the letter.
    text = version.text if version.is_text_own else ""
    return {"subject": version.subject, "preheader": version.preheader, "mjml": version.mjml, "text": text}


def _me(request: HttpRequest) -> User:
    """Who is signed in; `requires` has made sure of it."""
    assert isinstance(request.user, User)
    return request.user
