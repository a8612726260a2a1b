"""A request of the builder: the draft in the hidden field, what was typed over it, and what the pressed button asks for."""

import re

import msgspec
from django.http import QueryDict

from rapport.segments.builder import moves
from rapport.segments.builder.draft import GROUP_OF, Criterion, Group, Path, read, walk
from rapport.segments.builder.kinds import KINDS, LONGEST_WORD, MOST_WORDS, pickers

_PATH = re.compile(r"([0-9]{1,4}(-[0-9]{1,4})*)?")
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


def path_of(prefix: str) -> Path | None:
    """The way back from `prefix_of`; None for what is no path."""
    if not _PATH.fullmatch(prefix):
        return None
    return tuple(int(index) for index in prefix.split("-")) if prefix else ()


def drafted(post: QueryDict) -> Group:
    """The draft with what was typed. What is chosen by buttons comes from the hidden field alone. Raises Misformed."""
    draft = read(post.get("definition", ""))
    for path, part in list(walk(draft)):
        prefix = prefix_of(path)
        if isinstance(part, Group):
            draft = _joined(draft, path, post)
        elif part.kind in KINDS and f"c-{prefix}-here" in post:
            draft = moves.put(draft, path, Criterion(part.kind, _typed(part, prefix, post)))
    return draft


def _joined(draft: Group, path: Path, post: QueryDict) -> Group:
    """How the parts of a group are joined, and the cap of the outermost."""
    current = moves.find(draft, path)
    how = post.get(f"c-{prefix_of(path)}-how")
    if isinstance(current, Group) and how in GROUP_OF:
        draft = moves.put(draft, path, msgspec.structs.replace(current, how=how))
    if not path and "c--most" in post:
        draft = msgspec.structs.replace(draft, most=post.get("c--most", "").strip()[:20])
    return draft


def _typed(part: Criterion, prefix: str, post: QueryDict) -> dict[str, tuple[str, ...]]:
    """What stands in the fields of a criterion. Choices keep the order in which they were made."""
    chosen = pickers(part.kind)
    values = {name: part.values[name] for name in chosen if name in part.values}
    for name in KINDS[part.kind].fields:
        if name not in chosen:
            words = tuple(word[:LONGEST_WORD] for word in post.getlist(f"c-{prefix}-{name}")[:MOST_WORDS])
            before = part.values.get(name, ())
            values[name] = before if sorted(words) == sorted(before) else words
    return {name: words for name, words in values.items() if any(words)}


def act(draft: Group, wish: str) -> Group:
    """What a pressed button asks for, `verb:path:argument`. What can't be understood changes nothing."""
    verb, _, rest = wish.partition(":")
    where, _, argument = rest.partition(":")
    path = path_of(where)
    if path is None:
        return draft
    if verb == "add":
        return moves.add(draft, path, argument)
    if verb in ("choose", "drop"):
        field, _, key = argument.partition(":")
        move = moves.choose if verb == "choose" else moves.drop
        return move(draft, path, field, key[:120])
    return MOVES[verb](draft, path) if verb in MOVES else draft
