"""Adding, moving, copying and removing blocks. Pure: a list in, a list out."""

import msgspec

from rapport.content.blocks import kinds

MOST = 80


class CanNotArrange(ValueError):
    """The step makes no sense; the message says why."""


def named(blocks: kinds.Blocks) -> kinds.Blocks:
    """Every block with a name of its own in the letter."""
    taken: set[str] = set()
    made = []
    for one in blocks:
        name = one.id if one.id and one.id not in taken else fresh(taken | {other.id for other in blocks})
        taken.add(name)
        made.append(one if name == one.id else msgspec.structs.replace(one, id=name))
    return tuple(made)


def fresh(taken: set[str]) -> str:
    """The next free name."""
    number = 1
    while f"b{number}" in taken:
        number += 1
    return f"b{number}"


def place_of(blocks: kinds.Blocks, name: str) -> int:
    """Where a block stands. Raises CanNotArrange."""
    for at, one in enumerate(blocks):
        if one.id == name:
            return at
    raise CanNotArrange("This block is not there any more. Look at the letter again.")


def add(blocks: kinds.Blocks, block: kinds.Block, after: str = "") -> kinds.Blocks:
    """A new block behind another one, else last, but before the footer."""
    if len(blocks) >= MOST:
        raise CanNotArrange(f"A letter has at most {MOST} blocks.")
    if isinstance(block, kinds.Footer) and any(isinstance(one, kinds.Footer) for one in blocks):
        raise CanNotArrange("There is a footer already.")
    at = place_of(blocks, after) + 1 if after else len(blocks)
    if not isinstance(block, kinds.Footer):
        feet = [place for place, one in enumerate(blocks) if isinstance(one, kinds.Footer)]
        at = min([at, *feet])
    new = msgspec.structs.replace(block, id=fresh({one.id for one in blocks}))
    return (*blocks[:at], new, *blocks[at:])


def move(blocks: kinds.Blocks, name: str, by: int) -> kinds.Blocks:
    """One place up (-1) or down (1); at the end it stays."""
    at = place_of(blocks, name)
    to = min(max(at + by, 0), len(blocks) - 1)
    rest = blocks[:at] + blocks[at + 1 :]
    return (*rest[:to], blocks[at], *rest[to:])


def place(blocks: kinds.Blocks, name: str, to: int) -> kinds.Blocks:
    """The block as number `to` of the list, from 0; beyond the end it is the last."""
    return move(blocks, name, to - place_of(blocks, name))


def copy(blocks: kinds.Blocks, name: str) -> kinds.Blocks:
    """The same block once more behind it."""
    one = blocks[place_of(blocks, name)]
    return add(blocks, one, after=name)


def remove(blocks: kinds.Blocks, name: str) -> kinds.Blocks:
    at = place_of(blocks, name)
    return blocks[:at] + blocks[at + 1 :]


def put(blocks: kinds.Blocks, block: kinds.Block) -> kinds.Blocks:
    """The block in the place of the one of its name."""
    at = place_of(blocks, block.id)
    return (*blocks[:at], block, *blocks[at + 1 :])
