"""What erasure leaves of a person in the files of the embedded database: no byte."""

from pathlib import Path

import pytest

from interview.clock import SystemClock
from interview.session import Candidate
from interview.storage import Storage
from local.services import Stack
from tests.storage.builders import session, settings
from tests.storage.test_privacy import whole_interview

NAME, EMAIL = "Zephyrine Quokka-Bytes", "Zephyrine.Bytes@quokka.example"
TRACES = (NAME, EMAIL, EMAIL.lower(), EMAIL.replace("@", "%40"))


def left_in(folder: Path) -> set[str]:
    """The traces that lie in any file of the folder, in any case."""
    contents = [path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()]
    assert any(len(content) > 50_000 for content in contents)
    return {trace for trace in TRACES for content in contents if trace.lower().encode() in content}


@pytest.mark.timeout(300)
async def test_no_byte_of_name_or_email_is_left_in_the_files(tmp_path: Path) -> None:
    async with Stack(tmp_path, services=["mongo"], progress=False) as stack:
        storage = await Storage.connect(settings(stack.url("mongo"), "viva"), SystemClock())
        person = Candidate(name=NAME, email=EMAIL)
        erased = [await whole_interview(storage, candidate=person) for _ in range(5)]
        for _ in range(20):
            await storage.sessions.add(session())
        assert left_in(tmp_path / "data") >= {NAME, EMAIL}
        for one in erased:
            await storage.erase_session(one.session_id)
        await storage.close()
    # stopped: until then the write-ahead log keeps what was written last
    assert left_in(tmp_path / "data") == set()


@pytest.mark.timeout(300)
async def test_the_write_ahead_log_forgets_after_some_megabytes_of_other_work(tmp_path: Path) -> None:
    async with Stack(tmp_path, services=["mongo"], progress=False) as stack:
        storage = await Storage.connect(settings(stack.url("mongo"), "viva"), SystemClock())
        erased = await whole_interview(storage, candidate=Candidate(name=NAME, email=EMAIL))
        await storage.erase_session(erased.session_id)
        other = session()
        await storage.sessions.add(other)
        for n in range(60):
            if not left_in(tmp_path / "data"):
                break
            await storage.files.put(f"f{n}", bytes(250_000), session_id=other.session_id, content_type="audio/ogg")
        assert left_in(tmp_path / "data") == set()
        await storage.close()
