"""Log lines are JSON and hold no words of an error."""

import json
import logging
import sys

from control_api.logs import JsonLines


def line_of(record: logging.LogRecord) -> dict[str, str]:
    return json.loads(JsonLines().format(record))


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
