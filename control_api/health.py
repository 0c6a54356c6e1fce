"""`/healthz` and `/readyz`."""

import asyncio
from collections.abc import Awaitable
from typing import Literal

from fastapi import APIRouter, Response

from control_api.access import open_to_all
from control_api.parts import HasParts
from control_api.schemas import Answer
from interview.errors import VivaError

router = APIRouter(tags=["health"])
_CHECK_S = 3.0


class Health(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Answer):
    """Whether what the API needs is there; each check is `ok` or an error's code."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, str]


@router.get("/healthz", dependencies=[open_to_all("supervisors ask it, and it tells nothing")])
async def health() -> Health:
    """Tell that the process answers; it looks at nothing else."""
    return Health()


@router.get(
    "/readyz",
    dependencies=[open_to_all("load balancers ask it; it names no secret")],
    responses={503: {"model": Readiness}},
)
async def readiness(response: Response, parts: HasParts) -> Readiness:
    """Tell whether database and LiveKit answer (503 when one does not)."""
    database, livekit = await asyncio.gather(_check(parts.storage.ping()), _check(parts.rooms.list_rooms()))
    ready = database == livekit == "ok"
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not_ready", checks={"database": database, "livekit": livekit})


async def _check(call: Awaitable[object]) -> str:
    try:
        async with asyncio.timeout(_CHECK_S):
            await call
    except VivaError as error:
        return error.code
    except TimeoutError:
        return "timeout"
    return "ok"
