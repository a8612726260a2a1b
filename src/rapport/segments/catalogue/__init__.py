"""ICD-10-CM by code and by words, for people who type in the builder. Pure; the list is read when it is first asked (`catalogue`).

In the process and not in PostgreSQL: the list belongs to an edition of the program and not to a clinic, a search by masks takes a few
milliseconds, and neither a migration nor a backup has to carry 98,000 rows.
"""

import lzma
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rapport.consent.codes import plain
from rapport.segments.catalogue.index import Alternatives, Mask, WordIndex, plainly, words_of

FOLDER = Path(__file__).parent
SYSTEM = "icd10cm"
LONGEST_QUERY = 8
_CODE = re.compile(r"[A-Za-z][0-9A-Za-z]{0,2}(\.?[0-9A-Za-z]{1,4})?")


class Entry(NamedTuple):
    """One code and what it is."""

    code: str
    label: str


class Catalogue:
    """The list with its indexes: over what a code is, and over what else the list calls it."""

    def __init__(self, text: str) -> None:
        while text.startswith("#"):
            text = text.partition("\n")[2]
        text = text.rstrip("\n")
        self._named, self._termed = _indexed(text)
        self._lines = text.encode().split(b"\n")  # after the indexes, into the memory that they have left
        self.codes = np.array([line.partition(b"\t")[0] for line in self._lines], dtype="S8")

    def __len__(self) -> int:
        return len(self.codes)

    def label(self, code: str) -> str:
        """What a code is; empty for none of the list."""
        wanted = plain(SYSTEM, code).encode("ascii", "replace")
        row = int(np.searchsorted(self.codes, wanted))
        return self._label_at(row) if row < len(self) and self.codes[row] == wanted else ""

    def covers(self, beginning: str) -> int:
        """How many codes begin so."""
        first, after = self._span(beginning)
        return after - first

    def find(self, text: str, limit: int = 12) -> list[Entry]:
        """Codes by the beginning of the code, or by words. First what is called so, in few words and with a short code."""
        words = words_of(text)[:LONGEST_QUERY]
        if not words:
            return []
        named = self._named_so(text)
        if named.any():
            return self._listed(np.flatnonzero(named), np.char.str_len(self.codes[named]), limit)
        in_name = in_any = np.ones(len(self), dtype=bool)
        whole = np.zeros(len(self), dtype=np.int32)
        for alternatives in _meant(words):
            by_name = self._has(self._named, alternatives)
            in_name = in_name & by_name
            in_any = in_any & (by_name | self._has(self._termed, alternatives))
            whole += self._has(self._named, alternatives, whole=True)
        rows = np.flatnonzero(in_any)
        # What is meant lies high in the tree and says little else; a word that was typed to its end counts for four others.
        depth = np.char.str_len(self.codes[rows]) - 3
        rank = self._named.lengths[rows] + 2 * depth - 4 * whole[rows] + 12 * ~in_name[rows]
        return self._listed(rows, rank, limit)

    def _named_so(self, text: str) -> Mask:
        mask = np.zeros(len(self), dtype=bool)
        typed = text.strip()
        if _CODE.fullmatch(typed) and any(one.isdigit() for one in typed):
            first, after = self._span(typed)
            mask[first:after] = True
        return mask

    def _span(self, beginning: str) -> tuple[int, int]:
        start = plain(SYSTEM, beginning).encode("ascii", "replace")
        return int(np.searchsorted(self.codes, start)), int(np.searchsorted(self.codes, start + b"\x7f"))

    def _has(self, index: WordIndex, alternatives: Alternatives, *, whole: bool = False) -> Mask:
        found = np.zeros(len(self), dtype=bool)
        for words in alternatives:
            every = np.ones(len(self), dtype=bool)
            for word in words:
                every &= index.beginning(word, whole=whole)
            found |= every
        return found

    def _listed(self, rows: npt.NDArray[np.intp], rank: npt.NDArray[np.integer], limit: int) -> list[Entry]:
        best = rows[np.argsort(rank, kind="stable")[:limit]]
        return [Entry(self.codes[row].decode(), self._label_at(row)) for row in best]

    def _label_at(self, row: int) -> str:
        return self._lines[row].split(b"\t")[1].decode()


@cache
def catalogue() -> Catalogue:
    """The list that ships with the program."""
    return Catalogue(lzma.decompress((FOLDER / "icd10cm.txt.xz").read_bytes()).decode())


def _indexed(text: str) -> tuple[WordIndex, WordIndex]:
    """Over the second and over the third column."""
    lines = plainly(text).split(b"\n")
    named = WordIndex(line.split(b"\t")[1] for line in lines)
    return named, WordIndex(line.partition(b"\t")[2].partition(b"\t")[2] for line in lines)


def _meant(words: list[bytes]) -> Iterator[list[list[bytes]]]:
    """For each word, or for several that mean something together, the ways to say it; the way it was typed is the first."""
    known = _plain_words()
    at = 0
    while at < len(words):
        for length in (3, 2, 1):
            typed = words[at : at + length]
            if len(typed) == length and (length == 1 or tuple(typed) in known):
                yield [typed, *known.get(tuple(typed), [])]
                at += length
                break


@cache
def _plain_words() -> dict[tuple[bytes, ...], list[list[bytes]]]:
    found = {}
    for line in (FOLDER / "plain_words.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            said, _, meant = line.partition(":")
            found[tuple(words_of(said))] = [words_of(one) for one in meant.split(",")]
    return found
