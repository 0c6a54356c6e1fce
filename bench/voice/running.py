"""Holds the interviews of one part in one house, and keeps what each of them gave."""

import asyncio
import json
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from bench.voice import analysis
from bench.voice.material import Conversation
from bench.voice.parts import Part
from bench.voice.plain_seat import PlainCandidate, PlainHouse, plain_house
from bench.voice.records import Held, System
from interview.errors import VivaError
from interview.transcript import Turn
from local import models
from local.attendance import Attendance
from local.candidate import Candidate, Limits
from local.house import House, house_of
from local.listening import percentile_ms, read_stereo
from local.services import Stack
from local.utterance import Utterance

log = logging.getLogger(__name__)

_END_WITHIN_S = 30
_LIMITS = Limits(whole_s=1500)
_LATE = ("late_finals", "late_first_audio")


class BenchFailed(VivaError):
    """A measurement could not be taken; the message says why."""

    code = "bench_failed"


class Announcer:
    """Tells the delayed recogniser what is said just before it is said, and remembers it in order.

    Recognising then costs the machine nothing. `cues` is False where a real recogniser hears.
    """

    def __init__(self, http: httpx.AsyncClient, *, cues: bool) -> None:
        self._http = http
        self._cues = cues
        self.said: list[Utterance] = []

    async def __call__(self, utterance: Utterance) -> None:
        """Announce one."""
        self.said.append(utterance)
        if not self._cues:
            return
        words = [word._asdict() for word in utterance.words()]
        cue = {"text": utterance.text, "duration_s": utterance.duration_s, "words": words}
        answer = await self._http.post("/v1/bench/cues", json={"cues": [cue], "now": True})
        if answer.is_error:
            raise BenchFailed(f"the cue was answered {answer.status_code}: {answer.text[:300]}")


class Running:
    """One part's house."""

    def __init__(
        self, part: Part, house: House, http: httpx.AsyncClient, plain: PlainHouse | None, recordings: Path
    ) -> None:
        self.part = part
        self.house = house
        self._http = http
        self._plain = plain
        self._recordings = recordings
        self._engines: dict[str, str] = {}

    async def look(self, console: Console) -> None:
        """Ask which engines run, and print what had to be replaced."""
        engines = await self.house.engines()
        self._engines = engines.as_dict()
        console.print(f"{self.part.name}: {self._engines} {self.part.settings or ''}")
        for notice in engines.notices:
            console.print(f"[bold yellow]NOTICE[/] {notice}")

    async def hold(self, conversation: Conversation, number: int, system: System) -> Held:
        """Hold one conversation and measure it. Raises `BenchFailed` when it did not come to its end."""
        cues = self.part.engines.delay_profile != "none"
        announcer, before = Announcer(self._http, cues=cues), await self._counts()
        recording = self._recordings / f"{number}-{system}.wav"
        photo = (await asyncio.to_thread(models.ensure, ["astronaut"]))["astronaut"]
        kind = PlainCandidate if system == "plain" else Candidate
        candidate = kind(
            conversation.persona, photo, limits=_LIMITS, recorded=conversation.recorded, announce=announcer
        )
        turns, ids = list[Turn](), tuple[str, ...]()
        if isinstance(candidate, PlainCandidate):
            attendance = await self._plainly(candidate, conversation, recording)
        else:
            attendance, turns, ids = await self._ours(candidate, conversation, recording)
        late = {name: n - before.get(name, 0) for name, n in (await self._counts()).items() if name in _LATE}
        _keep(recording.with_suffix(".attendance.json"), attendance.model_dump(mode="json"))
        _keep(recording.with_suffix(".turns.json"), [turn.model_dump(mode="json") for turn in turns])
        if attendance.trouble:
            raise BenchFailed(f"the candidate gave up: {attendance.trouble}")
        held = await asyncio.to_thread(_measured, attendance, announcer.said, turns, ids, conversation)
        return held.model_copy(
            update={
                "part": self.part.name,
                "system": system,
                "settings": self.part.settings,
                "engines": self._engines,
                "late": {name: n for name, n in late.items() if n},
            }
        )

    async def _ours(
        self, candidate: Candidate, conversation: Conversation, recording: Path
    ) -> tuple[Attendance, list[Turn], tuple[str, ...]]:
        async with await self.house.sign_in() as recruiter:
            created = await recruiter.create(conversation.persona)
            attendance = await candidate.attend(self.house.api_url, created.invite_url, recording)
            if attendance.trouble:
                await recruiter.end(created.session_id)
            await recruiter.ended(created.session_id, _END_WITHIN_S)
            return attendance, await recruiter.transcript(created.session_id), created.question_ids

    async def _plainly(self, candidate: PlainCandidate, conversation: Conversation, recording: Path) -> Attendance:
        if self._plain is None:
            raise BenchFailed("the plain pipeline does not run in this part")
        await asyncio.to_thread(candidate.rehearse)
        questions = [question.text for question in conversation.persona.questions]
        return await self._plain.attend(candidate, questions, recording)

    async def _counts(self) -> dict[str, int]:
        answer: dict[str, Any] = (await self._http.get("/healthz")).json()
        return answer["counts"]


