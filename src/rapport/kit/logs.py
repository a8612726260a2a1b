"""Logs as JSON lines that can't carry a patient.

- Only fields on the allow-list are written; the others are counted in `dropped`.
- A message is the text a programmer wrote, never the values put into it; a message that may have values baked in is withheld.
- An exception is its type, its place in our code, and a reference that the page shows to the user. Never its message,
  never its local variables.
- Addresses are written as routes (`/people/<int:id>/`), never as paths, and without query strings.
"""

import logging
import re
import secrets
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from types import TracebackType
from typing import IO, Any

import structlog

ALLOWED = frozenset(
    {
        *("at", "level", "event", "logger", "process", "place", "ref", "error", "causes", "dropped"),
        *("route", "method", "status", "ms", "bytes", "user_id", "trace", "request_id"),
        *("kind", "verb", "state", "gate", "step", "task", "form", "source_id", "campaign_id", "landing_id", "version"),
        *("count", "read", "accepted", "quarantined", "duplicates", "sent", "failed", "suppressed", "unknown", "rows"),
        *("attempt", "batch", "owner", "seconds", "per_second", "lag_seconds", "failpoint", "host", "port"),
    }
)
LONGEST_VALUE = 200
LONG_RUNNING = {
    "web",
    "worker",
    "mailbox",
}  # what these print ends in a file; a command's errors are for the person typing
_PLAIN = (str, int, float, bool, type(None))
# Their messages are constant texts with %-arguments, or come from code we know.
_TRUSTED = (
    "rapport",
    "django",
    "granian",
    "_granian",
    "procrastinate",
    "axes",
    "allauth",
    "whitenoise",
    "mail.log",
    "csp",
)
_LOOKS_PERSONAL = re.compile(r"@|\d[\d\s().-]{6,}\d")

get = structlog.stdlib.get_logger


# Libraries that say at INFO what every start does.
CHATTY = ("procrastinate", "aiosmtpd", "mail.log", "asyncio", "httpx", "httpcore")


def configure(process: str, *, stream: IO[str] | None = None, level: str = "INFO") -> None:
    """Route structlog and the standard library's logging into one stream of JSON lines. Call once per process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, foreign],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                name_process(process),
                summarise_exception,
                keep_allowed,
                structlog.processors.JSONRenderer(sort_keys=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        quiet = logging.getLogger(name)
        quiet.handlers = []
        quiet.propagate = True
    for name in CHATTY:
        logging.getLogger(name).setLevel("WARNING")
    logging.captureWarnings(True)
    if process in LONG_RUNNING:
        _hook_uncaught()


def from_settings(settings: Mapping[str, str]) -> None:
    """For Django: `LOGGING_CONFIG = "rapport.kit.logs.from_settings"`, `LOGGING = {"process": PROCESS}`."""
    configure(settings.get("process", "system"), level=settings.get("level", "INFO"))


def name_process(process: str) -> Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    def add(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        entry["process"] = process
        return entry

    return add


def foreign(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A record of the standard library's logging: its text without values, and what its request allows."""
    record: logging.LogRecord = entry["_record"]
    entry["event"] = template_of(record)
    if record.levelno >= logging.WARNING:
        entry["place"] = f"{_short(record.pathname)}:{record.lineno}"
    request = getattr(record, "request", None)
    if request is not None and hasattr(request, "method"):
        match = getattr(request, "resolver_match", None)
        entry["method"] = request.method
        entry["route"] = getattr(match, "route", None) or "(none)"
    status = getattr(record, "status_code", None)
    if status is not None:
        entry["status"] = status
    return entry


def template_of(record: logging.LogRecord) -> str:
    """What the programmer wrote. A text without arguments from a stranger may be an f-string full of values."""
    text = record.msg if isinstance(record.msg, str) else "(withheld)"
    known = record.name.split(".")[0] in _TRUSTED or record.name in _TRUSTED
    if not record.args and (not known or _LOOKS_PERSONAL.search(text)):
        return "(withheld)"
    return text[:LONGEST_VALUE]


def summarise_exception(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace exception info by type, place, the types of its causes, and a reference."""
    given = entry.pop("exc_info", None)
    entry.pop("stack_info", None)
    entry.pop("exception", None)
    error = _error_in(given)
    if error is not None:
        entry.setdefault("ref", secrets.token_hex(4))
        entry["error"] = _type_name(error)
        entry["place"] = place_of(error)
        causes = _causes(error)
        if causes:
            entry["causes"] = " < ".join(causes)[:LONGEST_VALUE]
    return entry


def keep_allowed(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Only known fields with plain short values pass; how many did not is said."""
    kept: dict[str, Any] = {}
    dropped = 0
    for field, value in entry.items():
        if (
            field not in ALLOWED
            or not isinstance(value, _PLAIN)
            or (isinstance(value, str) and len(value) > LONGEST_VALUE)
        ):
            dropped += 1
        else:
            kept[field] = value
    if dropped:
        kept["dropped"] = dropped
    return kept


def place_of(error: BaseException) -> str:
    """`people/identity.py:41 identify`: the innermost frame in our own code, else the innermost of all."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "(unknown)"
    ours = [frame for frame in frames if "/rapport/" in frame.filename and "site-packages" not in frame.filename]
    frame = (ours or list(frames))[-1]
    return f"{_short(frame.filename)}:{frame.lineno} {frame.name}"


def _error_in(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1]
    return sys.exc_info()[1] if given else None


def _causes(error: BaseException) -> list[str]:
    names: list[str] = []
    seen = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while seen is not None and len(names) < 5:
        names.append(_type_name(seen))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return names


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _short(filename: str) -> str:
    for mark in ("/site-packages/", "/src/rapport/", "/rapport/"):
        if mark in filename:
            return filename.rsplit(mark, 1)[1]
    return filename.rsplit("/", 1)[-1]


def _hook_uncaught() -> None:
    """An error nobody caught is a log line like any other, in the main thread and in the others."""

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        get("rapport").critical("uncaught", exc_info=(kind, error, trace))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
