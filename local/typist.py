"""A candidate who types: takes an interview over real WebRTC without a voice, step by step, as a test wants it.

Where `local.candidate` plays a whole persona by ear, this one is told what to do, and remembers what it was shown. It
may have a microphone beside.
"""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from livekit import rtc
from livekit.rtc.data_stream import StreamError

from interview.errors import MachineError
from interview.names import TOPIC_PROGRESS
from local.devices import Microphone, room_tone
from local.seat import RoomPass

_TOPIC_CAPTIONS = "lk.transcription"
_TOPIC_TYPED = "lk.chat"
_CONNECT_S = 20.0


class Shown(NamedTuple):
    """A progress message: when it came, from which participant (empty when unknown), and what it said.

    `microphone` and `trouble` are what the page tells of the candidate's side and of ours.
    """

    at_s: float
    identity: str
    question_id: str | None
    stage: str
    state: str
    microphone: str = "ok"
    trouble: tuple[str, ...] = ()


class Said(NamedTuple):
    """A caption of the interviewer's: when it was complete, whose it was, and its words."""

    at_s: float
    identity: str
    text: str


class Typist:
    """One candidate. `join` may be repeated after `leave`, with another pass; what was seen stays.

    With `microphone` it publishes one that carries a room's tone: nothing is said, and nothing is amiss.
    """

    def __init__(self, *, microphone: bool = False) -> None:
        self.shown: list[Shown] = []
        self.said: list[Said] = []
        self.texts: list[str] = []
        """Everything that came as text: captions of either side, also such as were not final, and progress."""
        self.disconnected = asyncio.Event()
        self._room: rtc.Room | None = None
        self.with_microphone = microphone
        self._microphone: Microphone | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()

    async def join(self, room_pass: RoomPass) -> None:
        """Enter the room."""
        self.disconnected.clear()
        room = rtc.Room()
        room.on("data_received", self._on_data)
        room.on("disconnected", lambda *_: self.disconnected.set())
        room.register_text_stream_handler(_TOPIC_CAPTIONS, self._on_caption)
        await asyncio.wait_for(room.connect(room_pass.livekit_url, room_pass.livekit_token), _CONNECT_S)
        self._room = room
        if self.with_microphone:
            self._microphone = Microphone(tone=room_tone(), keep=False)
            await self._microphone.publish(room.local_participant)
            self._own(self._microphone.run())

    def mute(self, muted: bool) -> None:
        """Switch the microphone off, or on again."""
        if self._microphone is None:
            raise MachineError("the candidate has no microphone")
        self._microphone.mute(muted)

    async def leave(self) -> None:
        """Leave the room, if still in it."""
        if self._room is not None:
            await self._room.disconnect()
        self._room = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def publish(self, microphone: Microphone) -> None:
        """Have a microphone in the room, for a candidate who speaks after all; the caller feeds it."""
        if self._room is None:
            raise MachineError("the candidate is not in the room")
        await microphone.publish(self._room.local_participant)

    async def type(self, text: str) -> None:
        """Send a typed answer."""
        if self._room is None:
            raise MachineError("the candidate is not in the room")
        await self._room.local_participant.send_text(text, topic=_TOPIC_TYPED)

    @property
    def on_question(self) -> str | None:
        """The question that the page shows."""
        return self.shown[-1].question_id if self.shown else None

    async def until(self, what: str, condition: Callable[["Typist"], bool], within_s: float = 30.0) -> float:
        """Wait until `condition` holds; return the moment (`time.monotonic`). Raises `TimeoutError`, saying `what`."""
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(lambda: condition(self))
        except TimeoutError:
            seen = f"last shown: {self.shown[-3:]}, last said: {self.said[-2:]}"
            raise TimeoutError(f"not within {within_s:g} s: {what}; {seen}") from None
        return time.monotonic()

    async def until_asked(self, question_id: str, within_s: float = 30.0) -> None:
        """Wait until the interviewer has asked the question and listens."""
        await self.until(
            f"the question {question_id} is asked",
            lambda me: bool(me.shown) and me.on_question == question_id and me.shown[-1].state == "listening",
            within_s,
        )

    def _on_data(self, packet: rtc.DataPacket) -> None:
        if packet.topic != TOPIC_PROGRESS:
            return
        self.texts.append(packet.data.decode())
        news = json.loads(packet.data)
        identity = packet.participant.identity if packet.participant else ""
        shown = Shown(
            time.monotonic(),
            identity,
            news["question_id"],
            news["stage"],
            news["state"],
            news["microphone"],
            tuple(news["trouble"]),
        )
        self._own(self._tell(lambda: self.shown.append(shown)))

    def _on_caption(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._own(self._read_caption(reader, identity))

    async def _read_caption(self, reader: rtc.TextStreamReader, identity: str) -> None:
        try:
            text = await reader.read_all()
        except StreamError:
            return  # whoever spoke was killed in the middle of it
        self.texts.append(text)
        whose = (reader.info.attributes or {}).get("lk.transcribed_participant_identity", identity)
        if text and whose.startswith("interviewer-"):
            await self._tell(lambda: self.said.append(Said(time.monotonic(), identity, text)))

    async def _tell(self, note: Callable[[], None]) -> None:
        async with self._news:
            note()
            self._news.notify_all()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
