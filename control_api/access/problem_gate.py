"""The gate to what candidates raised: a problem belongs to the owner of its session."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from control_api.access.callers import UserCaller, find_caller
from control_api.access.gates import Gate, absent
from control_api.access.table import TABLE, Act, Thing
from control_api.parts import HasParts
from control_api.schemas import PathId
from interview.errors import NotAllowed, NotFound
from interview.problem import RaisedProblem

_PROBLEM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9]{1,6}")


@dataclass(frozen=True)
class OnProblem:
    """A user, and the problem to which they may do what they ask for."""

    caller: UserCaller
    problem: RaisedProblem


class ProblemGate(Gate):
    """Lets users through to the problem that the path names."""

    async def __call__(self, problem_id: PathId, request: Request, parts: HasParts) -> OnProblem:
        """Find user and problem. Raises `NotAuthenticated`, `NotFound` and `NotAllowed`."""
        caller = await find_caller(request, parts)
        if not _PROBLEM_ID.fullmatch(problem_id):
            raise absent("problem")
        try:
            problem = await parts.storage.problems.get(problem_id)
        except NotFound:
            raise absent("problem") from None
        own = isinstance(caller, UserCaller) and caller.owns(problem.owner_id)
        self.check(caller, own=own, thing="problem")
        if not isinstance(caller, UserCaller):
            raise NotAllowed("this needs an account")
        return OnProblem(caller, problem)


def on_problem(act: Act) -> Any:
    """Return the gate to an act on the problem that the path names."""
    assert TABLE[act].thing is Thing.PROBLEM
    return Depends(ProblemGate(act))
