"""A request of the builder: the draft in the hidden field, what was typed over it, and what the pressed button asks for."""

import re

import msgspec
from django.http import QueryDict

from rapport.segments.builder import moves
from rapport.segments.builder.draft import Criterion, Group, Path, read, walk
from rapport.segments.builder.kinds import KINDS

_FIELD = re.compile(r"^c-([0-9-]*)-([a-z_]+)$")
_PATH = re.compile(r"^(\d{1,3}(-\d{1,3})*)?$")
MOVES = {
    "remove": moves.remove,
    "up": moves.up,
    "down": moves.down,
    "out": moves.out,
    "into": moves.into,
    "wrap": moves.wrap,
}


def prefix_of(path: Path) -> str:
    """The path in names and ids of fields: `0-2`; the root is empty."""
    return "-".join(str(index) for index in path)


def drafted(post: QueryDict) -> Group:
    """The draft with what was typed. Codes are chosen by buttons, so they come from the hidden field alone. Raises Misformed."""
    draft = read(post.get("definition", ""))
    for path, part in list(walk(draft)):
        prefix = prefix_of(path)
        if isinstance(part, Group):
            how = post.get(f"c-{prefix}-how")
            if how in ("all", "any", "none"):
                current = moves.find(draft, path)
                if isinstance(current, Group):
                    draft = moves.put(draft, path, msgspec.structs.replace(current, how=how))
        elif f"c-{prefix}-here" in post:
            typed = {
                name: tuple(v[:20_000] for v in post.getlist(f"c-{prefix}-{name}")[:2_000])
                for name in KINDS[part.kind].fields
            }
            kept = {"codes": part.values["codes"]} if "codes" in part.values else {}
            values = {name: value for name, value in typed.items() if any(value)} | kept
            draft = moves.put(draft, path, Criterion(part.kind, values))
    return draft


def act(draft: Group, wish: str) -> Group:
    """What a pressed button asks for, `verb:path:argument`. What can't be understood changes nothing."""
    verb, _, rest = wish.partition(":")
    where, _, argument = rest.partition(":")
    if not _PATH.match(where):
        return draft
    path = tuple(int(index) for index in where.split("-")) if where else ()
    if verb == "add":
        return moves.add(draft, path, argument)
    if verb == "choose":
        return moves.choose(draft, path, argument[:120])
    if verb == "drop":
        return moves.drop(draft, path, argument[:120])
    return MOVES[verb](draft, path) if verb in MOVES else draft
