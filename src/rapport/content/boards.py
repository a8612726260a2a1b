"""What the designer works on: the draft of a letter, or a snippet. Both are a list of blocks that can be looked at."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

import msgspec
from django.utils.translation import gettext as _

from rapport.content import designing, lint, queries, render, snippets, words
from rapport.content.block_forms import TITLES, empty
from rapport.content.blocks import arrange, kinds
from rapport.content.examples import Example
from rapport.content.models import Piece, Snippet, Version
from rapport.trust.models import User

STEPS = ("add", "up", "down", "place", "copy", "remove")
NOTHING = "<!doctype html><html lang='en'><head><title>–</title></head><body><p>%s</p></body></html>"


@dataclass
class Board:
    """A letter on the desk."""

    piece: Piece
    blocks: kinds.Blocks
    said: designing.Words = field(default_factory=designing.Words)
    version: Version | None = None
    snippet: Snippet | None = None
    _looked: designing.Looked | None = None

    @property
    def can_undo(self) -> bool:
        if self.snippet is not None:
            return bool(self.snippet.blocks_before)
        return self.version is not None and self.version.state == "draft" and bool(self.version.blocks_before)

    def look(self, now: datetime) -> designing.Looked:
        if self._looked is None:
            self._looked = designing.look(piece=self.piece, blocks=self.blocks, said=self.said, now=now)
        return self._looked

    def findings(self, now: datetime) -> list[lint.Finding]:
        """What must be mended. A snippet is no letter: only its own blocks are judged."""
        if self.snippet is not None:
            return [one for one in designing.checks(self.piece, self.blocks, now) if one.rule != "E-01"]
        return self.look(now).findings

    def keep(self, by: User, now: datetime, step: str = "") -> None:
        """Keep what is on the desk."""
        self._looked = None
        if self.snippet is not None:
            snippets.keep(by=by, snippet=self.snippet, blocks=self.blocks, now=now, step=step)
        else:
            self.version = designing.keep(
                by=by, piece=self.piece, blocks=self.blocks, said=self.said, now=now, step=step
            )
            self.blocks = designing.blocks_of(self.version, self.piece.language)

    def arrange(self, step: str, name: str, kind: str, to: int = 0) -> str:
        """One step; returns the block to look at next. `to` is where “place” puts it. Raises CanNotArrange."""
        before = {one.id for one in self.blocks}
        match step:
            case "add" if kind in kinds.KINDS:
                self.blocks = arrange.add(self.blocks, empty(kind), after=name)
            case "up" | "down":
                self.blocks = arrange.move(self.blocks, name, -1 if step == "up" else 1)
            case "place":
                self.blocks = arrange.place(self.blocks, name, to)
            case "copy":
                self.blocks = arrange.copy(self.blocks, name)
            case "remove":
                self.blocks = arrange.remove(self.blocks, name)
        new = [one.id for one in self.blocks if one.id not in before]
        return new[0] if new else ("" if step == "remove" else name)

    def undo(self, by: User, now: datetime) -> None:
        """The last step is taken back; a second time, done again."""
        self._looked = None
        if self.snippet is not None:
            self.blocks = kinds.read(snippets.undo(by=by, snippet=self.snippet, now=now).blocks)
            return
        designing.undo(by=by, piece=self.piece, now=now)
        again = of_piece(self.piece)
        self.blocks, self.version, self.said = again.blocks, again.version, again.said

    def news(self, step: str, name: str, before: kinds.Blocks) -> str:
        """What a step did, for those who hear the page."""
        was = {one.id: one for one in before}
        if step == "undo":
            return _("The last step was taken back.")
        if step == "remove":
            return _("%(what)s was removed. Undo brings it back.") % {"what": _titled(was.get(name))}
        at = next((at for at, one in enumerate(self.blocks) if one.id == name), None)
        if at is None:
            return ""
        told = {"what": _titled(self.blocks[at]), "at": at + 1, "all": len(self.blocks)}
        return _("%(what)s: number %(at)s of %(all)s.") % told

    def stamp(self, now: datetime) -> str:
        """Changes when the letter does: the frame is loaded again only then."""
        return hashlib.sha256((self.look(now).mjml + repr(self.said)).encode()).hexdigest()[:16]

    def as_seen(self, person: Example | None, now: datetime) -> render.Rendered:
        """The letter as somebody would get it; while it can't be made, why."""
        looked = self.look(now)
        if looked.compiled is None:
            why = next((one.message for one in looked.findings if one.rule == "layout"), "")
            return render.Rendered(self.said.subject, NOTHING % escape(why), why)
        version = Version(
            piece=self.piece, subject=self.said.subject, html=looked.compiled.html, text=looked.compiled.text,
            links=list(looked.compiled.links), conditions=msgspec.to_builtins(looked.conditions),
        )  # fmt: skip
        try:
            return render.preview(version, person)
        except words.BrokenTemplate as wrong:
            return render.Rendered(self.said.subject, NOTHING % escape(str(wrong).splitlines()[0]), str(wrong))


def _titled(block: kinds.Block | None) -> str:
    return str(TITLES[str(type(block).__struct_config__.tag)][0]) if block is not None else ""


def of_piece(piece: Piece) -> Board:
    """The draft of a piece, or its newest wording where a new draft would begin."""
    version = queries.newest(piece.slug)
    return Board(piece, designing.blocks_of(version, piece.language), designing.words_of(version), version)


def of_snippet(snippet: Snippet) -> Board:
    """A snippet, looked at in a letter that has nothing else."""
    piece = Piece(slug=f"snippet-{snippet.slug}"[:50], name=snippet.name, topic="care", language=snippet.language)
    return Board(piece, kinds.read(snippet.blocks), snippet=snippet)
