"""What every endpoint is handed: the process's clients and settings, built once by `__main__`."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from control_api.downloads import Downloads
from control_api.incidents.due import Due
from control_api.monitoring.monitoring import Monitoring
from control_api.queue_board import QueueBoard
from control_api.rates import Rates
from control_api.resumes.reading import ResumeReader
from control_api.signing import Signer
from control_api.users.passwords import Passwords
from interview.clock import Clock
from interview.rules import RulesFile
from interview.settings import Settings
from interview.storage import Storage
from providers.directory import Directory
from rooms.rooms import Rooms


@dataclass(frozen=True)
class Parts:
    """One per application."""

    settings: Settings
    storage: Storage
    rooms: Rooms
    clock: Clock
    passwords: Passwords
    signer: Signer
    queue_board: QueueBoard
    rates: Rates
    monitoring: Monitoring
    downloads: Downloads
    resumes: ResumeReader
    rules: RulesFile
    """The house's proctoring rules."""
    providers: Directory
    due: Due
    """What pages told that becomes an incident later."""


async def parts_of(request: Request) -> Parts:
    """Return the application's parts. Async although it awaits nothing: other dependencies cost a thread each."""
    return cast(Parts, request.app.state.parts)


HasParts = Annotated[Parts, Depends(parts_of)]
"""An endpoint's parameter that receives the application's parts."""
