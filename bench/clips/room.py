"""Clips through a real room: the same pictures over WebRTC to the proctoring process, for latency and cost."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from livekit import rtc

from bench.clips.people import FRAMES_PER_S
from bench.clips.scenes import Clip
from bench.clips.scoring import WITHIN_S
from interview.clock import SystemClock
from interview.names import room_name
from interview.plan import Competency, Plan, ProctoringPolicy, Question
from interview.session import Candidate, Consent, ConsentItem, Progress, Session
from interview.signals import OF_THE_ROOM
from interview.storage import Storage
from local.camera import HEIGHT, WIDTH, i420
from local.services import Stack
from rooms.rooms import Rooms

_SERVICES = ("mongo", "livekit", "proctoring")
_AFTER_S = 4.0
_WATCHED_WITHIN_S = 60.0


@dataclass(frozen=True)
class Shown:
    """What became of one clip: for each of its events, seconds from its first frame to its filing, or None."""

    clip: str
    delays_s: tuple[float | None, ...]
    filed: int
    cores: float
    pss_mb: float
    frames_per_s: float


async def show_all(clips: Sequence[Clip], folder: Path) -> list[Shown]:
    """Show the clips one after the other, each to a room of its own with one candidate."""
    async with Stack(folder, services=list(_SERVICES)) as stack:
        settings = stack.settings()
        storage, rooms = await Storage.connect(settings, SystemClock()), Rooms.of(settings)
        try:
            return [await _show(clip, stack, storage, rooms) for clip in clips]
        finally:
            await rooms.aclose()
            await storage.close()


async def _show(clip: Clip, stack: Stack, storage: Storage, rooms: Rooms) -> Shown:
    # drawn before, so that drawing is not measured
    frames = await asyncio.to_thread(
        lambda: [i420(clip.draw(n / FRAMES_PER_S)) for n in range(int(clip.length_s * FRAMES_PER_S))]
    )
    session = _session()
    await storage.sessions.add(session)
    await rooms.open(session.session_id)
    session = await storage.sessions.start(session.session_id, by="bench")
    room = rtc.Room()
    await room.connect(stack.url("livekit"), rooms.candidate_token(session.session_id))
    source = rtc.VideoSource(WIDTH, HEIGHT)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False)
    await room.local_participant.publish_track(track, options)
    await rooms.dispatch(session.session_id, session.attempt, proctor=True)
    try:
        await _watched(frames[0], source, storage, session.session_id)
        process = psutil.Process(stack.pid("proctoring"))
        worked, began = sum(process.cpu_times()[:2]), time.monotonic()
        started_at = datetime.now(UTC)
        await _play(frames, source)
        cores = (sum(process.cpu_times()[:2]) - worked) / (time.monotonic() - began)
        pss_mb = process.memory_full_info().pss / 1e6
        await asyncio.sleep(_AFTER_S)
    finally:
        await room.disconnect()
        await rooms.close(session.session_id)
    incidents = await storage.incidents.of(session.session_id)
    batches = await storage.observations.of(session.session_id)
    looks = {one.at for batch in batches for one in batch.observations if one.at >= started_at}
    delays: list[float | None] = []
    for event in (event for event in clip.events if event.kind is not None):
        onset = started_at + timedelta(seconds=event.start_s)
        ends = started_at + timedelta(seconds=event.end_s + WITHIN_S)
        about = [
            one
            for one in incidents
            if one.kind is event.kind and onset - timedelta(seconds=WITHIN_S) <= one.started_at <= ends
        ]
        delays.append(min(((one.filed_at - onset).total_seconds() for one in about), default=None))
    return Shown(clip.name, tuple(delays), len(incidents), cores, pss_mb, len(looks) / clip.length_s)


async def _watched(frame: bytes, source: rtc.VideoSource, storage: Storage, session_id: str) -> None:
    """Send a picture until the proctor has stored an observation."""
    async with asyncio.timeout(_WATCHED_WITHIN_S):
        while not await storage.observations.of(session_id):
            for _ in range(FRAMES_PER_S):
                source.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, frame))
                await asyncio.sleep(1 / FRAMES_PER_S)


async def _play(frames: Sequence[bytes], source: rtc.VideoSource) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    for frame in frames:
        source.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, frame))
        due += 1 / FRAMES_PER_S
        await asyncio.sleep(max(0.0, due - loop.time()))


def _session() -> Session:
    now, session_id = datetime.now(UTC), str(uuid.uuid4())
    consent = dict.fromkeys(ConsentItem, True)
    return Session(
        session_id=session_id,
        owner_id="bench",
        candidate=Candidate(name="Ada", email="ada@example.org"),
        plan=Plan(
            plan_id="p",
            title="A clip",
            competencies=(Competency(id="c", name="Care"),),
            questions=(Question(id="q1", text="What did you do?", competency="c"),),
            proctoring=ProctoringPolicy(kinds=tuple(OF_THE_ROOM)),
        ),
        livekit_room_name=room_name(session_id),
        created_at=now,
        updated_at=now,
        not_after=now + timedelta(days=1),
        consent=Consent(items=consent, text_version="1", given_at=now, given_by="candidate"),
        progress=Progress(total=1),
    )
