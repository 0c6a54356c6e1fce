"""Writes that wait: in order, and none keeps the others from being done."""

import asyncio

import pytest

from interview.errors import StorageError
from interview.outbox import Outbox
from interview.plan import Question


async def run(outbox: Outbox) -> None:
    outbox.close()
    async with asyncio.timeout(5):
        await outbox.run()


async def test_a_record_that_is_not_valid_does_not_stop_the_writes_behind_it(caplog: pytest.LogCaptureFixture):
    outbox, written = Outbox("test"), list[str]()

    async def invalid() -> None:
        Question.model_validate({"id": "q", "text": "what they said", "competency": "c", "max_follow_ups": 99})

    async def refused() -> None:
        raise StorageError("refused")

    async def good() -> None:
        written.append("good")

    for write in (invalid, refused, good):
        outbox.put("a turn", write)
    await run(outbox)
    assert written == ["good"]
    assert outbox.refused == 2
    assert "what they said" not in caplog.text


async def test_what_nobody_foresaw_ends_the_writer_visibly():
    outbox = Outbox("test")

    async def broken() -> None:
        raise RuntimeError("a defect")

    outbox.put("a turn", broken)
    with pytest.raises(RuntimeError):
        await run(outbox)
