"""What things are called here: codes that our people have, places, service lines, campaigns, traits. For sentences and pickers.

What follows from a version of the warehouse alone (traits, how delicate our codes are) is worked out once for each version.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.consent import code_classes
from rapport.directory.models import Location, ServiceLine, ServiceLineRule
from rapport.segments import compiler, reference, store, value_sets
from rapport.segments.columnar import Snapshot
from rapport.segments.language import Known, Names, Node, TraitIs, leaves, names_segments
from rapport.segments.language.classes import campaigns_of, codes_of, lines_of, places_of, value_sets_of
from rapport.segments.models import CodeName, Segment
from rapport.segments.reference import CodeFound

SYSTEMS = {
    "icd10cm": "ICD-10-CM", "snomed": "SNOMED CT", "cpt": "CPT", "hcpcs": "HCPCS", "loinc": "LOINC", "rxnorm": "RxNorm", "cvx": "CVX",
    "local": "local",
}  # fmt: skip
KEPT_FOR_REFERENCE = 4
_remembered: WeakKeyDictionary[Snapshot, dict[Any, Any]] = WeakKeyDictionary()
_CAMPAIGNS = "SELECT id, name FROM campaigns_campaign WHERE id = ANY(%s)"


def names(node: Node) -> Names:
    """The names of everything that a definition mentions."""
    said = leaves(node)
    codes = {(one.system, one.code) for leaf in said for one in codes_of(leaf)}
    places = {one for leaf in said for one in places_of(leaf)}
    lines = {one for leaf in said for one in lines_of(leaf)}
    campaigns = {one for leaf in said for one in campaigns_of(leaf)}
    segments = names_segments(node)
    sets = {one for leaf in said for one in value_sets_of(leaf)}
    language = get_language() or "en"
    return Names(
        codes=code_names(codes) if codes else {},
        locations=dict(Location.objects.filter(pk__in=places).values_list("pk", "name")) if places else {},
        service_lines=dict(ServiceLine.objects.filter(pk__in=lines).values_list("pk", "name")) if lines else {},
        campaigns=_campaign_names(campaigns) if campaigns else {},
        segments=dict(Segment.objects.filter(pk__in=segments).values_list("pk", "name")) if segments else {},
        value_sets={one.slug: one.name_in(language) for one in value_sets.all_sets() if one.slug in sets}
        if sets
        else {},
    )


def code_names(codes: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(system, code) -> label: as our own people's records call it, else as the reference does, where one is known."""
    wanted = CodeName.objects.filter(code__in={code for _, code in codes}).exclude(label="")
    ours = {(one.code_system, one.code): one.label for one in wanted if (one.code_system, one.code) in codes}
    return {key: said for key in sorted(codes) if (said := ours.get(key) or reference.label(*key))}


def known(node: Node) -> Known:
    """How delicate the codes, traits and service lines are that a definition names, as far as only this house knows it."""
    said = leaves(node)
    systems = {one.system for leaf in said for one in codes_of(leaf)}
    whole = {leaf.name for leaf in said if isinstance(leaf, TraitIs) and not leaf.begins}
    begun = {leaf.name for leaf in said if isinstance(leaf, TraitIs) and leaf.begins}
    traits = whole | {name for name in (trait_names() if begun else ()) if name.startswith(tuple(begun))}
    lines = {one for leaf in said for one in lines_of(leaf)}
    delicate = _learned() if systems else {}
    return Known(
        codes={key: data_class for key, data_class in delicate.items() if key[0] in systems},
        traits=_trait_classes(traits) if traits else {},
        lines=_line_classes(lines) if lines else {},
    )


def _learned() -> Mapping[tuple[str, str], str]:
    """Codes that are delicate by their name (a drug), or, where the system is our own, by the class they arrived with."""
    return cast(Mapping[tuple[str, str], str], _once("delicate codes", lambda _snapshot: _delicate()))


def _delicate() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for one in CodeName.objects.all():
        data_class = _class_of(one)
        if data_class != "general":
            key = one.code_system, one.code
            found[key] = code_classes.stricter(found.get(key, "general"), data_class)
    return found


def _class_of(one: CodeName) -> str:
    pair = [(one.code_system, one.code)]
    by_sets = code_classes.class_of(pair, code_classes.names_asked(one.kind, one.label, pair))
    return by_sets if code_classes.is_known(one.code_system) else code_classes.stricter(by_sets, one.data_class)


def _trait_classes(names: set[str]) -> dict[str, frozenset[str]]:
    """The classes that a trait was written with, as the warehouse knows them."""
    question = "SELECT name, list(DISTINCT data_class) FROM trait GROUP BY name"
    known = _once("classes of traits", lambda snapshot: dict(_rows(snapshot, question)))
    return {name: frozenset(known[name]) for name in names if name in known}


