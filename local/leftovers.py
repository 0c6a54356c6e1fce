"""Ends processes that a killed supervisor left behind, before new ones take their place.

Children die with the supervisor (`local.shim`), and theirs usually with them. One that did not would hold a port or
the database's files.
"""

import logging
import os
from pathlib import Path

import psutil

from local.environment import STACK_MARK

logger = logging.getLogger(__name__)

_WAIT_S = 5.0


def end(state_dir: Path) -> None:
    """Kill every process of this user that was started for this state folder, other than this one and its parents.

    The caller holds the folder's claim, so that none of them belongs to a living supervisor.
    """
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    left = [process for process in psutil.process_iter() if process.pid not in spared and _is_of(process, state_dir)]
    for process in left:
        logger.warning("ending pid %d, left behind by an earlier run", process.pid)
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=_WAIT_S)


def _is_of(process: psutil.Process, state_dir: Path) -> bool:
    try:
        return process.environ().get(STACK_MARK) == str(state_dir)
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return False
