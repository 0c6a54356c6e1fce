"""schemathesis walks the whole document against the running API, as each kind of caller.

`WHOLE_SCHEMA_EXAMPLES` (default 4) is how many requests are made up for each operation, besides those with which an
admin and a candidate try the document's own bounds one by one; 100 is a run of half an hour.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from control_api.app import routed
from control_api.document.describe import operations
from interview.user import Role
from tests.api.control_api.house import BASE, House

EXAMPLES = os.environ.get("WHOLE_SCHEMA_EXAMPLES", "4")
LIMIT_S = 240
"""Of one caller's run with the default."""

LEFT_OUT = {
    "stream": "it never ends",
    "logout": "it ends the caller's own sign-in, and the rest would be 401",
    "logout_everywhere": "the same",
}
"""What is not called, and why."""

MADE_UP_ONLY = ("import_plan",)
"""Whose bounds are not tried one by one: they are those of `create_plan` and `update_plan`, twice, as JSON and YAML."""

ELSEWHERE = {"delete_session": "doomed", "anonymise_session": "over", "redo_session": "over", "end_session": "second"}
"""What is done to a session of its own, so that the others find theirs as it was."""

DOCUMENTED = [*operations(routed().openapi())]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)

REFUSALS = [400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429]
"""How wrong data may be answered."""


async def walk(
    house: House, folder: Path, headers: dict[str, str], names: dict[str, str], *phases: str, only: Sequence[str] = ()
) -> None:
    """Run schemathesis in a process of its own, over real HTTP; its words are the failure's words."""
    config = folder / "schemathesis.toml"
    lines = [f"headers = {{ {', '.join(f'{name} = {json.dumps(value)}' for name, value in headers.items())} }}"]
    lines += ["generation.with-security-parameters = false", "phases.coverage.unexpected-methods = []"]
    lines += ["[auth]", "auto-signup = false"]
    lines += ["[checks.negative_data_rejection]", f"expected-statuses = {REFUSALS}"]
    named = {name: value for name, value in names.items() if name.endswith("_id")}
    lines += ["[parameters]", *(f'"path.{name}" = "{value}"' for name, value in named.items())]
    for operation, name in ELSEWHERE.items():
        if name in names:
            lines += ["[[operations]]", f'include-operation-id = "{operation}"', "[operations.parameters]"]
            lines += [f'"path.session_id" = "{names[name]}"']
    for operation in MADE_UP_ONLY:
        lines += ["[[operations]]", f'include-operation-id = "{operation}"', "phases.coverage.enabled = false"]
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    command += [f"{house.url}/openapi.json", "--url", house.url, "--phases", ",".join(phases)]
    command += ["--generation-deterministic", "--workers", "1"]  # threads meet a bug of Python 3.11's `ast`
    command += ["--max-examples", EXAMPLES, "--checks", ",".join(CHECKS)]
    command += ["--request-timeout", "10", "--no-color"]
    command += ["--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure", "--no-shrink"]
    for name in LEFT_OUT:
        command += ["--exclude-operation-id", name]
    for name in only:
        command += ["--include-operation-id", name]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), LIMIT_S * int(EXAMPLES))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    (folder / "output.txt").write_bytes(output)
    assert process.returncode == 0, output.decode(errors="replace")[-20_000:]


def served(house: House) -> Counter[tuple[str, str]]:
    """How often each operation has succeeded."""
    found: Counter[tuple[str, str]] = Counter()
    for family in house.app.state.parts.monitoring.registry.collect():
        for sample in family.samples:
            if sample.name == "response_time_seconds_count" and sample.labels["status"] == "2xx":
                found[sample.labels["method"], sample.labels["route"]] += int(sample.value)
    return found


async def names_for(house: House, owner: Role = Role.RECRUITER) -> tuple[dict[str, str], dict[str, str]]:
    """Make what the paths name, and return the owner's headers and the names."""
    account, other = await house.account(owner), await house.account()
    made = await house.created(account)
    await house.consent(account, made["session_id"])
    problem = await house.raised(made)
    over = await house.started(account)
    await house.http.post(f"{BASE}/session/{over}/end", headers=account.headers)
    names = {
        "session_id": made["session_id"],
        "doomed": (await house.created(account))["session_id"],
        "second": await house.started(account),
        "over": over,
        "problem_id": problem["problem_id"],
        "plan_id": await house.kept_plan(account),
        "user_id": other.user.user_id,
    }
    return account.headers, names


@pytest.mark.timeout(LIMIT_S * 3)
async def test_an_admin_meets_no_error_of_ours_and_nothing_outside_the_document(house: House, tmp_path: Path) -> None:
    headers, names = await names_for(house, Role.ADMIN)
    before = served(house)
    await walk(house, tmp_path, headers, names, "examples", "coverage", "fuzzing")
    reached = {operation for operation, n in served(house).items() if n > before[operation]}
    assert len(reached) >= len(DOCUMENTED) / 2, "most of what is sent is refused: the run says little"


@pytest.mark.timeout(LIMIT_S * 3)
async def test_a_recruiter_meets_none_either(house: House, tmp_path: Path) -> None:
    headers, names = await names_for(house)
    await walk(house, tmp_path, headers, names, "examples", "fuzzing")


@pytest.mark.timeout(LIMIT_S * 3)
async def test_a_candidate_meets_none_either(house: House, tmp_path: Path) -> None:
    owner = await house.account()
    made = await house.created(owner)
    browser = await house.candidate(made["invite_url"])
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    theirs = [operation["operationId"] for _, _, operation in DOCUMENTED if {"seat": []} in operation["security"]]
    names = {"session_id": made["session_id"]}
    await walk(house, tmp_path, {"Cookie": cookie}, names, "examples", "coverage", "fuzzing", only=theirs)


@pytest.mark.timeout(LIMIT_S * 3)
async def test_a_stranger_meets_none_either(house: House, tmp_path: Path) -> None:
    await walk(house, tmp_path, {}, {}, "examples", "fuzzing")
