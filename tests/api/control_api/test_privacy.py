"""Export, erasure and anonymising, over HTTP, on real parts."""

import base64
import io
import json
import re
import uuid
import wave
import zipfile
from urllib.parse import quote

import bson
import httpx
import numpy as np
from motor.motor_asyncio import AsyncIOMotorClient

from interview.session import Session, Status
from interview.storage.verify import verify
from interview.transcript import Speaker
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import JPEG, store_incident, store_segment, store_turn

SAID = "I migrated the <quokka> ledger"
NAME = "Zephyrine Ünïcode-Quokka"


def an_email() -> str:
    return f"Zephyrine.{uuid.uuid4().hex[:8]}@Quokka.example"


async def interviewed(house: House, owner: Account, email: str, name: str = NAME) -> Session:
    """An interview of that email with one of everything, completed, and its report built."""
    session_id = await house.started(owner, name=name, email=email)
    storage = house.storage
    session = await storage.sessions.get(session_id)
    await store_turn(storage, session, Speaker.INTERVIEWER, "Why?")
    await store_turn(storage, session, Speaker.CANDIDATE, SAID)
    await store_segment(storage, session, 0, (9000, 0))
    await store_segment(storage, session, 2, (0, 9000))
    await store_incident(storage, session)
    await storage.files.put(f"resume:{session_id}", b"%PDF", session_id=session_id, content_type="application/pdf")
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    house.clock.advance(60)
    report = await storage.reports.claim(f"test-{uuid.uuid4()}", 60)
    while report is not None and report.session_id != session_id:
        report = await storage.reports.claim(f"test-{uuid.uuid4()}", 60)
    assert report is not None
    assert report.owner is not None
    page = f"<p>{SAID}</p>".encode()
    await storage.reports.finish(report.report_id, report.owner, {"summary": SAID, "level": 4}, page)
    return await storage.sessions.get(session_id)


async def ask(house: House, what: str, asker: Account, email: str) -> httpx.Response:
    return await house.http.post(f"/api/privacy/{what}", json={"email": email}, headers=asker.headers)


async def export(house: House, asker: Account, email: str) -> zipfile.ZipFile:
    answer = await ask(house, "export", asker, email)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def everything(house: House) -> bytes:
    """Every raw document of the house's database."""
    client = AsyncIOMotorClient(house.settings.mongodb_uri)
    database = client[house.settings.mongodb_database]
    found = [bson.encode(one) for name in await database.list_collection_names() async for one in database[name].find()]
    client.close()
    return b"\n".join(found)


def forms_of(text: str) -> set[bytes]:
    """The forms in which a text may lie somewhere: as it is, percent-encoded, and in base64 at any offset."""
    plain = text.encode()
    forms = {plain, quote(text).encode(), quote(text, safe="").encode(), json.dumps(text)[1:-1].encode()}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain + b"\0\0")
        inner = re.sub(rb"=+$", b"", encoded)[4:-4]
        forms |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def assert_no_trace(haystack: bytes, *texts: str) -> None:
    low = haystack.lower()
    for text in texts:
        for form in forms_of(text) | forms_of(text.lower()) | forms_of(text.upper()):
            assert form.lower() not in low, f"{form!r} is left"


