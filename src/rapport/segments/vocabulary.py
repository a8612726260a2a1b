"""What things are called here: codes that our people have, places, service lines, campaigns, traits. For sentences and pickers."""

import re
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from rapport.directory.models import Location, ServiceLine
from rapport.segments import compiler, store
from rapport.segments.language import AtLocation, Encountered, Happened, HasCode, Names, Node, leaves
from rapport.segments.models import CodeName

SYSTEMS = {
    "icd10cm": "ICD-10-CM", "snomed": "SNOMED CT", "cpt": "CPT", "hcpcs": "HCPCS", "loinc": "LOINC", "rxnorm": "RxNorm", "cvx": "CVX",
    "local": "local",
}  # fmt: skip
_CAMPAIGNS = "SELECT id, name FROM campaigns_campaign WHERE id = ANY(%s)"


@dataclass(frozen=True)
class CodeFound:
    """A code to choose: written `system|code` in forms."""

    system: str
    code: str
    label: str
    kind: str
    data_class: str

    @property
    def key(self) -> str:
        return f"{self.system}|{self.code}"


def names(node: Node) -> Names:
    """The names of everything that a definition mentions."""
    said = leaves(node)
    codes = {(one.system, one.code) for leaf in said if isinstance(leaf, HasCode) for one in leaf.codes}
    places = {one for leaf in said if isinstance(leaf, AtLocation) for one in leaf.one_of}
    places |= {one for leaf in said if isinstance(leaf, Encountered) for one in leaf.locations}
    lines = {one for leaf in said if isinstance(leaf, Encountered | Happened) for one in leaf.service_lines}
    campaigns = {one for leaf in said if isinstance(leaf, Happened) for one in leaf.campaigns}
    return Names(
        codes=code_names(codes) if codes else {},
        locations=dict(Location.objects.filter(pk__in=places).values_list("pk", "name")) if places else {},
        service_lines=dict(ServiceLine.objects.filter(pk__in=lines).values_list("pk", "name")) if lines else {},
        campaigns=_campaign_names(campaigns) if campaigns else {},
    )


def code_names(codes: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(system, code) -> label, where one is known."""
    wanted = CodeName.objects.filter(code__in={code for _, code in codes}).exclude(label="")
    return {(one.code_system, one.code): one.label for one in wanted if (one.code_system, one.code) in codes}


def code_classes(node: Node) -> dict[tuple[str, str], str]:
    """(system, code) -> data class of the codes we know in the systems that the definition names."""
    systems = {one.system for leaf in leaves(node) if isinstance(leaf, HasCode) for one in leaf.codes}
    known = CodeName.objects.filter(code_system__in=systems).exclude(data_class="general")
    return {(one.code_system, one.code): one.data_class for one in known}


def find_codes(text: str, kind: str = "", limit: int = 12) -> list[CodeFound]:
    """Codes that our people have, by words of the label (any order, beginnings suffice) or by the beginning of the code."""
    words = re.findall(r"\w[\w.\-]*", text)[:6]
    if not words:
        return []
    by_label, by_code = Q(), Q()
    for word in words:
        by_label &= Q(label__iregex=rf"\m{re.escape(word)}")
        by_code |= Q(code__istartswith=word)
    found = CodeName.objects.filter(by_label | by_code)
    if kind:
        found = found.filter(kind=kind)
    ranked = sorted(
        found[:500],
        key=lambda one: (not one.code.lower().startswith(words[0].lower()), len(one.label), one.label, one.code),
    )
    return [CodeFound(one.code_system, one.code, one.label, one.kind, one.data_class) for one in ranked[:limit]]


def prefixes(text: str, limit: int = 3) -> list[CodeFound]:
    """Offers to take every code that begins so, one for each system that has such codes."""
    start = text.strip().upper()
    if not re.fullmatch(r"[A-Z]?\d[\w.]{0,8}", start):
        return []
    systems = CodeName.objects.filter(code__startswith=start).values_list("code_system", flat=True).distinct()
    return [CodeFound(system, start, "", "", "") for system in sorted(systems)[:limit]]


def trait_names() -> list[str]:
    """The traits that somebody has, as the warehouse knows them."""
    try:
        cursor = store.snapshot().handle.cursor()
    except store.NoWarehouse:
        return []
    return [row[0] for row in cursor.execute(compiler.sql(compiler.trait_names())).fetchall()]


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
