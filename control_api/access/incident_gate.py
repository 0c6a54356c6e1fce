"""The gate to incidents: an incident belongs to the owner of its session."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from control_api.access.callers import UserCaller, find_caller
from control_api.access.gates import Gate, absent
from control_api.access.table import TABLE, Act, Thing
from control_api.parts import HasParts
from control_api.schemas import PathId
from interview import logs
from interview.errors import NotAllowed, NotFound
from interview.incident import Incident
from interview.session import Session

_INCIDENT_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class OnIncident:
    """A user, and the incident to which they may do what they ask for, with its session."""

    caller: UserCaller
    incident: Incident
    session: Session


class IncidentGate(Gate):
    """Lets users through to the incident that the path names."""

    async def __call__(self, incident_id: PathId, request: Request, parts: HasParts) -> OnIncident:
        """Find user and incident. Raises `NotAuthenticated`, `NotFound` and `NotAllowed`."""
        caller = await find_caller(request, parts)
        if not _INCIDENT_ID.fullmatch(incident_id):
            raise absent("incident")
        try:
            incident = await parts.storage.incidents.get(incident_id)
            # whose it is, the session says: what is noted on the incident is for lists
            session = await parts.storage.sessions.get(incident.session_id)
        except NotFound:
            raise absent("incident") from None
        logs.about(incident.session_id)
        own = isinstance(caller, UserCaller) and caller.owns(session.owner_id)
        self.check(caller, own=own, thing="incident")
        if not isinstance(caller, UserCaller):
            raise NotAllowed("this needs an account")
        return OnIncident(caller, incident, session)


def on_incident(act: Act) -> Any:
    """Return the gate to an act on the incident that the path names."""
    assert TABLE[act].thing is Thing.INCIDENT
    return Depends(IncidentGate(act))
