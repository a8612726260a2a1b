"""Snippets: blocks kept once. A draft shows them as they are today; a published letter holds a copy and never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.content.blocks import kinds
from rapport.content.models import Piece, Snippet, Version
from rapport.trust import audit
from rapport.trust.actors import Actor, System


class CanNotKeep(ValueError):
    """The snippet can't be kept or removed; the message says why."""


@dataclass(frozen=True)
class Use:
    """A letter in which a snippet stands. Changing the snippet changes drafts at once, and published letters never."""

    piece: Piece
    version: int
    is_draft: bool


def expand(blocks: kinds.Blocks, found: Mapping[str, kinds.Blocks] | None = None) -> tuple[kinds.Blocks, list[str]]:
    """The blocks with every snippet put in, and the names of snippets that are not there.

    What is asked for a snippet's place ("show when") is asked for each of its blocks too. A snippet holds no snippet and no footer.
    """
    wanted = [one.slug for one in blocks if isinstance(one, kinds.Snippet) and not one.frozen]
    known = stored(wanted) if found is None else found
    made: list[kinds.Block] = []
    for one in blocks:
        if not isinstance(one, kinds.Snippet):
            made.append(one)
            continue
        inside = kinds.read(one.frozen) or known.get(one.slug, ())
        made.extend(_asked_too(inner, one) for inner in inside if not isinstance(inner, kinds.Snippet | kinds.Footer))
    return tuple(made), [slug for slug in wanted if slug not in known]


def freeze(blocks: kinds.Blocks) -> kinds.Blocks:
    """The blocks with a copy of each snippet in its place: what a published letter keeps."""
    known = stored([one.slug for one in blocks if isinstance(one, kinds.Snippet)])
    return tuple(
        msgspec.structs.replace(one, frozen=tuple(kinds.write(known.get(one.slug, ()))))
        if isinstance(one, kinds.Snippet)
        else one
        for one in blocks
    )


def thaw(blocks: kinds.Blocks) -> kinds.Blocks:
    """The blocks with snippets as they are today: where a new version begins."""
    return tuple(msgspec.structs.replace(one, frozen=()) if isinstance(one, kinds.Snippet) else one for one in blocks)


def stored(slugs: list[str]) -> dict[str, kinds.Blocks]:
    """The blocks of these snippets, in one query."""
    rows = Snippet.objects.filter(slug__in=set(slugs)) if slugs else ()
    return {one.slug: kinds.read(one.blocks) for one in rows}


def used_where(snippet: Snippet) -> list[Use]:
    """The newest wording of each piece in which it stands."""
    newest = Version.objects.exclude(state=Version.State.RETIRED).select_related("piece")
    newest = newest.only("piece", "number", "state", "blocks").order_by("piece_id", "-number").distinct("piece_id")
    return [
        Use(one.piece, one.number, one.state == Version.State.DRAFT)
        for one in newest
        if any(block.get("kind") == "snippet" and block.get("slug") == snippet.slug for block in one.blocks)
    ]


@transaction.atomic
def start(*, by: Actor, name: str, language: str, now: datetime) -> Snippet:
    """A new snippet with one empty text."""
    wanted = slugify(name)[:40] or "snippet"
    slug, number = wanted, 2
    while Snippet.objects.filter(slug=slug).exists():
        slug, number = f"{wanted}-{number}", number + 1
    first = kinds.write((kinds.Text(id="b1", html="<p>Write here what stands in many letters.</p>"),))
    snippet = Snippet.objects.create(
        slug=slug, name=" ".join(name.split())[:120], language=language, blocks=first,
        changed_by=None if isinstance(by, System) else by, changed_at=now,
    )  # fmt: skip
    audit.record(by=by, verb="content.start_snippet", now=now, thing=f"snippet:{snippet.pk}", details={"slug": slug})
    return snippet


@transaction.atomic
def keep(*, by: Actor, snippet: Snippet, blocks: kinds.Blocks, now: datetime, step: str = "") -> Snippet:
    """The new blocks. `step` names what was done, as in `designing.keep`. Raises CanNotKeep for a snippet in a snippet, or a footer."""
    if any(isinstance(one, kinds.Snippet | kinds.Footer) for one in blocks):
        raise CanNotKeep(_("A snippet holds no other snippet and no footer."))
    before, after = snippet.blocks, kinds.write(blocks)
    if before != after:
        same = step and snippet.blocks_before and snippet.blocks_before.get("step") == step
        snippet.blocks_before = snippet.blocks_before if same else {"step": step, "blocks": before}
    snippet.blocks, snippet.changed_at = after, now
    snippet.changed_by = None if isinstance(by, System) else by
    snippet.save(update_fields=["blocks", "blocks_before", "changed_at", "changed_by"])
    audit.record(by=by, verb="content.keep_snippet", now=now, thing=f"snippet:{snippet.pk}")
    return snippet


def undo(*, by: Actor, snippet: Snippet, now: datetime) -> Snippet:
    """Take the last step back; a second time, do it again. Nothing where there is nothing to take back."""
    if not snippet.blocks_before:
        return snippet
    return keep(by=by, snippet=snippet, blocks=kinds.read(snippet.blocks_before["blocks"]), now=now, step="undo")


@transaction.atomic
def remove(*, by: Actor, snippet: Snippet, now: datetime) -> None:
    """Take it away. Raises CanNotKeep while a draft uses it."""
    drafts = [use.piece.name for use in used_where(snippet) if use.is_draft]
    if drafts:
        raise CanNotKeep(
            _("It stands in a draft: %(drafts)s. Take it out there first.") % {"drafts": ", ".join(drafts[:3])}
        )
    audit.record(
        by=by, verb="content.remove_snippet", now=now, thing=f"snippet:{snippet.pk}", details={"slug": snippet.slug}
    )
    snippet.delete()


def _asked_too(inner: kinds.Block, place: kinds.Snippet) -> kinds.Block:
    both = tuple(dict.fromkeys((*place.show_when, *inner.show_when)))
    return msgspec.structs.replace(inner, id=f"{place.id}-{inner.id}", show_when=both)
