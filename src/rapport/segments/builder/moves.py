"""What the buttons of the builder do to the tree. Every move returns a new tree; an impossible one changes nothing."""

from collections.abc import Callable

import msgspec

from rapport.segments.builder.draft import DEEPEST, Criterion, Group, Part, Path
from rapport.segments.builder.kinds import KINDS, MOST_WORDS, pickers


def add(draft: Group, path: Path, kind: str) -> Group:
    """A new criterion, or with `kind` "group" a new group, at the end of a group."""
    if kind == "group" and len(path) + 2 < DEEPEST:
        return _change(draft, path, lambda group: _with(group, (*group.of, Group("any"))))
    if kind in KINDS:
        return _change(draft, path, lambda group: _with(group, (*group.of, Criterion(kind))))
    return draft


def remove(draft: Group, path: Path) -> Group:
    if not path:
        return Group()
    return _change(draft, path[:-1], lambda group: _with(group, _without(group, path[-1])))


def up(draft: Group, path: Path) -> Group:
    return _swap(draft, path, -1)


def down(draft: Group, path: Path) -> Group:
    return _swap(draft, path, 1)


def out(draft: Group, path: Path) -> Group:
    """Out of its group, to stand right after it."""
    part = find(draft, path)
    if part is None or len(path) < 2:
        return draft
    parent = path[:-1]
    shorter = remove(draft, path)
    return _change(
        shorter,
        parent[:-1],
        lambda group: _with(group, (*group.of[: parent[-1] + 1], part, *group.of[parent[-1] + 1 :])),
    )


def into(draft: Group, path: Path) -> Group:
    """Into the group beside it: the one before, else the one after."""
    part = find(draft, path)
    parent = find(draft, path[:-1]) if path else None
    if part is None or not isinstance(parent, Group):
        return draft
    for index in (path[-1] - 1, path[-1] + 1):
        beside = parent.of[index] if 0 <= index < len(parent.of) else None
        if isinstance(beside, Group):
            first = index > path[-1]
            wider = _with(beside, (part, *beside.of) if first else (*beside.of, part))
            changed = (*parent.of[:index], wider, *parent.of[index + 1 :])
            left = (*changed[: path[-1]], *changed[path[-1] + 1 :])
            return put(draft, path[:-1], _with(parent, left))
    return draft


def wrap(draft: Group, path: Path) -> Group:
    """Put a criterion into a new group of its own."""
    part = find(draft, path)
    if part is None or not path or len(path) + 2 >= DEEPEST:
        return draft
    return _change(
        draft,
        path[:-1],
        lambda group: _with(group, (*group.of[: path[-1]], Group("any", (part,)), *group.of[path[-1] + 1 :])),
    )


def choose(draft: Group, path: Path, field: str, key: str) -> Group:
    """Add what a picker offered (a code, `system|code`) to a field of a criterion."""
    part = _picked(draft, path, field)
    if part is None or not key or key in part.values.get(field, ()):
        return draft
    return put(draft, path, _holding(part, field, (*part.values.get(field, ()), key)))


def drop(draft: Group, path: Path, field: str, key: str) -> Group:
    """Take what was chosen from a field of a criterion."""
    part = _picked(draft, path, field)
    if part is None:
        return draft
    return put(draft, path, _holding(part, field, tuple(one for one in part.values.get(field, ()) if one != key)))


def _picked(draft: Group, path: Path, field: str) -> Criterion | None:
    """The criterion there, when it has such a picker."""
    part = find(draft, path)
    known = isinstance(part, Criterion) and part.kind in KINDS and field in pickers(part.kind)
    return part if known and isinstance(part, Criterion) else None


def _holding(part: Criterion, field: str, keys: tuple[str, ...]) -> Criterion:
    return msgspec.structs.replace(part, values=part.values | {field: keys[:MOST_WORDS]})


def put(draft: Group, path: Path, part: Part) -> Group:
    """Another part in the place of the one that is there."""
    if not path:
        return part if isinstance(part, Group) else draft
    return _change(
        draft, path[:-1], lambda group: _with(group, (*group.of[: path[-1]], part, *group.of[path[-1] + 1 :]))
    )


def find(draft: Group, path: Path) -> Part | None:
    part: Part = draft
    for index in path:
        if not isinstance(part, Group) or index >= len(part.of):
            return None
        part = part.of[index]
    return part


def _change(draft: Group, path: Path, act: Callable[[Group], Group]) -> Group:
    if not path:
        return act(draft)
    if path[0] >= len(draft.of) or not isinstance(draft.of[path[0]], Group):
        return draft
    inner = draft.of[path[0]]
    changed = _change(inner, path[1:], act) if isinstance(inner, Group) else inner
    return _with(draft, (*draft.of[: path[0]], changed, *draft.of[path[0] + 1 :]))


def _swap(draft: Group, path: Path, step: int) -> Group:
    if not path:
        return draft

    def act(group: Group) -> Group:
        here, there = path[-1], path[-1] + step
        if not (0 <= here < len(group.of) and 0 <= there < len(group.of)):
            return group
        parts = list(group.of)
        parts[here], parts[there] = parts[there], parts[here]
        return _with(group, tuple(parts))

    return _change(draft, path[:-1], act)


def _without(group: Group, index: int) -> tuple[Part, ...]:
    return (*group.of[:index], *group.of[index + 1 :])


def _with(group: Group, parts: tuple[Part, ...]) -> Group:
    return msgspec.structs.replace(group, of=parts)
