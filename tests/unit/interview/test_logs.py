"""Log lines are JSON, carry ids, and hold no words of an error, whichever handler writes them."""

import asyncio
import copy
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interview import logs
from interview.logs import JsonLines

PROJECT = Path(__file__).parents[3]


def line_of(record: logging.LogRecord) -> dict[str, str]:
    return json.loads(JsonLines().format(record))


@pytest.fixture
def stamped() -> Iterator[logging.Logger]:
    """A logger of a process that has set its logs up; pytest's own records are plain again afterwards."""
    factory = logging.getLogRecordFactory()
    logs.stamp_records()
    yield logging.getLogger("test.stamped")
    logging.setLogRecordFactory(factory)


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept(stamped: logging.Logger) -> Iterator[Kept]:
    handler = Kept()
    stamped.addHandler(handler)
    yield handler
    stamped.removeHandler(handler)


def test_a_line_is_one_json_object() -> None:
    record = logging.LogRecord("control_api.x", logging.INFO, __file__, 1, "session %s\nbegan", ("s1",), None)
    text = JsonLines().format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["level"], line["logger"], line["message"]) == ("info", "control_api.x", "session s1\nbegan")


def test_an_error_is_its_type_and_places_without_its_words() -> None:
    try:
        raise ValueError("ada@example.com said so")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "a bug", (), sys.exc_info())
    line = line_of(record)
    assert line["error"] == "ValueError"
    assert "test_logs.py:" in line["places"]
    assert "ada" not in JsonLines().format(record)


def test_no_handler_of_a_library_can_write_the_words_of_an_error(stamped: logging.Logger, kept: Kept) -> None:
    try:
        raise ValueError("ada@example.com said so")
    except ValueError:
        stamped.exception("a bug")
    (record,) = kept.records

    assert logging.Formatter().format(record) == "a bug"
    # as livekit-agents hands a job's records to the worker
    elsewhere = pickle.loads(pickle.dumps(copy.copy(record)))
    assert line_of(elsewhere)["error"] == "ValueError"
    assert "test_logs.py:" in line_of(elsewhere)["places"]


async def test_lines_carry_the_session_of_their_task(stamped: logging.Logger, kept: Kept) -> None:
    async def work(session_id: str) -> None:
        logs.about(session_id)
        await asyncio.sleep(0)
        stamped.warning("working")

    await asyncio.gather(*(asyncio.create_task(work(session_id)) for session_id in ("s1", "s2")))
    stamped.warning("outside")

    assert [line_of(record).get("session_id") for record in kept.records] == ["s1", "s2", None]


def test_fields_that_libraries_add_are_not_written(stamped: logging.Logger, kept: Kept) -> None:
    stamped.warning("heard", extra={"lk.pii.transcript": "my name is Zephyrine", "user_transcript": "Zephyrine"})
    assert "Zephyrine" not in JsonLines().format(kept.records[0])


def test_a_process_says_what_ended_it_without_its_words_and_libraries_stay_quiet() -> None:
    program = (
        "import logging; from interview import logs; logs.set_up('DEBUG')\n"
        "logging.getLogger('openai').debug('Zephyrine'); logging.getLogger('livekit.agents').debug('Zephyrine')\n"
        "logging.getLogger('agent').debug('ours')\n"
        "raise ValueError('Zephyrine')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=False)

    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    assert [line["message"] for line in lines] == ["ours", "the process ends: ValueError"]
    assert lines[-1]["places"] == "<string>:4"
    assert "Zephyrine" not in ended.stderr + ended.stdout


def test_fields_that_a_library_adds_get_in_nobodys_way_and_are_not_written(kept: Kept) -> None:
    logger = logging.getLogger("test.stamped")
    more = {"error": RuntimeError("what Ada said"), "places": "x", "session_id": "y", "request_id": "z"}
    logger.warning("LiveKit is away", extra=more)
    assert "Ada" not in JsonLines().format(kept.records[-1])
    assert line_of(kept.records[-1])["message"] == "LiveKit is away"
