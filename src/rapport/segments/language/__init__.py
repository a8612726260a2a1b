"""The segment language: who is meant, as a frozen tree with a stable written form, a schema and a sentence.

Pure: no framework, no database. Node kinds stand in `nodes`, reading and writing in `reading`, sentences in `sentence`.
"""

from rapport.segments.language.classes import Known, Touch, classes_used, touches
from rapport.segments.language.nodes import (
    GROUPS,
    LEAVES,
    VERSION,
    Age,
    All,
    Any_,
    AtLocation,
    Between,
    CodeIs,
    Consented,
    Definition,
    Encountered,
    Group,
    Happened,
    HasCode,
    Last,
    Leaf,
    LivesIn,
    Next,
    Node,
    None_,
    Sex,
    Speaks,
    TraitIs,
    Window,
)
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
from rapport.segments.language.sentence import Names, say

__all__ = [
    "GROUPS", "LEAVES", "VERSION", "Age", "All", "Any_", "AtLocation", "Between", "CodeIs", "Consented", "Definition",
    "Encountered", "Group", "Happened", "HasCode", "Known", "Last", "Leaf", "LivesIn", "Misformed", "Names", "Next", "Node", "None_",
    "Sex", "Speaks", "Touch", "TraitIs", "Window", "check", "classes_used", "groups", "leaf_key", "leaves", "parse", "place_of", "say",
    "schema", "to_dict", "to_json", "touches", "walk",
]  # fmt: skip
