"""The library of pieces, a piece with its preview and versions, and the editor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.content import actions, fields, lint, queries, render, text_views, texting, translations, words
from rapport.content import compile as compiler
from rapport.content.forms import NewPiece, Review, Wording
from rapport.content.models import Piece, Version
from rapport.content.sandbox import framed
from rapport.kit import clock
from rapport.trust.access import requires
from rapport.trust.models import User
from rapport.ui.fragments import page

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
    topic = request.GET.get("topic", "")
    found = [(piece, versions) for piece, versions in queries.pieces() if topic in {"", piece.topic}]
    return page(request, "content/index.html", {"pieces": found, "topic": topic}, fragment="results")


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Start a piece, empty or from another one."""
    choices = [(one.slug, one.name) for one, _versions in queries.pieces()]
    form = NewPiece(request.POST or None, pieces=choices)
    if request.method == "POST" and form.is_valid():
        said, now = form.cleaned_data, clock.now()
        piece = actions.start(
            by=_me(request), name=said["name"], topic=said["topic"], language=said["language"], now=now
        )
        model = queries.newest(said["copy_of"]) if said["copy_of"] else None
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


@requires("content.read")
@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A piece: how it looks, what is in it, which versions there are."""
    piece = get_object_or_404(Piece, slug=slug)
    versions = list(piece.versions.select_related("published_by", "reviewed_by").order_by("-number"))
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
    versions = list(chosen.piece.versions.select_related("published_by", "reviewed_by").order_by("-number"))
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
    """The editor: keep the draft and look, or publish."""
    piece = get_object_or_404(Piece, slug=slug)
    if piece.channel == texting.SMS:
        return text_views.edit(request, piece, _me(request))
    version = queries.newest(slug)
    initial = _words_of(version) | {"is_machine": bool(version and version.translation == Version.Translation.MACHINE)}
    form = Wording(request.POST or None, initial=initial)
    findings: list[lint.Finding] = []
    status = 200
    if request.method == "POST" and form.is_valid():
        said, now = {**form.cleaned_data}, clock.now()
        is_machine = said.pop("is_machine")
        if is_machine:
            version = actions.draft(by=_me(request), piece=piece, now=now, is_machine=True, **said)
        if request.POST.get("do") == "publish":
            try:
                made = actions.publish(by=_me(request), piece=piece, now=now, **said)
                messages.success(request, _("Version %(number)s is published.") % {"number": made.number})
                return redirect("content:one", piece.slug)
            except actions.NotPublishable as refused:
                findings, status = refused.findings, 422
        version = actions.draft(by=_me(request), piece=piece, now=now, is_machine=is_machine, **said)
        if not findings:
            return redirect("content:edit", piece.slug)
    elif request.method == "POST":
        status = 422
    elif version is not None:
        findings, _made = actions.look(topic=piece.topic, now=clock.now(), **_words_of(version))
        draft = version if version.state == Version.State.DRAFT else None
        findings = [*translations.findings(draft), *findings]
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
@require_POST
def retire(request: HttpRequest, version_id: int) -> HttpResponse:
    """Take a version out of use."""
    version = get_object_or_404(Version.objects.select_related("piece"), pk=version_id, state=Version.State.PUBLISHED)
    actions.retire(by=_me(request), version=version, now=clock.now())
    messages.success(request, _("Version %(number)s is retired.") % {"number": version.number})
    return redirect("content:one", version.piece.slug)


@requires("content.review")
@require_POST
def review(request: HttpRequest, version_id: int) -> HttpResponse:
    """A qualified translator answers for machine-translated words."""
    version = get_object_or_404(Version.objects.select_related("piece"), pk=version_id)
    form = Review(request.POST)
    try:
        actions.review(
            by=_me(request),
            version=version,
            credential=form.cleaned_data["credential"] if form.is_valid() else "",
            now=clock.now(),
        )
        messages.success(request, _("Reviewed. These words can be published now."))
    except actions.CanNotReview as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('content:one', args=[version.piece.slug])}?version={version.number}")


def _show(request: HttpRequest, piece: Piece, versions: list[Version], chosen: Version | None) -> HttpResponse:
    face = "text" if piece.channel == texting.SMS else request.GET.get("as", "desktop")
    context = {
        "piece": piece,
        "versions": versions,
        "version": chosen,
        "face": face if face in FACES else "desktop",
        "rendered": _rendered(chosen) if chosen is not None and face == "text" else None,
        "review": Review() if chosen is not None and _may_review(request, chosen) else None,
        "fields": [fields.FIELDS[name] for name in chosen.fields if name in fields.FIELDS] if chosen else [],
    }
    return page(request, "content/one.html", context, fragment="letter")


def _may_review(request: HttpRequest, version: Version) -> bool:
    """Words that wait for a review, and somebody who may give it and did not put them there."""
    waits = version.state == Version.State.DRAFT and version.translation == Version.Translation.MACHINE
    return waits and request.may("content.review") and version.drafted_by_id != _me(request).pk  # type: ignore[attr-defined]


def _rendered(version: Version) -> render.Rendered:
    """A draft is compiled for the occasion."""
    if version.state != Version.State.DRAFT:
        return render.preview(version)
    try:
        made = compiler.layout(mjml=version.mjml, preheader=version.preheader, text=version.text)
        version.html, version.text, version.links = made.html, made.text, list(made.links)
        return render.preview(version)
    except (compiler.BrokenLayout, words.BrokenTemplate):
        return render.Rendered(version.subject, "<!doctype html><title>–</title>", "")


def _words_of(version: Version | None) -> dict[str, str]:
    if version is None:
        return {"subject": "", "preheader": "", "mjml": EMPTY, "text": ""}
    # A published text that was made by the program is made again from the letter.
    text = version.text if version.state == Version.State.DRAFT else ""
    return {"subject": version.subject, "preheader": version.preheader, "mjml": version.mjml, "text": text}


def _me(request: HttpRequest) -> User:
    """Who is signed in; `requires` has made sure of it."""
    assert isinstance(request.user, User)
    return request.user
