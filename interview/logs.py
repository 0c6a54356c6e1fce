"""Logs of every process: JSON lines that carry ids and no personal data.

A traceback is reduced to the error's type and places in the code: its words may hold what a person sent. That happens
when a record is made, not when it is written, so that no handler of a library can write the words after all. Fields
that libraries add to a record (livekit-agents adds transcripts) are not written.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from interview.errors import VivaError

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered."""
session_id: ContextVar[str] = ContextVar("session_id", default="")
"""The session that is being worked on, in this task and those that it starts."""

_QUIET = (
    *("aiohttp", "asyncio", "httpcore", "httpx", "httpx2", "motor", "openai", "opentelemetry", "pymongo"),
    *("python_multipart", "urllib3", "uvicorn.access", "websockets"),
)
"""Their lower levels tell addresses and bodies, whatever LOG_LEVEL is."""
_CALM = ("livekit", "uvicorn")
"""Their debug lines tell what was heard and sent."""
_PLACES = 8
_ours_alone: str = ""


def set_up(level: str) -> None:
    """Send all logs of this process to standard error as JSON lines."""
    stamp_records()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    calm_down()
    sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    words = error.message if isinstance(error, VivaError) else kind.__name__
    logging.getLogger().critical("the process ends: %s", words, exc_info=(kind, error, trace))


def calm_down() -> None:
    """Keep libraries from telling what only their authors want to know."""
    for name in _QUIET:
        _at_least(name, logging.WARNING)
    for name in _CALM:
        _at_least(name, logging.INFO)


def stamp_records() -> None:
    """Give every record of this process its ids, and take from it the words of errors, as it is made.

    `set_up` does this. Children of livekit-agents send their records to the worker, which writes them: they call it.
    """
    logging.setLogRecordFactory(_Stamped)


def about(which: str) -> None:
    """Say which session this task, and what it starts, works on."""
    session_id.set(which)


def only_about(which: str) -> None:
    """Say which session this whole process works on, its threads and callbacks included."""
    global _ours_alone
    _ours_alone = which


class _Stamped(logging.LogRecord):
    """A record with its ids, and with an error's type and places in place of the error itself."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        # under names of our own: a library that adds a field which a record has already is answered with KeyError,
        # and livekit-agents' worker, which adds `error` when LiveKit is away, would end of it
        self.viva_request_id = request_id.get()
        self.viva_session_id = session_id.get() or _ours_alone
        self.viva_error, self.viva_places = described(self)
        self.exc_info = None


def described(record: logging.LogRecord) -> tuple[str, str]:
    """Return the type of a record's error and the innermost places that it came through, the innermost first."""
    if not record.exc_info or record.exc_info[0] is None:
        return "", ""
    kind, _, trace = record.exc_info
    return kind.__name__, _places(trace)


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[: -_PLACES - 1 : -1]
    return " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, ids, and for an error its type and places."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        error, places = described(record)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        stamps: Mapping[str, Any] = {"error": error, "places": places, **_stamps(record)}
        return json.dumps(line | {name: value for name, value in stamps.items() if value}, ensure_ascii=False)


def _stamps(record: logging.LogRecord) -> dict[str, Any]:
    names = ("request_id", "session_id", "error", "places")
    return {name: value for name in names if (value := getattr(record, f"viva_{name}", ""))}


def _at_least(name: str, level: int) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(max(level, logger.getEffectiveLevel()))
