"""Clips through a real room: the same pictures over WebRTC to the proctoring process, for latency and cost."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import numpy as np
import psutil
from livekit import rtc

from bench.clips.people import FRAMES_PER_S
from bench.clips.scenes import Clip
from bench.clips.scoring import WITHIN_S
from bench.clips.voices import RATE, VoiceClip
from interview.clock import SystemClock
from interview.incident import Incident
from interview.incident_kind import IncidentKind
from interview.names import room_name
from interview.plan import Competency, Plan, ProctoringPolicy, Question
from interview.session import Candidate, Consent, ConsentItem, Progress, Session
from interview.signals import OF_THE_ROOM
from interview.storage import Storage
from local.camera import HEIGHT, WIDTH, i420
from local.ordeal import until
from local.services import Stack
from rooms.rooms import Rooms

_SERVICES = ("mongo", "livekit", "proctoring")
_AFTER_S = 4.0
_ASK_MEMORY_S = 2.0


@dataclass(frozen=True)
class Shown:
    """What became of one clip: for each event, its kind and the seconds from its onset to its filing, or None.

    `pss_mb` is the most that the process took while the clip was shown, asked every two seconds.
    """

    clip: str
    delays_s: tuple[tuple[IncidentKind, float | None], ...]
    filed: int
    cores: float
    pss_mb: float
    frames_per_s: float


async def show_all(clips: Sequence[Clip], spoken: Sequence[VoiceClip], folder: Path) -> list[Shown]:
    """Show the clips one after the other, each to a room of its own with one candidate, who is heard as well."""
    async with Stack(folder, services=list(_SERVICES)) as stack:
        settings = stack.settings()
        storage, rooms = await Storage.connect(settings, SystemClock()), Rooms.of(settings)
        try:
            return [await _show(clip, heard, stack, storage, rooms) for clip, heard in zip(clips, cycle(spoken))]
        finally:
            await rooms.aclose()
            await storage.close()


async def _show(clip: Clip, heard: VoiceClip, stack: Stack, storage: Storage, rooms: Rooms) -> Shown:
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
    sound = rtc.AudioSource(RATE, 1)
    microphone = rtc.LocalAudioTrack.create_audio_track("microphone", sound)
    voiced = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
    await room.local_participant.publish_track(microphone, voiced)
    await rooms.dispatch(session.session_id, session.attempt, proctor=True)
    try:
        await _watched(frames[0], source, storage, session.session_id)
        process = psutil.Process(stack.pid("proctoring"))
        worked, began = sum(process.cpu_times()[:2]), time.monotonic()
        started_at = datetime.now(UTC)
        measuring = asyncio.create_task(_most_mb(process), name="memory")
        speaking = asyncio.create_task(_speak(heard, sound), name="speak")
        await _play(frames, source)
        cores = (sum(process.cpu_times()[:2]) - worked) / (time.monotonic() - began)
        speaking.cancel()
        measuring.cancel()
        await asyncio.wait({speaking})
        pss_mb = await measuring
        await asyncio.sleep(_AFTER_S)
    finally:
        await room.disconnect()
        await rooms.close(session.session_id)
    incidents = await storage.incidents.of(session.session_id)
    batches = await storage.observations.of(session.session_id)
    looks = {one.at for batch in batches for one in batch.observations if one.at >= started_at}
    events = [(event.kind, event.start_s, event.end_s) for event in clip.events if event.kind is not None]
    events += [(IncidentKind.SECOND_VOICE, start_s, end_s) for start_s, end_s in heard.others if end_s < clip.length_s]
    delays = tuple((kind, _delay_s(incidents, kind, started_at, start_s, end_s)) for kind, start_s, end_s in events)
    return Shown(clip.name, delays, len(incidents), cores, pss_mb, len(looks) / clip.length_s)


def _delay_s(
    incidents: Sequence[Incident], kind: IncidentKind, began: datetime, start_s: float, end_s: float
) -> float | None:
    onset = began + timedelta(seconds=start_s)
    first, last = onset - timedelta(seconds=WITHIN_S), began + timedelta(seconds=end_s + WITHIN_S)
    about = [one for one in incidents if one.kind is kind and first <= one.started_at <= last]
    return min(((one.filed_at - onset).total_seconds() for one in about), default=None)


async def _most_mb(process: psutil.Process) -> float:
    """Ask every two seconds until cancelled; returns the most."""
    most = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            most = max(most, process.memory_full_info().pss / 1e6)
            await asyncio.sleep(_ASK_MEMORY_S)
    return most


async def _speak(heard: VoiceClip, sound: rtc.AudioSource) -> None:
    size = RATE // 50
    samples = (np.clip(heard.samples, -1, 1) * 32767).astype(np.int16)
    for start in range(0, len(samples) - size, size):
        await sound.capture_frame(rtc.AudioFrame(samples[start : start + size].tobytes(), RATE, 1, size))


async def _watched(frame: bytes, source: rtc.VideoSource, storage: Storage, session_id: str) -> None:
    """Send a picture until the proctor has stored an observation."""

    async def observed() -> bool:
        for _ in range(FRAMES_PER_S):
            source.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, frame))
            await asyncio.sleep(1 / FRAMES_PER_S)
        return bool(await storage.observations.of(session_id))

    await until(f"a proctor watches session {session_id}", observed)


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
