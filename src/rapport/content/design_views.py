"""The designer: blocks on the left, the letter as somebody gets it on the right. Every step is kept at once and can be taken back."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.content import actions, boards, designing, fields, link_check, preview_people, snippets
from rapport.content import compile as compiler
from rapport.content.block_forms import TITLES, BlockForm, summary
from rapport.content.blocks import arrange, kinds
from rapport.content.boards import Board
from rapport.content.condition_form import ShowWhen, in_words
from rapport.content.examples import EXAMPLES
from rapport.content.families import DESIGNED
from rapport.content.models import Piece, Snippet
from rapport.content.sandbox import framed, in_theme, plain_page
from rapport.kit import clock
from rapport.trust.access import may, requires
from rapport.trust.models import User
from rapport.ui.fragments import page

FACES = (("desktop", "monitor"), ("phone", "smartphone"), ("dark", "moon"), ("text", "text-align-start"))
TYPED = ("block", "words")


@dataclass
class Asked:
    """What a request wants: which step, at which block, looked at as whom."""

    step: str
    name: str
    face: str
    seen_by: str
    news: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        told = request.POST if request.method == "POST" else request.GET
        face = told.get("face", "desktop")
        known = face if face in {name for name, _icon in FACES} else "desktop"
        seen_by = told.get("as", "")
        if seen_by.startswith(preview_people.REAL) and not may(request.user, "people.search"):
            seen_by = ""
        return cls(told.get("do", ""), told.get("block", ""), known, seen_by)


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def design(request: HttpRequest, slug: str) -> HttpResponse:
    """Arrange a letter."""
    piece = get_object_or_404(Piece, slug=slug)
    board = boards.of_piece(piece) if piece.channel in DESIGNED else None
    if board is None or not board.blocks:
        return redirect("content:edit", slug)
    return _answer(request, board, reverse("content:design", args=[slug]), reverse("content:design_frame", args=[slug]))


@requires("content.write")
@require_safe
def design_frame(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft as somebody would get it, for the frame."""
    return _frame(request, boards.of_piece(get_object_or_404(Piece, slug=slug, channel__in=DESIGNED)))