def _line_classes(ids: set[int]) -> dict[int, str]:
    """A service line is delicate when every rule of it is: to be seen there says it. A mixed line says nothing."""
    rules: dict[int, list[str]] = {}
    for line, system, code in ServiceLineRule.objects.filter(service_line_id__in=ids).values_list(
        "service_line_id", "code_system", "code_prefix"
    ):
        rules.setdefault(line, []).append(code_classes.class_of([(system, code)]))
    return {
        line: min(classes, key=code_classes.STRICTNESS.index)
        for line, classes in rules.items()
        if "general" not in classes
    }


def find_codes(text: str, kind: str = "", limit: int = 12) -> list[CodeFound]:
    """Codes by words (any order, beginnings suffice) or by the beginning of the code: first those that our people have.

    The reference always has a few places at the end, for what nobody here has yet.
    """
    ours = _our_codes(text, kind, limit)
    known = {(one.system, one.code) for one in ours}
    more = [one for one in reference.find(text, kind, limit) if (one.system, one.code) not in known]
    return [*ours[: limit - min(len(more), KEPT_FOR_REFERENCE)], *more][:limit]


def _our_codes(text: str, kind: str, limit: int) -> list[CodeFound]:
    """Codes that our people have."""
    words = re.findall(r"\w[\w.\-]*", text)[:6]
    if not words:
        return []
    meant = Q()
    for word in words:
        meant &= Q(label__iregex=rf"\m{re.escape(word)}")
    found = CodeName.objects.filter(meant | Q(code__istartswith=text.strip()))
    if kind:
        found = found.filter(kind=kind)
    ranked = sorted(
        found[:500],
        key=lambda one: (not one.code.lower().startswith(words[0].lower()), len(one.label), one.label, one.code),
    )
    return [
        CodeFound(
            one.code_system, one.code, one.label or reference.label(one.code_system, one.code), one.kind, _class_of(one)
        )
        for one in ranked[:limit]
    ]


def prefixes(text: str, limit: int = 3) -> list[CodeFound]:
    """Offers to take every code that begins so, one for each system that has such codes."""
    start = text.strip().upper()
    if not re.fullmatch(r"[A-Z]?\d[\w.]{0,8}", start):
        return []
    systems = CodeName.objects.filter(code__startswith=start).values_list("code_system", flat=True).distinct()
    found = [CodeFound(system, start, "", "", "general", prefix=True) for system in sorted(systems)[:limit]]
    return [replace(one, label=reference.label(one.system, start), data_class=reference.class_of(one)) for one in found]


def trait_names() -> list[str]:
    """The traits that somebody has, as the warehouse knows them."""
    names = _once("traits", lambda snapshot: [row[0] for row in _rows(snapshot, compiler.sql(compiler.trait_names()))])
    return cast(list[str], names or [])


def trait_words(most: int = 40) -> Mapping[str, tuple[str, ...]]:
    """What traits say, for those that say one of a few words."""
    question = "SELECT name, list(DISTINCT text) FROM trait WHERE text <> '' GROUP BY name"
    found = _once("words of traits", lambda snapshot: dict(_rows(snapshot, question)))
    return {name: tuple(sorted(said)) for name, said in found.items() if len(said) <= most}


def _once(what: str, ask: Callable[[Snapshot | None], Any]) -> Any:
    """An answer that stays the same for a version of the warehouse. Without one: asked anew, of nothing."""
    try:
        snapshot = store.snapshot()
    except store.NoWarehouse:
        return ask(None)
    known = _remembered.setdefault(snapshot, {})
    if what not in known:
        known[what] = ask(snapshot)
    return known[what]


def _rows(snapshot: Snapshot | None, question: str) -> list[tuple[Any, ...]]:
    return cast(list[tuple[Any, ...]], snapshot.handle.cursor().execute(question).fetchall()) if snapshot else []


def written(system: str, code: str, label: str, *, begins: bool) -> str:
    """A code as it stands on a chip: what it is called, and its system and code."""
    name = SYSTEMS.get(system, system)
    if begins and label:
        return _("%(label)s (%(system)s %(code)s and all below it)") % {"label": label, "system": name, "code": code}
    if begins:
        return _("%(system)s codes that begin with %(code)s") % {"system": name, "code": code}
    return f"{label} ({name} {code})" if label else f"{name} {code}"


def campaign_choices(limit: int = 200) -> list[tuple[int, str]]:
    """Campaigns to choose from, newest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('campaigns_campaign') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute("SELECT id, name FROM campaigns_campaign ORDER BY id DESC LIMIT %s", [limit])
        return list(cursor.fetchall())


def _campaign_names(ids: set[int]) -> dict[int, str]:
    # Campaigns stand on a floor above and know segments; only their names are read, and only where the room is installed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('campaigns_campaign') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return {}
        cursor.execute(_CAMPAIGNS, [sorted(ids)])
        return dict(cursor.fetchall())