async def test_an_export_holds_everything_in_readable_form(house: House) -> None:
    owner, admin, email = await house.account(), await house.account(Role.ADMIN), an_email()
    session = await interviewed(house, owner, email)
    waiting = await house.created(owner, name=NAME, email=email.upper())
    archive = await export(house, admin, email.lower())
    assert archive.testzip() is None

    first = f"01-{session.created_at:%Y-%m-%d}"
    names = {name.removeprefix(f"{first}/") for name in archive.namelist() if name.startswith(first)}
    for wanted in (
        *("session.json", "consent.json", "transcript.txt", "transcript.json", "recording.wav", "report.html"),
        *("report.json", "incidents.json", "invites.json", "audit.json", "records/turns.json", "records/invites.json"),
        f"files/resume-{session.session_id}.pdf",
    ):
        assert wanted in names, names

    def read(name: str) -> bytes:
        return archive.read(f"{first}/{name}")

    assert f"{NAME}: {SAID}" in read("transcript.txt").decode()
    assert [turn["text"] for turn in json.loads(read("transcript.json"))] == ["Why?", SAID]
    assert json.loads(read("session.json"))["candidate"] == {"name": NAME, "email": session.candidate.email}
    assert json.loads(read("consent.json"))["items"]["interview"] is True
    assert json.loads(read("report.json"))[0]["content"] == {"summary": SAID, "level": 4}
    assert "create session" in {entry["action"] for entry in json.loads(read("audit.json"))}
    (still,) = [name for name in names if name.startswith("stills/")]
    assert read(still) == JPEG
    with wave.open(io.BytesIO(read("recording.wav"))) as sound:
        assert (sound.getnchannels(), sound.getnframes() / sound.getframerate()) == (2, 3.0)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).reshape(3, -1, 2)
    assert [[int(np.abs(second[:, side]).max()) > 4000 for side in (0, 1)] for second in samples] == [
        [True, False],
        [False, False],
        [False, True],
    ]

    index, note = archive.read("index.html").decode(), archive.read("README.txt").decode()
    for link in re.findall(r'href="([^"]+)"', index):
        assert link in archive.namelist()
    assert "transcript.txt" in note
    assert (
        json.loads(archive.read(f"02-{session.created_at:%Y-%m-%d}/session.json"))["session_id"]
        == waiting["session_id"]
    )
    noted = await house.storage.audit.of_subject(f"session:{session.session_id}")
    assert (f"user:{admin.user.user_id}", "export session") in {(one.actor, one.action) for one in noted}


async def test_what_is_added_to_a_session_later_is_in_the_export_by_itself(house: House) -> None:
    owner, email = await house.account(), an_email()
    session = await interviewed(house, owner, email)
    archive = await export(house, owner, email)
    for collection in house.storage.collections:
        field, kind = collection.shape.session_field, collection.shape.collection
        if field is not None and await collection.count({field: session.session_id}):
            records = json.loads(archive.read(f"01-{session.created_at:%Y-%m-%d}/records/{kind}.json"))
            assert len(records) == await collection.count({field: session.session_id})


async def test_what_cannot_be_opened_is_told_and_the_rest_is_given(house: House) -> None:
    owner, email = await house.account(), an_email()
    session = await interviewed(house, owner, email)
    client = AsyncIOMotorClient(house.settings.mongodb_uri)
    turns = client[house.settings.mongodb_database]["turns"]
    await turns.update_one({"_id": f"{session.session_id}:0"}, {"$set": {"sealed": b"\x01\x04nonsense"}})
    client.close()
    archive = await export(house, owner, email)
    assert f"turns:{session.session_id}:0" in archive.read("README.txt").decode()
    assert any(name.endswith("recording.wav") for name in archive.namelist())
    await house.http.delete(f"{BASE}/session/{session.session_id}", headers=owner.headers)


async def test_a_recruiter_exports_and_erases_their_own_sessions_only(house: House) -> None:
    owner, other, admin = await house.account(), await house.account(), await house.account(Role.ADMIN)
    email = an_email()
    own = (await house.created(owner, email=email))["session_id"]
    others = (await house.created(other, email=email))["session_id"]

    archive = await export(house, owner, email)
    assert others.encode() not in b"".join(archive.read(name) for name in archive.namelist())
    assert len({name.split("/")[0] for name in (await export(house, admin, email)).namelist() if "/" in name}) == 2

    assert (await ask(house, "erase", owner, email)).json() == {"erased_sessions": 1}
    assert (await house.storage.sessions.get(own)).status is Status.DELETED
    assert (await house.storage.sessions.get(others)).status is Status.INITIALIZED
    assert_problem(await ask(house, "export", owner, email), 404, "person_not_found")


async def test_an_account_is_in_an_admins_export_without_its_password(house: House) -> None:
    admin, somebody = await house.account(Role.ADMIN), await house.account()
    archive = await export(house, admin, somebody.user.email.upper())
    assert json.loads(archive.read("account.json"))["user_id"] == somebody.user.user_id
    assert b"password_hash" not in archive.read("account.json")
    assert_problem(await ask(house, "export", somebody, somebody.user.email), 404, "person_not_found")


