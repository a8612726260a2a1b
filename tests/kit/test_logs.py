"""What may be in a log, and what may not."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from rapport.kit import logs
from rapport.kit.supervisor.journal import Journal, clean


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Logs into a text of ours; the handlers of the test run come back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    hooks = sys.excepthook
    out = io.StringIO()
    logs.configure("test", stream=out)
    yield out
    root.handlers, root.level = before, level
    sys.excepthook = hooks
    logging.captureWarnings(False)


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_field_that_is_not_on_the_list_is_dropped_and_counted(written: io.StringIO):
    logs.get("rapport.test").info("taken in", count=3, surname="Quennell", email="q@example.org")
    (entry,) = lines(written)
    assert entry["event"] == "taken in"
    assert entry["count"] == 3
    assert entry["dropped"] == 2
    assert entry["process"] == "test"
    assert "Quennell" not in written.getvalue()


def test_an_allowed_field_cannot_smuggle_a_structure_or_a_long_text(written: io.StringIO):
    logs.get("rapport.test").info("taken in", kind={"name": "Quennell"}, state="x" * 500)
    (entry,) = lines(written)
    assert entry["dropped"] == 2


def test_an_exception_is_logged_as_type_place_and_reference(written: io.StringIO):
    try:
        try:
            raise KeyError("Quennell")
        except KeyError as inner:
            raise ValueError("no such person: Quennell") from inner
    except ValueError:
        logs.get("rapport.test").exception("could not take in")
    (entry,) = lines(written)
    assert entry["error"] == "ValueError"
    assert entry["causes"] == "KeyError"
    assert "test_logs.py:" in str(entry["place"])
    assert len(str(entry["ref"])) == 8
    assert "Quennell" not in written.getvalue()


def test_the_arguments_of_a_library_message_are_left_out(written: io.StringIO):
    logging.getLogger("django.request").warning("Not Found: %s", "/people/?name=Quennell")
    (entry,) = lines(written)
    assert entry["event"] == "Not Found: %s"
    assert "Quennell" not in written.getvalue()


def test_a_message_with_values_baked_in_is_withheld(written: io.StringIO):
    name = "Quennell"
    logging.getLogger("some.library").warning(f"could not parse {name}")  # noqa: G004 - the fault itself
    logging.getLogger("rapport.x").warning(f"could not reach {name}@example.org")  # noqa: G004
    assert [entry["event"] for entry in lines(written)] == ["(withheld)", "(withheld)"]
    assert "Quennell" not in written.getvalue()


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (b'{"event": "sent", "count": 3}', b'"count": 3'),
        (b'  File "/srv/rapport/people/identity.py", line 4, in identify', b"identity.py:4:identify"),
        (b"ValueError: no such person: Quennell", b'"error": "ValueError"'),
        (
            b"django.db.utils.IntegrityError: Key (name)=(Quennell) already exists.",
            b'"error": "django.db.utils.IntegrityError"',
        ),
        (b"[INFO] Starting granian (main PID: 4)", b"Starting granian"),
        (b"    raise ValueError(patient.name)  # Quennell", None),
        (b"Quennell was here", None),
        (b'{"name": "Quennell"}', None),
        (b"ModuleNotFoundError: No module named 'rapport.nothing'", b"No module named 'rapport.nothing'"),
        (b"[INFO] Listening at: http://127.0.0.1:8000", b"Listening at: http://127.0.0.1:8000"),
        (b"[ERROR] Quennell was here", None),
    ],
)
def test_of_what_a_part_prints_only_harmless_lines_are_kept(line: bytes, kept: bytes | None):
    found = clean(line)
    if kept is None:
        assert found is None
    else:
        assert found is not None
        assert kept in found
        assert b"Quennell" not in found


def test_a_journal_turns_over_and_keeps_a_few(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rapport.kit.supervisor.journal.LIMIT", 100)
    journal = Journal(tmp_path / "web.log")
    for number in range(100):
        journal.write(b"%04d %s" % (number, b"x" * 40))
    journal.close()
    files = sorted(one.name for one in tmp_path.iterdir())
    assert files == ["web.log", *[f"web.log.{number}" for number in range(1, 6)]]
    assert (tmp_path / "web.log").read_bytes().splitlines()[-1].startswith(b"0099")


def test_django_hands_its_logging_over(written: io.StringIO):
    logging.getLogger("django.server").handlers = [logging.StreamHandler(io.StringIO())]
    logs.from_settings({"process": "test"})
    assert logging.getLogger("django.server").handlers == []
    assert logging.getLogger("django.server").propagate
    assert len(logging.getLogger().handlers) == 1


def test_the_route_is_logged_and_not_the_path(written: io.StringIO):
    class Match:
        route = "people/<int:id>/"

    class Request:
        method = "GET"
        path = "/people/4711/"
        resolver_match = Match()

    extra = {"request": Request(), "status_code": 404}
    logging.getLogger("django.request").warning("Not Found: %s", "/people/4711/", extra=extra)
    (entry,) = lines(written)
    assert (entry["method"], entry["route"], entry["status"]) == ("GET", "people/<int:id>/", 404)
    assert "4711" not in written.getvalue()
