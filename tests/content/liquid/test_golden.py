"""Golden Liquid: every case that our subset claims. What it leaves out is named here with the reason."""

import gzip
import json
from pathlib import Path

from rapport.content import words

CASES = json.loads(gzip.decompress((Path(__file__).parent / "golden_liquid.json.gz").read_bytes()))["tests"]
# Tags that reach other templates, filters that read attributes by name or compare without bounds: see `content.words`.
LEFT_OUT = {f"{one} tag" for one in words.TAGS_LEFT_OUT} | {f"{one} filter" for one in words.FILTERS_LEFT_OUT}
RANGE = "a range needs two whole numbers"  # a bound that can't be read from the template could be anything
# Where python-liquid differs from Ruby, by the beginning of the name, and why it may.
DIFFERENT = {
    "blank and empty, false is equal to blank": "python-liquid holds only texts, lists and mappings against `blank`, and no merge value"
    " is false or nil: a field that is not known is written as its fallback, at worst as an empty text, which is blank.",
    "blank and empty, nil is equal to blank": "as above",
    "blank and empty, null is equal to blank": "as above",
    "blank and empty, undefined is equal to blank": "as above; a name that is no merge field is an error of the lint",
    "tags, case, unexpected when token, strict2": "python-liquid reads `when 'a' and 'b'` as far as it can and leaves out the rest;"
    " Ruby does so too, outside of its strictest mode.",
    "tags, comment, incomplete tags are not parsed": "python-liquid reads nothing inside a comment, also no tag that is not closed there;"
    " a comment says nothing to anybody.",
}


def outcome(case: dict) -> str:
    if "templates" in case or LEFT_OUT & set(case.get("tags", ())) or case["name"] in DIFFERENT:
        return "left out"
    try:
        made = words.render(case["template"], case.get("data", {}), html=False)
    except words.BrokenTemplate as refused:
        if RANGE in str(refused) and not case.get("invalid"):
            return "left out"
        return "passed" if case.get("invalid") else "failed"
    if case.get("invalid"):
        return "failed"
    wanted = case.get("results") or [case["result"]]
    # Templates are read with plain line ends.
    return (
        "passed"
        if made in {one.replace("\r\n", "\n").replace("\r", "\n") for one in wanted} | set(wanted)
        else "failed"
    )


def test_every_case_that_our_subset_claims_passes():
    found = {case["name"]: outcome(case) for case in CASES}
    assert sorted(name for name, one in found.items() if one == "failed") == []
    counts = {one: list(found.values()).count(one) for one in ("passed", "left out")}
    assert counts == {"passed": 888, "left out": 166}
