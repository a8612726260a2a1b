"""The segment language: who is meant, as a frozen tree with a stable written form, a schema and a sentence.

Pure: no framework, no database. Node kinds stand in `nodes` and `windows`, reading and writing in `reading`, sentences in
`sentence`, what stands for something else in `resolving`.
"""

from rapport.segments.language.classes import Known, Touch, classes_used, touches
from rapport.segments.language.nodes import (
    GROUPS,
    LEAVES,
    VERSION,
    Age,
    All,
    Anniversary,
    Any_,
    AtLocation,
    Bucket,
    Capped,
    CodeIs,
    Consented,
    County,
    Definition,
    Encountered,
    Group,
    Happened,
    HasAppointment,
    HasCode,
    HouseholdSize,
    InSegment,
    Insured,
    IsKnown,
    KnownSince,
    Leaf,
    LivesIn,
    LivesWith,
    Money,
    Near,
    Node,
    None_,
    Observed,
    Sequence,
    Sex,
    Speaks,
    Step,
    TraitIs,
    Wishes,
)  # fmt: skip
from rapport.segments.language.reading import (
    Misformed,
    check,
    groups,
    leaf_key,
    leaves,
    parse,
    place_of,
    schema,
    to_dict,
    to_json,
    walk,
)
from rapport.segments.language.resolving import Lookups, Unresolved, names_segments, resolved
from rapport.segments.language.sentence import Names, say
from rapport.segments.language.windows import Between, Calendar, Held, Last, Next, RelativeDay, Window

__all__ = [
    "GROUPS", "LEAVES", "VERSION", "Age", "All", "Anniversary", "Any_", "AtLocation", "Between", "Bucket", "Calendar", "Capped", "CodeIs",
    "Consented", "County", "Definition", "Encountered", "Group", "Happened", "HasAppointment", "HasCode", "Held", "HouseholdSize",
    "InSegment", "Insured", "IsKnown", "Known", "KnownSince", "Last", "Leaf", "LivesIn", "LivesWith", "Lookups", "Misformed", "Money",
    "Names", "Near", "Next", "Node", "None_", "Observed", "RelativeDay", "Sequence", "Sex", "Speaks", "Step", "Touch", "TraitIs",
    "Unresolved", "Window", "Wishes", "check", "classes_used", "groups", "leaf_key", "leaves", "names_segments", "parse", "place_of",
    "resolved", "say", "schema", "to_dict", "to_json", "touches", "walk",
]  # fmt: skip