async def test_erasing_by_email_leaves_no_trace_of_name_or_email_in_any_form(house: House) -> None:
    owner, admin, email = await house.account(), await house.account(Role.ADMIN), an_email()
    name = f"{NAME} {uuid.uuid4().hex[:6]}"
    done = await interviewed(house, owner, email, name)
    running = await house.started(owner, name=name, email=email.lower())
    body = {"name": name, "email": email.upper(), "questions": ["Why?"]}
    headers = owner.headers | {"Idempotency-Key": uuid.uuid4().hex}  # an answer that is kept to be repeated is gone too
    made = await house.http.post(f"{BASE}/create", json=body, headers=headers)
    waiting = made.json()["session_id"]
    assert name.encode() in await everything(house)

    answer = await ask(house, "erase", admin, email.swapcase())
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"erased_sessions": 3}

    assert_no_trace(await everything(house), email, name)
    assert f"interview-{running}" not in await house.rooms.list_rooms()
    for session_id in (done.session_id, running, waiting):
        assert (await house.storage.sessions.get(session_id)).status is Status.DELETED
        assert await house.storage.files.ids_of(session_id) == []
    assert (await ask(house, "erase", admin, email)).json() == {"erased_sessions": 0}
    assert await verify(house.storage) == []


async def test_anonymising_is_for_what_is_over_and_leaves_nobody(house: House) -> None:
    owner, email = await house.account(), an_email()
    running = await house.started(owner, email=email)
    path = f"{BASE}/session/{running}/anonymise"
    assert_problem(await house.http.post(path, headers=owner.headers), 409, "not_ended")

    session = await interviewed(house, owner, email)
    path = f"{BASE}/session/{session.session_id}"
    for _ in range(2):
        answer = await house.http.post(f"{path}/anonymise", headers=owner.headers)
        assert answer.json() == {"session_id": session.session_id, "status": "COMPLETED"}
    shown = (await house.http.get(path, headers=owner.headers)).json()
    assert shown["user_details"]["name"] == "anonymised"
    report = (await house.http.get(f"{path}/report", headers=owner.headers)).json()
    assert report["content"] == {"summary": "", "level": 4}
    transcript = (await house.http.get(f"{path}/transcript", headers=owner.headers)).json()
    assert [turn["text"] for turn in transcript["turns"]] == ["", ""]
    assert_problem(await house.http.get(f"{path}/recording", headers=owner.headers), 404, "no_recording")
    noted = await house.storage.audit.of_subject(f"session:{session.session_id}")
    assert [entry.action for entry in noted].count("anonymise session") == 1
    await house.http.delete(f"{BASE}/session/{running}", headers=owner.headers)
    assert_no_trace(await everything(house), email)


async def test_a_failed_session_that_is_anonymised_cannot_begin_again(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner, email=an_email())
    await house.storage.sessions.move(session_id, Status.FAILED, by="system:test", reason="lost")
    assert (await house.http.post(f"{BASE}/session/{session_id}/anonymise", headers=owner.headers)).status_code == 200
    answer = await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert_problem(answer, 409, "illegal_transition")


async def test_candidates_get_their_own_data_and_may_ask_for_its_erasure(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner, name=NAME, email=an_email())
    session_id = made["session_id"]
    candidate = await house.candidate(made["invite_url"])
    got: httpx.Response = await candidate.get("/api/privacy/my-data")
    assert session_id.encode() in zipfile.ZipFile(io.BytesIO(got.content)).read(
        next(name for name in zipfile.ZipFile(io.BytesIO(got.content)).namelist() if name.endswith("session.json"))
    )

    asked = [await candidate.post("/api/privacy/my-erasure") for _ in range(2)]
    problem_id = asked[0].json()["problem_id"]
    assert {(one.status_code, one.json()["problem_id"]) for one in asked} == {(202, problem_id)}
    noted = await house.storage.audit.of_subject(f"session:{session_id}")
    assert (f"candidate:{session_id}", "request erasure") in {(one.actor, one.action) for one in noted}
    queue = (await house.http.get("/api/problems", headers=owner.headers)).json()["problems"]
    assert [(one["problem_id"], one["kind"]) for one in queue] == [(problem_id, "erasure_request")]

    await house.consent(owner, session_id)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    assert_problem(await candidate.get("/api/privacy/my-data"), 409, "not_ended")
    assert_problem(await house.browser().get("/api/privacy/my-data"), 401, "not_authenticated")
