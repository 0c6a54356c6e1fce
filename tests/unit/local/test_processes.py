"""Children are waited for, restarted within bounds, and never outlive their supervisor."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from interview.errors import MachineError
from local.logfile import LogFile, last_lines, rotate
from local.processes import RestartPolicy, Service, Supervised

PROJECT = Path(__file__).parents[3]
QUICK = RestartPolicy(limit=3, window_s=60, first_delay_s=0.01, longest_delay_s=0.02)

Make = Callable[..., Supervised]


@pytest_asyncio.fixture
async def supervise(tmp_path: Path) -> AsyncIterator[Make]:
    """Start a Python child; it is ready once it has made the file `ready`, which it is told to do by its program."""
    started: list[Supervised] = []

    def make(program: str, **changes: object) -> Supervised:
        ready = tmp_path / "ready"

        async def probe() -> bool:
            return ready.exists()

        service = Service(
            name="child",
            command=(sys.executable, "-c", program),
            environment={**os.environ, "READY": str(ready)},
            probe=probe,
            ready_timeout_s=10,
            stop_grace_s=5,
            restarts=QUICK,
        )
        supervised = Supervised(replace(service, **changes), tmp_path / "logs" / "child.log")
        started.append(supervised)
        supervised.start()
        return supervised

    yield make
    for supervised in started:
        await supervised.stop()


READY = "import os, pathlib, sys, time; pathlib.Path(os.environ['READY']).touch(); "
FOREVER = READY + "print('working', flush=True); time.sleep(600)"


async def eventually(condition: Callable[[], bool], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def test_a_killed_child_is_started_again(supervise: Make) -> None:
    child = supervise(FOREVER)
    await child.wait_ready()
    first = child.pid

    child.kill()
    await child.wait_restarted(after=0)

    assert child.state == "ready"
    assert child.pid not in (None, first)
    assert child.restart_count == 1


async def test_a_child_that_keeps_dying_is_given_up_after_its_bound(supervise: Make) -> None:
    child = supervise(READY + "time.sleep(0.3); sys.exit(7)")

    await eventually(lambda: child.state == "failed", within_s=30)

    assert child.restart_count == QUICK.limit
    assert child.pid is None
    with pytest.raises(MachineError, match="exit code 7, after 3 restarts in 60 s"):
        await child.wait_ready()


async def test_pauses_between_restarts_grow_to_a_bound() -> None:
    policy = RestartPolicy(first_delay_s=0.2, longest_delay_s=5)

    assert [policy.delay_s(n) for n in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]


async def test_a_child_that_fails_at_its_first_start_is_told_with_the_end_of_its_log(supervise: Make) -> None:
    child = supervise("import sys; print('the port is taken'); sys.exit(3)")

    with pytest.raises(MachineError) as failed:
        await child.wait_ready()

    assert "child ended with exit code 3" in failed.value.message
    assert "the port is taken" in failed.value.message
    assert str(child.log_path) in failed.value.message
    assert child.restart_count == 0


async def test_a_child_that_does_not_become_ready_is_killed_and_told(supervise: Make) -> None:
    child = supervise("import time; print('still loading', flush=True); time.sleep(600)", ready_timeout_s=1)

    with pytest.raises(MachineError, match=r"did not become ready in 1 s[\s\S]*still loading"):
        await child.wait_ready(timeout_s=5)

    await eventually(lambda: child.pid is None)


async def test_stopping_lets_the_child_finish(supervise: Make, tmp_path: Path) -> None:
    done = tmp_path / "done"
    child = supervise(
        "import signal, sys, pathlib\n"
        f"def finish(*_): pathlib.Path({str(done)!r}).touch(); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, finish)\n" + FOREVER
    )
    await child.wait_ready()

    await child.stop()

    assert done.exists()
    assert child.state == "stopped"


async def test_stopping_ends_a_stubborn_child_and_its_children(supervise: Make, tmp_path: Path) -> None:
    grandchild = tmp_path / "grandchild"
    child = supervise(
        "import signal, subprocess, sys, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "process = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(grandchild)!r}).write_text(str(process.pid))\n" + FOREVER,
        stop_grace_s=0.2,
    )
    await child.wait_ready()
    family = [psutil.Process(child.pid), psutil.Process(int(grandchild.read_text()))]

    await child.stop()

    await eventually(lambda: not any(alive(process) for process in family))


async def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, pathlib, sys
from local.processes import Service, Supervised
async def main():
    async def probe(): return True
    command = (sys.executable, "-c", "import time; time.sleep(600)")
    child = Supervised(Service("child", command, dict(os.environ), probe), pathlib.Path({str(tmp_path)!r}) / "log")
    child.start()
    await child.wait_ready()
    print(child.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    child = psutil.Process(int(await asyncio.wait_for(supervisor.stdout.readline(), 30)))
    assert alive(child)

    supervisor.kill()
    await supervisor.wait()

    await eventually(lambda: not alive(child))


def test_a_log_that_grew_large_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"x" * 10_000_001)

    rotate(log)

    assert not log.exists()
    assert (tmp_path / "x.log.1").stat().st_size == 10_000_001


def test_a_log_that_grows_large_is_set_aside_between_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    log = LogFile(path, limit_bytes=100)
    lines = [f"line {number:03} {'x' * 20}\n".encode() for number in range(9)]

    for line in lines:  # as they come out of a pipe: not at the ends of lines
        log.write(line[:7])
        log.write(line[7:])

    parts = [part.read_bytes() for part in (tmp_path / "x.log.2", tmp_path / "x.log.1", path)]
    assert b"".join(parts) == b"".join(lines)
    assert all(part.startswith(b"line ") and len(part) <= 100 + len(lines[0]) for part in parts)


def test_only_two_predecessors_are_kept(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "x.log", limit_bytes=10)

    for number in range(9):
        log.write(f"line {number}\n".encode())

    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.log", "x.log.1", "x.log.2"]
    assert (tmp_path / "x.log").read_bytes() == b"line 8\n"


async def test_a_running_childs_log_is_rotated_and_keeps_every_line(supervise: Make) -> None:
    count = 150_000
    child = supervise(
        READY + f"[print(f'{{n}}'.rjust(99)) for n in range({count})]; print('done', flush=True); time.sleep(600)"
    )

    await eventually(lambda: last_lines(child.log_path, 1) == ["done"], within_s=60)

    assert child.pid is not None
    parts = [child.log_path.with_name("child.log.1"), child.log_path]
    lines = [line for part in parts for line in part.read_text().splitlines() if not line.startswith("---")]
    assert lines == [*(str(n).rjust(99) for n in range(count)), "done"]


def test_the_end_of_a_log_is_read_whatever_its_bytes(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"first\n" + b"\xff\xfe\n" * 5000 + b"last\n")

    assert last_lines(log, 2)[-1] == "last"
    assert last_lines(tmp_path / "none.log") == []


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
