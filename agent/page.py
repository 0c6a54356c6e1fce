"""What the candidate's page is shown: progress, as JSON on its own topic."""

import asyncio
import json
import logging
from collections.abc import Callable

from livekit import rtc

from agent.dialogue.actions import ShowProgress
from interview.names import TOPIC_PROGRESS

log = logging.getLogger(__name__)


class Page:
    """Sends progress to everyone in the room; what is lost is shown with the next change.

    With each goes `time_left_s`, which `time_left` gives: the page counts down from there.
    """

    def __init__(self, room: rtc.Room, time_left: Callable[[], float | None]) -> None:
        self._room = room
        self._time_left = time_left
        self._latest: ShowProgress | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.lost = 0

    def show(self, progress: ShowProgress) -> None:
        """Send a change."""
        self._latest = progress
        task = asyncio.create_task(self._send(progress), name="progress")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def show_again(self) -> None:
        """Send the latest again, to somebody who has just come back."""
        if self._latest:
            self.show(self._latest)

    async def aclose(self) -> None:
        """Wait for what is being sent."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, progress: ShowProgress) -> None:
        left_s = self._time_left()
        message = progress.model_dump(mode="json") | {"time_left_s": None if left_s is None else round(left_s)}
        try:
            await self._room.local_participant.publish_data(json.dumps(message), reliable=True, topic=TOPIC_PROGRESS)
        except rtc.participant.PublishDataError as error:
            self.lost += 1
            log.warning("progress was not sent: %s", error)
