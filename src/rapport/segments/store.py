"""The warehouse of this installation: where its files are, and the newest published version, opened once a process."""

import threading
from pathlib import Path

from django.db import connection

from rapport.kit import home
from rapport.kit.warehouse import Folder, Unreadable
from rapport.segments import tables
from rapport.segments.columnar import Snapshot
from rapport.segments.models import WarehouseVersion

_folders: dict[Path, Folder] = {}
_snapshots: dict[Path, Snapshot] = {}
_guard = threading.Lock()


class NoWarehouse(RuntimeError):
    """Nothing was published yet; the worker does it within seconds of its start."""


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


def forget() -> None:
    """Let go of every open file (tests, and before the files are thrown away)."""
    with _guard:
        _snapshots.clear()
    folder().forget()
