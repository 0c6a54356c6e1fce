"""What the candidate's page is shown: progress, as JSON on its own topic."""

import asyncio
import logging

from livekit import rtc

from agent.dialogue.actions import ShowProgress
from interview.names import TOPIC_PROGRESS

log = logging.getLogger(__name__)


class Page:
    """Sends progress to everyone in the room; what is lost is shown with the next change."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
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
        try:
            await self._room.local_participant.publish_data(
                progress.model_dump_json(), reliable=True, topic=TOPIC_PROGRESS
            )
        except rtc.participant.PublishDataError as error:
            self.lost += 1
            log.warning("progress was not sent: %s", error)