@requires("content.write")
@require_POST
def open_as_code(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave the blocks and go on in MJML."""
    designing.open_as_code(by=_me(request), piece=get_object_or_404(Piece, slug=slug), now=clock.now())
    return redirect("content:edit", slug)


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def snippet(request: HttpRequest, slug: str) -> HttpResponse:
    """Arrange a snippet."""
    board = boards.of_snippet(get_object_or_404(Snippet, slug=slug))
    return _answer(
        request, board, reverse("content:snippet", args=[slug]), reverse("content:snippet_frame", args=[slug])
    )


@requires("content.write")
@require_safe
def snippet_frame(request: HttpRequest, slug: str) -> HttpResponse:
    return _frame(request, boards.of_snippet(get_object_or_404(Snippet, slug=slug)))


def _frame(request: HttpRequest, board: Board) -> HttpResponse:
    asked, now = Asked.of(request), clock.now()
    person = preview_people.of_key(asked.seen_by, by=_me(request), language=board.piece.language, now=now)
    seen = board.as_seen(person, now)
    if asked.face == "text":
        return framed(plain_page(seen.text))
    return framed(in_theme(seen.html, dark=asked.face == "dark"))


def _answer(request: HttpRequest, board: Board, here: str, frame: str) -> HttpResponse:
    asked, status, forms = Asked.of(request), 200, None
    if request.method == "POST":
        if asked.step == "publish" and board.snippet is None:
            return _published(request, board, here, frame, asked)
        try:
            status, forms = _step(request, board, asked)
        except (arrange.CanNotArrange, snippets.CanNotKeep) as refused:
            messages.error(request, str(refused))
        if asked.step and "HX-Request" not in request.headers and status == 200:
            return redirect(f"{here}?block={asked.name}#block-{asked.name}" if asked.name else here)
    context = _context(request, board, asked, here, frame) | ({"forms": forms} if forms and status != 200 else {})
    return page(
        request,
        "content/design.html",
        context,
        fragment="look" if context["is_look"] and status == 200 else "panel",
        status=status,
    )


def _step(request: HttpRequest, board: Board, asked: Asked) -> tuple[int, Any]:
    """Do what was asked and keep it. Returns the status, and the forms where something typed can't be taken."""
    me, now, before, name = _me(request), clock.now(), board.blocks, asked.name
    if asked.step in boards.STEPS:
        to = request.POST.get("at", "")
        kind, at = request.POST.get("kind", ""), int(to) if to.isdigit() and len(to) < 4 else 0
        asked.name = board.arrange(asked.step, name, kind, at)
        board.keep(me, now, step=f"{asked.step}:{now.timestamp()}")
        asked.news = board.news(asked.step, name if asked.step == "remove" else asked.name, before)
    elif asked.step == "undo":
        board.undo(me, now)
        asked.news = board.news("undo", name, before)
    elif asked.step == "words" and board.snippet is None:
        typed = {
            name: request.POST.get(name, "")[:limit]
            for name, limit in (("subject", 200), ("preheader", 200), ("text", 100_000))
        }
        board.said = designing.Words(**typed)
        board.keep(me, now, step="words")
    elif asked.step == "block":
        block = board.blocks[arrange.place_of(board.blocks, asked.name)]
        form, asked_for = BlockForm(block, request.POST), ShowWhen(block.show_when, block.id, request.POST)
        if not (form.is_valid() and asked_for.is_valid()):
            return 422, (form, asked_for)
        made = msgspec.structs.replace(form.made(), show_when=asked_for.made())
        board.blocks = arrange.put(board.blocks, made)
        board.keep(me, now, step=f"block:{asked.name}")
    return 200, None


def _published(request: HttpRequest, board: Board, here: str, frame: str, asked: Asked) -> HttpResponse:
    now = clock.now()
    try:
        made = designing.publish(by=_me(request), piece=board.piece, blocks=board.blocks, said=board.said, now=now)
    except actions.NotPublishable:
        messages.error(request, _("It can’t be handed in yet. See what must be mended."))
        return page(request, "content/design.html", _context(request, board, asked, here, frame), status=422)
    messages.success(request, _("Version %(number)s waits for its reviews.") % {"number": made.number})
    return redirect("content:reviewing", made.pk)


def _context(request: HttpRequest, board: Board, asked: Asked, here: str, frame: str) -> dict[str, Any]:
    now, me, is_look = clock.now(), _me(request), request.GET.get("part") == "look"
    chosen = next((one for one in board.blocks if one.id == asked.name), None)
    find = _looked_for(request) if is_look and may(request.user, "people.search") else ""
    person = preview_people.of_key(asked.seen_by, by=me, language=board.piece.language, now=now)
    looked = board.look(now)
    return {
        "board": board,
        "piece": board.piece,
        "here": here,
        "rows": [
            (one, *TITLES[str(type(one).__struct_config__.tag)], summary(one), [in_words(c) for c in one.show_when])
            for one in board.blocks
        ],
        "palette": [
            (kind, *TITLES[kind]) for kind in kinds.KINDS if board.snippet is None or kind not in {"snippet", "footer"}
        ],
        "chosen": chosen,
        "forms": (BlockForm(chosen), ShowWhen(chosen.show_when, chosen.id)) if chosen else None,
        "fields": [one for one in fields.FIELDS.values() if one.privacy != "link"],
        "tongue": board.piece.language[:2],
        "findings": board.findings(now),
        "links": link_check.check(compiler.to_html(looked.mjml, "")) if looked.compiled else [],
        "faces": FACES,
        "face": asked.face,
        "seen_by": asked.seen_by,
        "seen_name": person.name if person else _("Everybody: all blocks"),
        "examples": list(EXAMPLES.values()),
        "find": find,
        "found": preview_people.search(by=me, text=find, now=now) if find else [],
        "frame": f"{frame}?face={asked.face}&as={asked.seen_by}&v={board.stamp(now)}",
        "news": asked.news,
        "uses": snippets.used_where(board.snippet) if board.snippet else [],
        "bytes": len(looked.compiled.html.encode()) if looked.compiled else 0,
        "is_part": "HX-Request" in request.headers,
        "is_look": is_look or asked.step in TYPED,
    }


def _looked_for(request: HttpRequest) -> str:
    """What was typed into the search. Once somebody is chosen it is done with, though the form still carries it."""
    is_search = "HX-Request" not in request.headers or request.headers.get("HX-Trigger-Name") == "find"
    return request.POST.get("find", "").strip() if is_search else ""


def _me(request: HttpRequest) -> User:
    """Who is signed in; `requires` has made sure of it."""
    assert isinstance(request.user, User)
    return request.user
