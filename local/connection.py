"""A candidate's connection in a process of its own, which can be frozen: its network is lost without a goodbye.

`python -m local.connection`: the pass to the room stands on standard input, `in` on standard output once it is there.
"""

import asyncio
import contextlib
import signal
import sys
from types import TracebackType
from typing import Self

from livekit import rtc

from interview.errors import MachineError
from local.seat import RoomPass

_JOINED_WITHIN_S = 60.0
_IN = b"in\n"


class Connection:
    """Takes the candidate's place in the room until it is thrown away; `freeze` cuts its network off."""

    def __init__(self, room_pass: RoomPass) -> None:
        self._pass = room_pass
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "local.connection",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(self._pass.model_dump_json().encode() + b"\n")
        async with asyncio.timeout(_JOINED_WITHIN_S):
            if await process.stdout.readline() != _IN:
                raise MachineError("the candidate's own process did not get into the room")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def freeze(self) -> None:
        """Stop the process where it stands: nothing more comes from it, and nothing is answered."""
        if self._process is None:
            raise MachineError("there is no connection to lose")
        self._process.send_signal(signal.SIGSTOP)


async def _stay() -> None:
    line = await asyncio.to_thread(sys.stdin.readline)
    room_pass = RoomPass.model_validate_json(line)
    room = rtc.Room()
    await room.connect(room_pass.livekit_url, room_pass.livekit_token)
    sys.stdout.buffer.write(_IN)
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_stay())
