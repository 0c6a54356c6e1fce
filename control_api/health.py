"""`/healthz` and `/readyz`."""

from typing import Literal

from fastapi import APIRouter, Response

from control_api.access import open_to_all
from control_api.monitoring.readiness import Verdict, verdict
from control_api.parts import HasParts
from control_api.schemas import Answer

router = APIRouter(tags=["health"])


class Health(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Answer):
    """Whether what Viva needs is there; each check is `ok` or a code.

    `not_ready` (503): database or LiveKit is missing, and nothing can be served. `degraded`: something else is.
    """

    status: Verdict
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
    """Look at the database, LiveKit, the providers, the workers and the disk."""
    checks = await parts.monitoring.checks.all()
    status = verdict(checks)
    response.status_code = 503 if status == "not_ready" else 200
    return Readiness(status=status, checks=checks)
