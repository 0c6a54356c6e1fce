"""Becomes another program that dies with the process that started it.

`python shim.py PARENT_PID PROGRAM ARGUMENT…`: asks Linux to kill this process when its parent ends, however it ends,
and replaces itself. It stands alone, so that it starts in milliseconds.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run the program named by the arguments in place of this one."""
    parent, program = int(sys.argv[1]), sys.argv[2]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the process that started this one is already gone")
    os.execvp(program, sys.argv[2:])


if __name__ == "__main__":
    main()
