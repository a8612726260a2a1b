"""Raw FHIR into records: bundles and NDJSON. Bad content never raises: it becomes a Problem with its line and field.

A resource is decoded only as far as we understand it (`shapes`); its `content` is the digest of that. Kinds we don't read are
kept in the landing and counted.
"""
# ruff: noqa: N815 - FHIR spells its fields so

import json
import re
from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from rapport.integrations.fhir import shapes
from rapport.integrations.models import Landing
from rapport.integrations.translation import Problem, Record, content_of
from rapport.trust.sealing import source_key

EXCERPT = 4096
_KIND = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,60})"')
_PLACE = re.compile(r" - at `\$(.*)`$")
_NUL = (b"\x00", b"\\u0000")


class Head(msgspec.Struct):
    resourceType: str = ""
    id: str = ""


class Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")
    fullUrl: str = ""


class Bundle(msgspec.Struct):
    resourceType: str = ""
    entry: list[Entry] = []


_decoders = {name: msgspec.json.Decoder(shape) for name, shape in shapes.KINDS.items()}
_bundle, _head = msgspec.json.Decoder(Bundle), msgspec.json.Decoder(Head)


def read_bundle(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """The entries of a bundle, numbered from 1; or one resource that stands alone."""
    slug = landing.source.slug
    try:
        bundle = _bundle.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        yield from _salvaged(raw, slug, broken)
        return
    if bundle.resourceType != "Bundle":
        yield record_of(raw, slug, line=1)
        return
    yield from _entries([(bytes(entry.resource), entry.fullUrl) for entry in bundle.entry], slug, raw)


def read_lines(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """The resources of NDJSON, one a line; empty lines are no records."""
    slug = landing.source.slug
    for number, line in enumerate(raw.split(b"\n"), landing.first_line):
        if line.strip():
            yield record_of(line.strip(), slug, line=number)


def record_of(
    raw: bytes, slug: str, *, line: int, full_url: str = "", refs: dict[str, tuple[str, str]] | None = None
) -> Record | Problem:
    """One resource as a record, or what is wrong with it."""
    kind, told = "", None
    try:
        if any(nul in raw for nul in _NUL):
            return Problem(
                line, "the record contains a NUL character", raw, kind_of(raw), remedy="Remove the character \\u0000."
            )
        kind = kind_of(raw)
        decoder = _decoders.get(kind)
        told = decoder.decode(raw) if decoder else _head.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        return _undecodable(raw, kind, line, broken)
    if not told.resourceType:
        return Problem(
            line,
            "this is not a FHIR resource: it has no resourceType",
            raw,
            path="resourceType",
            remedy="Name the type.",
        )
    name = told.id or full_url.removeprefix("urn:uuid:")
    if not name:
        return Problem(
            line, "the resource has no id", raw, kind, f"{kind}.id", "Give it the id by which its source knows it."
        )
    if not told.id:
        told.id = name
    key = source_key(slug, kind, name)
    content = content_of(told if kind in shapes.KINDS else raw)
    return Record(line, kind, key, content, raw, told, refs or {}, kept=kind not in shapes.KINDS)


def kind_of(raw: bytes) -> str:
    """The resource type; looked for at the start first, where nearly everybody writes it."""
    found = _KIND.match(raw)
    if found:
        return found[1].decode()
    try:
        return _head.decode(raw).resourceType[:60]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _entries(entries: list[tuple[bytes, str]], slug: str, bundle: bytes) -> Iterator[Record | Problem]:
    """Entries with what their full URLs mean inside this bundle."""
    refs: dict[str, tuple[str, str]] = {}
    for raw, url in entries:
        if url:
            refs[url] = (
                kind_of(raw),
                url.removeprefix("urn:uuid:") if url.startswith("urn:uuid:") else url.rsplit("/", 1)[-1],
            )
    found: list[Record | Problem] = []
    for number, (raw, url) in enumerate(entries, 1):
        if not raw:
            found.append(
                Problem(
                    number,
                    "the entry has no resource",
                    b"{}",
                    path=f"Bundle.entry[{number - 1}].resource",
                    remedy="Add it, or dismiss.",
                    mark=_mark(bundle, number),
                )
            )
            continue
        one = record_of(raw, slug, line=number, full_url=url, refs=refs)
        if isinstance(one, Record) and url:
            refs[url] = (one.kind, one.told.id)
        found.append(one)
    yield from found


def _salvaged(raw: bytes, slug: str, broken: Exception) -> Iterator[Record | Problem]:
    """A bundle that breaks off or is spoilt somewhere: the entries that are whole, and a problem for the rest."""
    text = raw.decode("utf-8", "replace")
    start = re.search(r'"entry"\s*:\s*\[', text)
    whole: list[tuple[bytes, str]] = []
    position = start.end() if start else 0
    decoder = json.JSONDecoder()
    while start:
        position += len(text[position : position + 200]) - len(text[position : position + 200].lstrip(" \t\r\n,"))
        try:
            entry, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        if not isinstance(entry, dict):
            break
        resource = entry.get("resource")
        whole.append((msgspec.json.encode(resource) if resource else b"", str(entry.get("fullUrl") or "")))
        position = end
    yield from _entries(whole, slug, raw)
    line = text.count("\n", 0, position) + 1
    reason = (
        f"the bundle can't be read beyond its entry {len(whole)}, line {line}: {_said(broken)}"
        if start
        else f"this is not JSON: {_said(broken)}"
    )
    yield Problem(
        len(whole) + 1, reason, text[position : position + EXCERPT].encode(), "Bundle", f"Bundle.entry[{len(whole)}]" if start else "",
        "Ask the source to send the file again; what could be read was taken in.", mark=_mark(raw, len(whole)),
    )  # fmt: skip


def _mark(bundle: bytes, number: int) -> bytes:
    """Of which bundle and which place in it something is that has no text of its own."""
    return blake2b(bundle, digest_size=16, salt=number.to_bytes(8, "big")).digest()


def _undecodable(raw: bytes, kind: str, line: int, broken: Exception) -> Problem:
    place = _PLACE.search(str(broken))
    if isinstance(broken, msgspec.ValidationError):
        path = f"{kind}{_spelled(place[1])}" if place else kind
        return Problem(line, _PLACE.sub("", str(broken)), raw, kind, path[:200], "Correct the type of this field.")
    return Problem(
        line,
        f"this is not JSON: {_said(broken)}",
        raw,
        kind,
        "",
        "Correct the text, or ask the source to send it again.",
    )


def _spelled(path: str) -> str:
    return path.replace("[...]", "[]")


def _said(broken: Exception) -> str:
    """The decoder's words, which name positions and never content."""
    if isinstance(broken, RecursionError):
        return "it is nested too deeply"
    if isinstance(broken, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(broken).removeprefix("JSON is malformed: ")[:160]
