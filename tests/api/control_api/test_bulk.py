"""Bulk invitations by CSV: all or nothing."""

import csv
import io
from typing import Any

import httpx
import pytest

from control_api.idempotency import undo_dead_batches
from interview.errors import StorageUnavailable
from interview.session import Status
from interview.storage.session_pages import SessionFilter
from interview.storage.verify import verify
from tests.api.control_api.house import BASE, Account, House, assert_problem

HEADER = "name,email,language,not_before,not_after,reference"


def rows(count: int) -> str:
    return HEADER + "".join(f"\nCandidate {n},c{n}@example.com,en,,,A-{n}" for n in range(1, count + 1))


async def bulk(
    house: House, owner: Account, content: str | bytes, *, key: str | None = None, **query: Any
) -> httpx.Response:
    headers = {**owner.headers, "Content-Type": "text/csv; charset=utf-8"}
    if key:
        headers["Idempotency-Key"] = key
    body = content.encode() if isinstance(content, str) else content
    params = {"question": ["Why?", "How?"]} | query
    return await house.http.post(f"{BASE}/bulk", content=body, params=params, headers=headers)


async def owned(house: House, owner: Account) -> list[Any]:
    page, _ = await house.storage.sessions.page(SessionFilter(owner_id=owner.user.user_id), limit=100)
    return page


async def test_every_row_becomes_a_session_whose_link_opens_it(house: House) -> None:
    owner = await house.account()
    text = HEADER + (
        '\n"Ольга, Ёлкина",olga@example.com,,2090-01-01T09:00:00Z,2090-01-02T09:00:00+01:00,"two\nlines"'
        "\nAda,ada@example.com"
    )
    answer = await bulk(house, owner, text)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["created"], made["warnings"], made["mail"]) == (2, [], "not_asked")
    first = await house.storage.sessions.get(made["rows"][0]["session_id"])
    assert (first.candidate.name, first.reference, first.batch_id) == ("Ольга, Ёлкина", "two\nlines", made["batch_id"])
    assert first.not_after.isoformat() == "2090-01-02T08:00:00+00:00"
    assert [question.text for question in first.plan.questions] == ["Why?", "How?"]
    for row in made["rows"]:
        candidate = await house.candidate(row["invite_url"])
        assert (await candidate.get("/api/invites/seat")).json()["session_id"] == row["session_id"]
    listed = (await house.http.get(f"{BASE}/sessions", params={"order": "asc"}, headers=owner.headers)).json()
    assert [session["session_id"] for session in listed["sessions"]] == [row["session_id"] for row in made["rows"]]
    entries = await house.storage.audit.of_subject(f"batch:{made['batch_id']}")
    assert [entry.action for entry in entries] == ["create sessions in bulk"]


async def test_all_errors_are_told_by_row_and_column_and_nothing_is_made(house: House) -> None:
    owner = await house.account()
    text = HEADER + (
        "\nAda,ada@example.com,,,,"
        "\n,nobody,xx,tomorrow,,"
        "\nGrace,grace@example.com,xx,,,"
        "\nAlan,alan@example.com,,,2001-01-01T00:00:00Z,"
        "\nKurt,kurt@example.com,,2090-01-02T00:00:00Z,2090-01-01T00:00:00Z,"
        f"\n{'x' * 201},long@example.com,,,,"
        "\nJohn,john@,,,,"
    )
    problem = assert_problem(await bulk(house, owner, text), 422, "bulk_invalid")
    found = [(e["row"], e["column"], e["code"]) for e in problem["details"]["errors"]]
    assert found == [
        (2, "name", "missing"),
        (3, "language", "language_unknown"),
        (4, "not_after", "window_closed"),
        (5, "not_after", "invalid"),
        (6, "name", "invalid"),
        (7, "email", "invalid"),
    ]
    assert await owned(house, owner) == []


async def test_errors_are_bounded(house: House) -> None:
    owner = await house.account()
    text = "name,email" + "\nx,no email" * 1000
    problem = assert_problem(await bulk(house, owner, text), 422, "bulk_invalid")
    assert len(problem["details"]["errors"]) == 200
    assert problem["details"]["error_count"] == 1000


@pytest.mark.parametrize("query", [{"plan_id": "nothing"}, {}])
async def test_a_plan_has_to_be_there(house: House, query: dict[str, str]) -> None:
    owner = await house.account()
    answer = await bulk(house, owner, "name,email\nA,a@example.com", question=[], **query)
    problem = assert_problem(answer, 422, "bulk_invalid")
    error = problem["details"]["errors"][0]
    code = "plan_not_found" if query else "plan_missing"
    assert (error["row"], error["column"], error["code"]) == (1, "plan_id", code)


