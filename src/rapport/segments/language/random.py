"""Chance that stays the same: a number for a person and a name, worked out with whole numbers alone, so that every engine can.

A universal hash after Carter and Wegman: (a x + b) mod p with p = 2^31 - 1, where a and b come from the SHA-256 of the name.
For a name chosen beforehand any two people fall into the same of n buckets with a chance of about 1/n.
"""

import hashlib

PRIME = 2**31 - 1
BUCKETS = 10_000


def factors(name: str) -> tuple[int, int]:
    """a (1 to p - 1) and b (0 to p - 1) of a name."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8]) % (PRIME - 1) + 1, int.from_bytes(digest[8:16]) % PRIME


def rank_of(pseudonym: int, name: str) -> int:
    """The place of a person in the random order of this name; the lower is drawn first."""
    factor, summand = factors(name)
    return (pseudonym % PRIME * factor + summand) % PRIME


def bucket_of(pseudonym: int, name: str) -> int:
    """The bucket of a person for this name, 0 to 9999."""
    return rank_of(pseudonym, name) % BUCKETS
