"""Which index keys this database is written with.

A blind index made with another key finds nobody: every import would make every patient anew. So the fingerprints of the key
files stand in the database, and the first writing of a process compares them.
"""

from django.db import connection, transaction

from rapport.trust import keyring
from rapport.trust.models import KeyMark

_seen: set[tuple[str, str]] = set()


class OtherKeys(RuntimeError):
    """The index keys among the files are not those this database was written with."""


@transaction.atomic
def check() -> None:
    """Write the marks of a new database, or refuse to go on with other keys."""
    for name, fingerprint in keyring.fingerprints().items():
        mark, _new = KeyMark.objects.get_or_create(name=name, defaults={"fingerprint": fingerprint})
        if mark.fingerprint != fingerprint:
            raise OtherKeys(
                f"{name}.key is not the key this database was written with. Put the right file back from the backup of the keys."
            )


def check_once() -> None:
    """The same, once for each process, database and folder of keys."""
    here = (str(connection.settings_dict["NAME"]), str(keyring.folder()))
    if here not in _seen:
        check()
        _seen.add(here)
