"""A word index over a list of coded lines, in arrays: every word in any order, of which the beginning suffices. Pure.

Words are kept in order, and beside each the rows that have it, so that all words with one beginning are one slice of one array.
A search is then a few masks over the rows: some hundred microseconds for a hundred thousand rows.
"""

import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Alternatives = Sequence[Sequence[bytes]]
_AFTER = b"\x7f"  # after every letter and digit
_KEPT = b"abcdefghijklmnopqrstuvwxyz0123456789\t\n"
_TO_WORDS = bytes(one if one in _KEPT else 32 for one in range(256))


def plainly(text: str) -> bytes:
    """Small letters without accents and digits, blanks for the rest; tabs and line ends stay. "Crohn's" is one word."""
    return unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").translate(_TO_WORDS, b"'")


def words_of(text: str) -> list[bytes]:
    return plainly(text).split()


class WordIndex:
    """Which rows have a word that begins so. Made once from one text a row."""

    __slots__ = ("_rows", "_starts", "_words", "lengths", "size")

    def __init__(self, texts: Iterable[bytes]) -> None:
        known: dict[bytes, int] = {}
        said, lengths = array("I"), array("H")
        for text in texts:
            words = text.split()
            lengths.append(len(words))
            said.extend([known.setdefault(word, len(known)) for word in words])
        self.lengths = np.frombuffer(lengths, dtype=np.uint16)
        self.size = len(self.lengths)
        self._words = sorted(known)
        place = np.empty(len(known), dtype=np.uint32)
        place[[known[word] for word in self._words]] = np.arange(len(known), dtype=np.uint32)
        at = place[np.frombuffer(said, dtype=np.uint32)] if said else place[:0]
        self._rows = np.repeat(np.arange(self.size, dtype=np.uint32), self.lengths)[np.argsort(at, kind="stable")]
        self._starts = np.searchsorted(np.sort(at), np.arange(len(known) + 1)).astype(np.uint32)

    def beginning(self, word: bytes, *, whole: bool = False) -> Mask:
        """The rows that have a word beginning so, or exactly this word."""
        low = bisect_left(self._words, word)
        high = bisect_left(self._words, word + (b"\x00" if whole else _AFTER))
        mask = np.zeros(self.size, dtype=bool)
        mask[self._rows[self._starts[low] : self._starts[high]]] = True
        return mask
