"""`viva up`, `down`, `status` and `logs`."""

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.table import Table

from cli.output import console
from interview.errors import MachineError
from local import models, runtime
from local.logfile import last_lines, rotate
from local.servers.build import SERVERS, ensure_server
from local.services import SERVICES, known, needed_models
from local.supervise import FAILURE_FILE
from local.user import PROJECT, engines_of, state_dir_of, user_environment

_POLL_S = 0.2
_STOP_S = 90.0


def up(
    only: Annotated[
        list[str] | None, typer.Option(help="A service to start; give it again for more. All of them by default.")
    ] = None,
) -> None:
    """Start everything in the background, and print where it is."""
    user = user_environment()
    state_dir = state_dir_of(user)
    running = runtime.read(state_dir)
    if running is None:
        services = known(only or SERVICES)
        for name in SERVERS:
            if name in services:
                ensure_server(name)
        models.ensure(needed_models(services, engines_of(user)))
        running = _start_supervisor(state_dir, services)
    _print_links(state_dir, running)


def down() -> None:
    """Stop everything."""
    running = runtime.read(state_dir_of(user_environment()))
    if running is None:
        console.print("Viva does not run.")
        return
    supervisor = psutil.Process(running.supervisor_pid)
    supervisor.terminate()
    try:
        supervisor.wait(_STOP_S)
    except psutil.TimeoutExpired:
        raise MachineError(
            f"the supervisor (pid {running.supervisor_pid}) did not stop within {_STOP_S:g} s; its log says why: "
            "viva logs supervisor"
        ) from None
    console.print("Stopped.")


def status() -> None:
    """Show what runs. The exit code is 0 where everything is ready, 1 where something is not, 3 where nothing runs."""
    running = runtime.read(state_dir_of(user_environment()))
    if running is None:
        console.print("Viva does not run; `viva up` starts it.")
        raise typer.Exit(3)
    table = Table("service", "state", "pid", "since", "restarts", "where", box=None)
    for name, service in running.services.items():
        since = f"{service.started_at.astimezone():%d %b %H:%M:%S}" if service.started_at else ""
        table.add_row(name, service.state, str(service.pid or ""), since, str(service.restarts), service.url)
    console.print(table)
    for name, service in running.services.items():
        if service.failure:
            console.print(f"{name} {service.failure}. Its log: {service.log}", markup=False, soft_wrap=True)
    if any(service.state != "ready" for service in running.services.values()):
        raise typer.Exit(1)


def logs(
    name: Annotated[str, typer.Argument(help="A service, or `supervisor`; all of them by default.")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines of each.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")] = False,
) -> None:
    """Show the ends of the logs."""
    directory = state_dir_of(user_environment()) / "logs"
    paths = sorted(directory.glob(f"{name or '*'}.log"))
    if not paths:
        known = ", ".join(path.stem for path in sorted(directory.glob("*.log"))) or "none yet: run `viva up`"
        raise MachineError(f"there is no log {name!r} in {directory}; there is {known}")
    for path in paths:
        console.print(f"── {path}", style="bold", markup=False)
        for line in last_lines(path, lines):
            console.print(line, markup=False, soft_wrap=True)
    if follow:
        _follow(paths)


def _start_supervisor(state_dir: Path, services: Iterable[str]) -> runtime.Runtime:
    """Start the supervisor in a session of its own, and wait until everything is ready or it gives up."""
    log = state_dir / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    rotate(log)
    failure = state_dir / FAILURE_FILE
    failure.unlink(missing_ok=True)
    command = [sys.executable, "-m", "local.supervise", "--state-dir", str(state_dir), *services]
    with log.open("ab") as output:
        supervisor = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with console.status("Starting") as spinner:
        try:
            while supervisor.poll() is None:
                running = runtime.read(state_dir)
                if running is not None and running.state == "ready":
                    return running
                if running is not None:
                    waited_for = [name for name, service in running.services.items() if service.state != "ready"]
                    spinner.update(f"Starting {', '.join(waited_for)}")
                time.sleep(_POLL_S)
        except KeyboardInterrupt:
            supervisor.terminate()
            supervisor.wait()
            raise
    if failure.exists():
        raise MachineError(failure.read_text())
    raise MachineError(f"the supervisor ended with exit code {supervisor.returncode}; its log is {log}")


def _print_links(state_dir: Path, running: runtime.Runtime) -> None:
    rows = [(f"{name} listens on", service.url) for name, service in running.services.items()]
    if "control_api" in running.services:
        api = running.services["control_api"].url
        rows = [
            ("The API, described", f"{api}/docs"),
            ("The pages, for who interviews", f"{api}/app"),
            ("An interview in the browser", f"{api}/interview"),
            ("Sign in as", runtime.read_settings(state_dir).admin_email),
            ("Password, in the file", str(state_dir / "admin-password")),
        ]
    rows += [("Logs", f"{state_dir / 'logs'} (./viva logs)"), ("Stop", "./viva down")]
    console.print("Viva runs.", style="bold green")
    width = max(len(label) for label, _ in rows)
    for label, value in rows:
        console.print(f"  {label:{width}}  {value}", markup=False, soft_wrap=True)


def _follow(paths: list[Path]) -> None:
    """Print what is appended, until Ctrl-C."""
    ends = {path: path.stat().st_size for path in paths}
    try:
        while True:
            for path, end in ends.items():
                size = path.stat().st_size if path.exists() else 0
                if size > end:
                    with path.open("rb") as file:
                        file.seek(end)
                        text = file.read(size - end).decode(errors="replace")
                    console.print("".join(f"{path.stem}: {line}\n" for line in text.splitlines()), end="", markup=False)
                ends[path] = size
            time.sleep(_POLL_S)
    except KeyboardInterrupt:
        return