def _keep(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _measured(
    attendance: Attendance,
    utterances: list[Utterance],
    turns: list[Turn],
    ids: tuple[str, ...],
    conversation: Conversation,
) -> Held:
    page = bool(ids)
    _, right, rate = read_stereo(attendance.recording)
    heard = analysis.interviewer_of(attendance, right, rate, page=page)
    said = analysis.uttered(attendance, utterances)
    started_s = attendance.start_answered_s - attendance.recording_start_s
    first = next((each.start_s for each in heard.sounds if each.end_s > started_s), None)
    if first is None:
        raise BenchFailed("the interviewer was never heard")
    return Held(
        part="",
        system="ours",
        first_words_s=round(first - started_s, 4),
        replies=tuple(analysis.replies(said, heard)),
        pauses=tuple(analysis.pauses(said, heard)),
        barge_in_s=tuple(analysis.barge_ins(said, heard)),
        backchannels=tuple(analysis.backchannels(said, heard, analysis.asked_of(attendance, turns, ids))),
        follow_ups=tuple(analysis.follow_ups(conversation.complete, turns, ids)) if conversation.complete else (),
        spoken_over=analysis.spoken_over(said, heard),
        torn=sum(one.torn for one in said),
    )


@asynccontextmanager
async def running(part: Part, folder: Path) -> AsyncIterator[Running]:
    """Run a part's house, with every process of production; its state is removed afterwards."""
    state = folder / "state"
    shutil.rmtree(state, ignore_errors=True)
    async with AsyncExitStack() as opened:
        stack = await opened.enter_async_context(Stack(state, engines=part.engines, overrides=part.settings))
        plain = await opened.enter_async_context(plain_house(stack)) if part.beside else None
        house = house_of(stack, {})
        http = await opened.enter_async_context(httpx.AsyncClient(base_url=house.inference_url, trust_env=False))
        yield Running(part, house, http, plain, folder)
    shutil.rmtree(state, ignore_errors=True)


def told(held: Held, number: int) -> str:
    """Say in a line what an interview gave."""
    first = [reply.first_s for reply in held.replies]
    line = [reply.line_s for reply in held.replies]
    cut = sum(pause.cut for pause in held.pauses)
    parts = [
        f"{held.part} {number} {held.system}: {len(first)} replies, first sound {percentile_ms(first, 50)} ms,",
        f"line {percentile_ms(line, 50)} ms, {cut} of {len(held.pauses)} pauses cut,",
        f"first words {round(1000 * (held.first_words_s or 0))} ms",
    ]
    if held.barge_in_s:
        parts.append(f"barge-in {percentile_ms(held.barge_in_s, 50)} ms of {len(held.barge_in_s)}")
    if held.backchannels:
        parts.append(f"{sum(held.backchannels)} of {len(held.backchannels)} backchannels kept")
    if held.follow_ups:
        followed = [one.complete for one in held.follow_ups if one.followed]
        parts.append(f"followed up: {followed.count(False)} incomplete and {followed.count(True)} complete answers")
    if held.torn:
        parts.append(f"torn: {held.torn}")
    if held.late:
        parts.append(f"late: {held.late}")
    return " ".join(parts)
