"""The warehouse of this installation: where its files are, and the newest published version, opened once a process.

`snapshot` is the columnar engine; `in_full` is whoever the site has set to give full answers over the same version.
"""

import threading
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from rapport.kit import home
from rapport.kit.warehouse import KEPT, Folder, Unreadable
from rapport.segments import distributed, exported, tables
from rapport.segments.columnar import Snapshot
from rapport.segments.days import AsOf
from rapport.segments.language import Node
from rapport.segments.models import WarehouseVersion

KEPT_EXPORTS = 2  # the newest, and the one that somebody may still be asking

_folders: dict[Path, Folder] = {}
_snapshots: dict[Path, Snapshot] = {}
_clusters: dict[Path, distributed.Distributed] = {}
_guard = threading.Lock()


class NoWarehouse(RuntimeError):
    """Nothing was published yet; the worker does it within seconds of its start."""


class Answers(Protocol):
    """Full answers over one version."""

    version: int

    def people(self, node: Node, as_of: AsOf) -> list[int]: ...

    def count(self, node: Node, as_of: AsOf) -> int: ...


def folder() -> Folder:
    """The folder of the warehouse of this database."""
    path = home.path() / "warehouse" / str(connection.settings_dict["NAME"])
    with _guard:
        if path not in _folders:
            _folders[path] = Folder(path, home.secret("warehouse"))
        return _folders[path]


def newest() -> WarehouseVersion | None:
    """The pointer row."""
    return WarehouseVersion.objects.order_by("-number").first()


def snapshot() -> Snapshot:
    """The newest version, opened. A version that moved on while we opened it is asked for again. Raises NoWarehouse."""
    place = folder()
    for _ in range(3):
        pointer = newest()
        if pointer is None:
            break
        if pointer.made_by.split(".")[0] != tables.layout():
            raise NoWarehouse("The warehouse is being built again for this version of the program.")
        with _guard:
            known = _snapshots.get(place.path)
        if known is not None and known.version == pointer.number and known.name == pointer.file_name:
            return known
        try:
            found = Snapshot(place.reading(pointer.file_name), pointer.number, pointer.file_name)
        except Unreadable:
            continue
        with _guard:
            _snapshots[place.path] = found
        return found
    raise NoWarehouse("The warehouse has not been built yet.")


def in_full() -> Answers:
    """Who gives full answers over the newest version, as the site has set it. Raises NoWarehouse, NoSpark, StoreNotEncrypted."""
    return snapshot() if settings.ANALYTICS == "duckdb" else _cluster()


def _cluster() -> Answers:
    """The cluster, over an export of the newest version; exported first if nobody has."""
    place = _exports()
    if place is None:
        raise ImproperlyConfigured(
            "RAPPORT_ANALYTICS names a cluster, so RAPPORT_ANALYTICS_FOLDER has to name a folder."
        )
    for _ in range(3):
        newest = snapshot()
        lineage = WarehouseVersion.objects.values_list("lineage", flat=True).get(number=newest.version)
        target = place / exported.name(newest.version, lineage.hex)
        with _guard:
            known = _clusters.get(target)
        if known is not None:
            return known
        exported.export(newest, target, store_encrypts=settings.ANALYTICS_STORE_ENCRYPTED)
        if newest.version in folder().numbers():
            exported.prune(place, newest=newest.version, keep=KEPT_EXPORTS)
            return _opened(newest, target)
        # The version was taken away while we wrote: it may hold somebody who was erased.
        exported.prune(place, newest=newest.version, keep=0)
    raise NoWarehouse("Versions are published faster than they can be exported.")


def _opened(newest: Snapshot, target: Path) -> Answers:
    seen_as = settings.ANALYTICS_SEEN_AS
    address = f"{seen_as}/{target.parent.name}/{target.name}" if seen_as else target.as_uri()
    there = exported.tables(newest.handle.cursor())
    found = distributed.Distributed(distributed.connect(settings.ANALYTICS), address, there, newest.version)
    with _guard:
        _clusters.clear()
        _clusters[target] = found
    return found


def prune(version: WarehouseVersion) -> None:
    """Older versions go; all of them, exports too, when one still holds somebody who was erased with this one."""
    folder().prune(newest=version.number, keep=1 if version.stands_alone else KEPT)
    place = _exports()
    if version.stands_alone and place is not None:
        exported.prune(place, newest=version.number - 1, keep=0)


def _exports() -> Path | None:
    """Where the exports of this database are, if the site exports at all."""
    place = settings.ANALYTICS_FOLDER
    return Path(place).resolve() / str(connection.settings_dict["NAME"]) if place else None


def forget() -> None:
    """Let go of every open file (tests, and before the files are thrown away)."""
    with _guard:
        _snapshots.clear()
        _clusters.clear()
    folder().forget()
