"""Which delicate kinds of knowledge a definition touches. A criterion is as delicate as the most delicate code it can match.

Two sources, joined: the class that each known code arrived with (`known`), and the ranges below for codes nobody here has yet
(reference: 42 CFR Part 2, 45 CFR 164.508, state laws on HIV, reproductive and genetic information). Broad on purpose:
a range that only may contain a protected code counts as touching it.
"""

from collections.abc import Mapping

from rapport.segments.language.nodes import CodeIs, HasCode, Node
from rapport.segments.language.reading import leaves

GENERAL = "general"
RANGES: dict[str, tuple[tuple[str, str], ...]] = {
    "icd10cm": (
        *((f"F1{digit}", "sud_part2") for digit in "012345689"),
        *((f"F{tens}", "mental_health") for tens in "023456789"),
        ("B20", "hiv_sti"), ("Z21", "hiv_sti"), ("R75", "hiv_sti"), ("A5", "hiv_sti"), ("A60", "hiv_sti"), ("A63", "hiv_sti"),
        ("A64", "hiv_sti"), ("Z20.2", "hiv_sti"), ("Z11.3", "hiv_sti"), ("Z11.4", "hiv_sti"),
        ("O", "reproductive"), ("Z3", "reproductive"), ("N97", "reproductive"), ("N46", "reproductive"),
        ("Z14", "genetic"), ("Z15", "genetic"), ("Q9", "genetic"),
        ("T74", "abuse"), ("T76", "abuse"), ("Z69", "abuse"), ("Y07", "abuse"),
    ),
    "cvx": (),
    "cpt": (("908", "mental_health"), ("8168", "genetic"), ("59", "reproductive"), ("868", "hiv_sti")),
    "hcpcs": (("H00", "sud_part2"), ("G2067", "sud_part2")),
    "snomed": (
        ("66214007", "sud_part2"), ("7200002", "sud_part2"), ("191816009", "sud_part2"), ("55680006", "sud_part2"),
        ("86406008", "hiv_sti"), ("62479008", "hiv_sti"), ("370143000", "mental_health"), ("35489007", "mental_health"),
        ("47505003", "mental_health"), ("72892002", "reproductive"), ("19169002", "reproductive"), ("156073000", "reproductive"),
        ("706893006", "abuse"), ("424393004", "abuse"),
    ),
}  # fmt: skip


def classes_used(node: Node, known: Mapping[tuple[str, str], str] | None = None) -> frozenset[str]:
    """The data classes beyond `general` that the criteria touch. `known` maps (system, code) to its class."""
    found = {
        data_class
        for leaf in leaves(node)
        if isinstance(leaf, HasCode)
        for asked in leaf.codes
        for data_class in _classes_of(asked, known or {})
    }
    return frozenset(found - {GENERAL})


def _classes_of(asked: CodeIs, known: Mapping[tuple[str, str], str]) -> set[str]:
    code = asked.code.upper()
    found = {
        data_class
        for start, data_class in RANGES.get(asked.system, ())
        if (code.startswith(start) if asked.system != "snomed" else code == start)
        or (asked.prefix and start.startswith(code))
    }
    if asked.prefix:
        return found | {
            c for (system, one), c in known.items() if system == asked.system and one.startswith(asked.code)
        }
    learned = known.get((asked.system, asked.code))
    return found | ({learned} if learned else set())
