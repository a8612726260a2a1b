"""Make src/rapport/directory/zip_places.txt.xz, where US ZIP codes lie: `python tools/zip_places.py`.

Needs the package that the facts come from, in any environment: `pip install zipcodes==3.0.0` (MIT). It is no dependency of Rapport.

One line a county, then its ZIP codes with their points to a thousandth of a degree (about 100 m). Left out are military post
offices, which are no place, and codes of which neither county nor point is known.
"""

import lzma
from collections import Counter, defaultdict
from pathlib import Path

import zipcodes

OUT = Path(__file__).resolve().parents[1] / "src" / "rapport" / "directory" / "zip_places.txt.xz"
HEAD = """\
# Where US ZIP codes lie. A line is a state and a county, then its ZIP codes, each with latitude and longitude where they are known.
# A county of no name is not known. Made by tools/zip_places.py from the Python package `zipcodes` 3.0.0, Copyright (c) Sean Pianka
# and contributors, MIT licence.
"""
MILITARY = {"AA", "AE", "AP"}
# One county under two names in the source.
SAME = {
    ("AK", "municipalityofanchorage"): "Anchorage Municipality",
    ("AK", "cityandboroughofjuneau"): "Juneau City and Borough",
    ("PR", "bayamon"): "Bayamon Municipio",
    ("PR", "carolina"): "Carolina Municipio",
    ("PR", "catano"): "Catano Municipio",
    ("PR", "sanjuan"): "San Juan Municipio",
    ("PR", "toaalta"): "Toa Alta Municipio",
    ("VA", "jamescity"): "James City County",
}


def main() -> None:
    rows = [row for row in zipcodes.list_all() if row["state"] not in MILITARY]
    spelt = spellings(rows)
    counties = defaultdict(list)
    for row in rows:
        county = spelt.get(key_of(row), "")
        point = point_of(row)
        if county or point:
            counties[row["state"], county].append(row["zip_code"] + (":" + point if point else ""))
    lines = [f"{state} {county}|{' '.join(sorted(counties[state, county]))}" for state, county in sorted(counties)]
    text = HEAD + "\n".join(lines) + "\n"
    OUT.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(
        f"{OUT.name}: {sum(map(len, counties.values()))} ZIP codes, {len(counties)} counties, {OUT.stat().st_size} bytes"
    )


def spellings(rows: list[dict]) -> dict[tuple[str, str], str]:
    """Each county in the spelling that most of its rows have ("St Louis County", "St. Louis County", "Baltimore city")."""
    seen = defaultdict(Counter)
    for row in rows:
        if row["county"]:
            seen[key_of(row)][row["county"].replace(" city", " City")] += 1
    return {key: SAME.get(key, many.most_common(1)[0][0]) for key, many in seen.items()}


def key_of(row: dict) -> tuple[str, str]:
    return row["state"], "".join(filter(str.isalpha, row["county"].lower()))


def point_of(row: dict) -> str:
    latitude, longitude = float(row["lat"] or 0), float(row["long"] or 0)
    if not latitude and not longitude:
        return ""
    if row["state"] == "MH":
        longitude = abs(longitude)  # the source has Majuro on the wrong side of the date line
    return f"{latitude:.3f},{longitude:.3f}"


if __name__ == "__main__":
    main()