async def test_who_is_there_twice_is_a_warning_or_where_asked_an_error(house: House) -> None:
    owner = await house.account()
    text = "name,email\nA,a@example.com\nB,b@example.com\nA,A@Example.com"
    first = await bulk(house, owner, text)
    assert [(w["row"], w["code"]) for w in first.json()["warnings"]] == [(3, "duplicate_in_file")]
    again = await bulk(house, owner, "name,email\nB,b@example.com\nC,c@example.com")
    assert [(w["row"], w["code"]) for w in again.json()["warnings"]] == [(1, "session_open")]
    other = await bulk(house, owner, "name,email\nB,b@example.com", question=["Something else?"])
    assert other.json()["warnings"] == []
    refused = await bulk(house, owner, text, strict=True)
    problem = assert_problem(refused, 422, "bulk_invalid")
    found = [(e["row"], e["code"]) for e in problem["details"]["errors"]]
    assert found == [(1, "session_open"), (2, "session_open"), (3, "duplicate_in_file"), (3, "session_open")]
    assert len(await owned(house, owner)) == 6


async def test_a_dry_run_makes_nothing(house: House) -> None:
    owner = await house.account()
    answer = await bulk(house, owner, rows(3), dry_run=True)
    assert answer.status_code == 201
    assert (answer.json()["created"], answer.json()["batch_id"]) == (0, None)
    assert [row["session_id"] for row in answer.json()["rows"]] == [None] * 3
    assert await owned(house, owner) == []


async def test_a_thousand_rows_are_made_once_under_one_key(house: House) -> None:
    owner = await house.account()
    first = await bulk(house, owner, rows(1000), key="batch")
    assert first.status_code == 201, first.text
    assert first.json()["created"] == 1000
    assert (await bulk(house, owner, rows(1000), key="batch")).content == first.content
    assert_problem(await bulk(house, owner, rows(2), key="batch"), 409, "idempotency_mismatch")
    assert (await house.storage.sessions.counts_by_status(owner.user.user_id))[Status.INITIALIZED] == 1000


async def broken_after(house: House, monkeypatch: pytest.MonkeyPatch, chunks: int) -> None:
    """Let the database go away after so many chunks of sessions."""
    whole, done = house.storage.sessions.add_all, 0

    async def add_all(sessions: Any) -> None:
        nonlocal done
        if done == chunks:
            raise StorageUnavailable("gone")
        done += 1
        await whole(sessions)

    monkeypatch.setattr(house.storage.sessions, "add_all", add_all)


async def test_a_repeat_completes_a_batch_that_broke_in_the_middle(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await house.account()
    with monkeypatch.context() as patch:
        await broken_after(house, patch, 1)
        assert_problem(await bulk(house, owner, rows(150), key="k"), 503, "storage_unavailable")
    assert len(await owned(house, owner)) == 100
    made = (await bulk(house, owner, rows(150), key="k")).json()
    assert (made["created"], made["warnings"]) == (150, [])
    assert (await house.storage.sessions.counts_by_status(owner.user.user_id))[Status.INITIALIZED] == 150
    for row in (made["rows"][0], made["rows"][120]):
        await house.candidate(row["invite_url"])


async def test_what_a_batch_left_that_nobody_repeats_is_erased(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await house.account()
    with monkeypatch.context() as patch:
        await broken_after(house, patch, 1)
        assert_problem(await bulk(house, owner, rows(120)), 503, "storage_unavailable")
    house.clock.advance(1)
    assert await undo_dead_batches(house.app.state.parts) == 100
    assert await owned(house, owner) == []
    assert await undo_dead_batches(house.app.state.parts) == 0
    assert not [problem for problem in await verify(house.storage) if "erased" in problem]


async def test_only_a_csv_is_taken_and_only_here(house: House) -> None:
    owner = await house.account()
    json_sent = await house.http.post(f"{BASE}/bulk", json={"a": 1}, headers=owner.headers)
    assert_problem(json_sent, 415, "unsupported_media_type")
    headers = {**owner.headers, "Content-Type": "text/csv"}
    elsewhere = await house.http.post(f"{BASE}/create", content=b"name,email", headers=headers)
    assert_problem(elsewhere, 415, "unsupported_media_type")
    assert_problem(await bulk(house, owner, b"x" * 10_000_001), 413, "body_too_large")
    big = await bulk(house, owner, "name,email,reference\n" + "\n".join(["a,b,c" * 500] * 3000))
    assert_problem(big, 422, "bulk_invalid")
    assert_problem(await bulk(house, owner, b""), 422, "bulk_invalid")


async def test_a_spreadsheet_in_any_script_is_read(house: House) -> None:
    owner = await house.account()
    text = io.StringIO()
    names = ["山田 太郎", "محمد علي", 'Zoë; the "2nd"', "𝒜𝒹𝒶"]
    csv.writer(text, delimiter=";").writerows(
        [("E-Mail".replace("-", ""), "name"), *((f"x{n}@example.com", name) for n, name in enumerate(names))]
    )
    made = (await bulk(house, owner, text.getvalue().encode("utf-8-sig"))).json()
    stored = [await house.storage.sessions.get(row["session_id"]) for row in made["rows"]]
    assert [session.candidate.name for session in stored] == names
