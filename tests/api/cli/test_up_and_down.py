"""`viva up` to `viva down`, as a person types them, with the database and LiveKit as the house."""

import json
import re
import socket
from pathlib import Path
from uuid import UUID

import psutil

from tests.api.cli.conftest import Viva


def processes(tmp_path: Path) -> dict[str, psutil.Process]:
    runtime = json.loads((tmp_path / "state" / "runtime.json").read_text())
    pids = {name: service["pid"] for name, service in runtime["services"].items()}
    return {name: psutil.Process(pid) for name, pid in {**pids, "supervisor": runtime["supervisor_pid"]}.items()}


def gone(found: dict[str, psutil.Process]) -> bool:
    return not psutil.wait_procs(list(found.values()), timeout=10)[1]


def test_what_was_started_runs_in_the_background_until_it_is_stopped(viva: Viva, tmp_path: Path) -> None:
    started = viva("up", "--only", "mongo", "--only", "livekit")
    assert started.returncode == 0, started.stderr
    assert "mongodb://127.0.0.1:" in started.stdout
    running = processes(tmp_path)

    again = viva("up", "--only", "mongo")
    shown = viva("status")
    stopped = viva("down")

    assert again.returncode == 0
    assert (shown.returncode, shown.stdout.count("ready")) == (0, 2)
    assert stopped.returncode == 0, stopped.stderr
    assert gone(running)
    assert viva("status").returncode == 3


def test_a_killed_supervisor_takes_everything_along_and_the_next_start_is_clean(viva: Viva, tmp_path: Path) -> None:
    assert viva("up", "--only", "mongo").returncode == 0
    running = processes(tmp_path)

    running["supervisor"].kill()

    assert gone(running)
    assert viva("status").returncode == 3
    assert viva("up", "--only", "mongo").returncode == 0


def test_a_usual_port_that_is_taken_is_told_and_another_one_used(viva: Viva, tmp_path: Path) -> None:
    with socket.socket() as blocker:
        blocker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            blocker.bind(("127.0.0.1", 27117))
            blocker.listen()
        except OSError:
            pass  # somebody else holds it, which serves as well

        assert viva("up", "--only", "mongo").returncode == 0

    assert "port 27117 (mongo) is in use by" in viva("logs", "supervisor").stdout
    assert "127.0.0.1:27117" not in viva("status").stdout


def test_a_service_that_cannot_start_is_told_with_its_log(viva: Viva, tmp_path: Path) -> None:
    blocked = tmp_path / "state" / "data" / "mongo"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file where the database wants a folder")

    failed = viva("up", "--only", "mongo")

    assert failed.returncode == 1
    assert "mongo ended with exit code 1" in failed.stderr
    assert "cannot create the state directory" in failed.stderr
    assert str(tmp_path / "state" / "logs" / "mongo.log") in failed.stderr.replace("\n", "")
    assert viva("status").returncode == 3


def test_a_service_that_does_not_exist_is_answered_with_those_that_do(viva: Viva) -> None:
    failed = viva("up", "--only", "mongodb")

    assert failed.returncode == 1
    assert "known are mongo, livekit" in failed.stderr


def test_an_interview_is_made_from_the_command_line(viva: Viva, here: Viva) -> None:
    assert viva("up", "--only", "mongo", "--only", "livekit").returncode == 0
    assert here("user", "add", "ada@example.com").returncode == 0

    whose = ("--name", "Зоя", "--email", "zoe@example.com", "--owner", "ada@example.com")
    made = viva("interview", "new", *whose, "--question", "Why?", "--question", "How?")
    refused = [
        here("interview", "new", *whose),
        here("interview", "new", *whose, "--plan", "nothing"),
        here("interview", "new", "--name", "Z", "--email", "z", "--question", "Why?"),
        viva("interview", "new", "--name", "Z", "--email", "z@example.com", "--question", "Why?", "--owner", "nobody"),
    ]

    assert made.returncode == 0, made.stderr
    session_id, link = made.stdout.split()
    assert str(UUID(session_id)) == session_id
    assert re.fullmatch(r"http://\S+/interview#[\w-]{43}", link)
    assert [result.returncode for result in refused] == [1, 1, 1, 1]
    wanted = ["either questions or plan_id", "there is no plan", "email", "viva user add"]
    for result, words in zip(refused, wanted, strict=True):
        assert words in " ".join(result.stderr.split())
