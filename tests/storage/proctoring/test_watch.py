"""A watch that writes to a real database, on a virtual clock, looking at real faces."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest

from interview.accommodation import Accommodations
from interview.audio import decode_segment
from interview.clock import VirtualClock
from interview.disturbance import DisturbanceKind
from interview.incident import Observation, ObservationBatch
from interview.outbox import Outbox
from interview.plan import IncidentKind, ProctoringPolicy
from interview.rules import RuleSet, default_rules, replay, rules_for
from interview.settings import Settings
from interview.storage import Storage
from interview.writes import Writer
from local import models
from local.camera import Image, Scene
from proctoring.analysis import Analysis, Sound
from proctoring.detectors.faces import FaceFinder
from proctoring.detectors.shared import load
from proctoring.detectors.voice import SAMPLE_RATE, VoiceWatch
from proctoring.rules import rules_of
from proctoring.watch import Assignment, Watch
from tests.storage.builders import NOON, session

FRAME_S = 0.2
RULES = rules_of(session(), default_rules())

Show = Callable[[float], Image]


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(models.ensure(["astronaut"], progress=False)["astronaut"])


@pytest.fixture(scope="module")
def analysis() -> Iterator[Analysis]:
    path = models.ensure(["yunet"], progress=False)["yunet"]
    shared = Analysis(load(Settings.model_construct(face_detector_model=path)), pace=lambda: 1.0)
    yield shared
    shared.close()


class Filmed:
    """One session, watched by one worker after another."""

    def __init__(
        self, storage: Storage, analysis: Analysis, clock: VirtualClock, session_id: str, rules: RuleSet = RULES
    ) -> None:
        self.storage = storage
        self.clock = clock
        self.assignment = Assignment(session_id, 1, rules)
        self._analysis = analysis
        self._begin()

    def _begin(self) -> None:
        self.outbox = Outbox("test", Writer(self.storage).perform)
        self.watch = Watch(self.assignment, self._analysis, self.storage, self.outbox, self.clock)

    async def film(self, show: Show, seconds: float) -> None:
        for _ in range(round(seconds / FRAME_S)):
            self.clock.advance(FRAME_S)
            await self.watch.look(self.clock.now(), show((self.clock.now() - NOON).total_seconds()))

    async def write(self) -> None:
        """Write what is queued, as the worker does all the time."""
        self.outbox.close()
        await self.outbox.run()

    async def replace_worker(self, after_s: float) -> None:
        """The worker dies with what it had not yet queued; another takes its place after so long."""
        await self.write()
        self.clock.advance(after_s)
        self._begin()
        await self.watch.resume()

    async def observations(self) -> list[Observation]:
        batches = await self.storage.observations.of(self.assignment.session_id)
        return [observation for batch in batches for observation in batch.observations]

    async def spans(self) -> list[tuple[IncidentKind, float, float | None]]:
        incidents = await self.storage.incidents.of(self.assignment.session_id)
        return [(i.kind, _seconds(i.started_at), i.ended_at and _seconds(i.ended_at)) for i in incidents]


def _seconds(moment: datetime) -> float:
    return (moment - NOON).total_seconds()


@pytest.fixture
async def filmed(timed: Storage, analysis: Analysis, clock: VirtualClock) -> Filmed:
    watched = session()
    await timed.sessions.add(watched)
    return Filmed(timed, analysis, clock, watched.session_id)


async def test_what_cannot_be_looked_for_is_stored_with_the_session_and_nothing_else_stops(
    timed: Storage, analysis: Analysis, clock: VirtualClock, scene: Scene
) -> None:
    """Only the finder of faces is loaded here."""
    watched = session()
    await timed.sessions.add(watched)
    missing = {IncidentKind.DIFFERENT_PERSON, IncidentKind.PHONE, IncidentKind.SECOND_VOICE}
    policy = ProctoringPolicy(kinds=(IncidentKind.NO_FACE, *missing))
    rules = rules_for(default_rules(), policy, Accommodations())
    filmed = Filmed(timed, analysis, clock, watched.session_id, rules)
    filmed.watch.tell_what_is_off()
    await filmed.film(scene.person, 4)
    await filmed.film(scene.empty, 5)
    filmed.watch.finish()
    await filmed.write()
    told = await filmed.storage.disturbances.of(filmed.assignment.session_id)
    assert {one.kind for one in told} == {DisturbanceKind.NOT_WATCHED}
    assert {one.what for one in told} == missing
    assert [kind for kind, *_ in await filmed.spans()] == [IncidentKind.NO_FACE]


async def test_a_restarted_worker_goes_on_with_the_same_incident(filmed: Filmed, scene: Scene) -> None:
    await filmed.film(scene.person, 4)
    await filmed.film(scene.empty, 5)
    await filmed.replace_worker(after_s=1)
    await filmed.film(scene.empty, 2)
    await filmed.film(scene.person, 4)
    filmed.watch.finish()
    await filmed.write()

    assert await filmed.spans() == [(IncidentKind.NO_FACE, pytest.approx(4.2), pytest.approx(12.2))]
    (incident,) = await filmed.storage.incidents.of(filmed.assignment.session_id)
    assert [still.moment for still in incident.stills] == ["before", "at", "after"]
    batches = await filmed.storage.observations.of(filmed.assignment.session_id)
    assert [batch.seq for batch in batches] == list(range(len(batches)))


async def test_after_a_long_break_the_incident_ends_where_it_was_last_seen(filmed: Filmed, scene: Scene) -> None:
    await filmed.film(scene.person, 2)
    await filmed.film(scene.empty, 6)
    await filmed.replace_worker(after_s=60)
    await filmed.film(scene.person, 3)
    filmed.watch.finish()
    await filmed.write()
    ((kind, started_s, ended_s),) = await filmed.spans()
    assert (kind, started_s) == (IncidentKind.NO_FACE, pytest.approx(2.2))
    assert ended_s == pytest.approx(8, abs=2)


async def test_what_was_observed_but_not_filed_before_the_worker_died_is_filed(filmed: Filmed, scene: Scene) -> None:
    nobody = tuple(
        Observation(
            at=NOON + timedelta(seconds=FRAME_S * frame),
            detector=FaceFinder.name,
            version=FaceFinder.version,
            values={"best": 0.0, "second": 0.0},
        )
        for frame in range(20)
    )
    batch = ObservationBatch(session_id=filmed.assignment.session_id, attempt=1, seq=0, observations=nobody)
    await filmed.storage.observations.append(batch)
    await filmed.replace_worker(after_s=4)
    await filmed.film(scene.person, 3)
    filmed.watch.finish()
    await filmed.write()
    assert await filmed.spans() == [(IncidentKind.NO_FACE, 0, pytest.approx(4.2))]


async def test_stored_observations_give_the_incidents_again(filmed: Filmed, scene: Scene) -> None:
    for show, seconds in ((scene.person, 12), (scene.empty, 3), (scene.person, 7), (scene.empty, 4)):
        await filmed.film(show, seconds)
    filmed.watch.finish()
    await filmed.write()
    replayed = replay(await filmed.observations(), RULES)
    stored = await filmed.storage.incidents.of(filmed.assignment.session_id)
    assert len(stored) == 2
    assert [(c.kind, c.started_at, c.ended_at, c.confidence) for c in replayed] == [
        (i.kind, i.started_at, i.ended_at, i.confidence) for i in stored
    ]


async def test_a_clean_interview_files_nothing_and_learns_where_straight_ahead_is(
    timed: Storage, analysis: Analysis, clock: VirtualClock, scene: Scene
) -> None:
    watched = session()
    await timed.sessions.add(watched)
    policy = ProctoringPolicy(kinds=(IncidentKind.NO_FACE, IncidentKind.HEAD_AWAY))
    rules = rules_for(default_rules(), policy, Accommodations())
    filmed = Filmed(timed, analysis, clock, watched.session_id, rules)
    await filmed.film(scene.person, 20)
    filmed.watch.finish()
    await filmed.write()
    assert await filmed.spans() == []
    poses = [seen.values for seen in await filmed.observations() if seen.detector == "face_mesh"]
    assert "head_away_deg" not in poses[0]
    assert poses[-1]["head_away_deg"] < 10


async def test_the_dark_is_told_to_the_rules_and_is_no_absence(filmed: Filmed, scene: Scene) -> None:
    await filmed.film(scene.person, 2)
    await filmed.film(lambda at_s: scene.person(at_s) // 20, 6)
    await filmed.film(scene.person, 2)
    filmed.watch.finish()
    await filmed.write()
    assert await filmed.spans() == []
    dark = [seen for seen in await filmed.observations() if seen.values.get("luma", 255) < 20]
    assert len(dark) == 30


async def test_a_picture_from_before_the_camera_went_off_does_not_say_that_it_is_on_again(
    timed: Storage, analysis: Analysis, clock: VirtualClock, scene: Scene
) -> None:
    watched = session()
    await timed.sessions.add(watched)
    rules = rules_for(default_rules(), ProctoringPolicy(kinds=(IncidentKind.CAMERA_OFF,)), Accommodations())
    filmed = Filmed(timed, analysis, clock, watched.session_id, rules)
    await filmed.film(scene.person, 1)
    looking = asyncio.create_task(filmed.watch.look(clock.now(), scene.person(1)))
    await asyncio.sleep(0)  # it is being looked at
    clock.advance(0.1)
    filmed.watch.camera_off()
    await looking
    clock.advance(30)
    await filmed.film(scene.person, 1)
    filmed.watch.finish()
    await filmed.write()
    assert await filmed.spans() == [(IncidentKind.CAMERA_OFF, pytest.approx(1.1), pytest.approx(31.3))]


class Hearing(Analysis):
    """The detectors, but for the voices: every stretch of sound is somebody else's."""

    async def hear(self, at: datetime, sound: Sound, voices: VoiceWatch) -> tuple[Observation, ...]:
        return (Observation(at=at, detector="voices", version="1", values={"second_voice": 0.9, "window_s": 1.6}),)


async def test_a_second_voice_is_kept_as_a_few_seconds_of_sound(filmed: Filmed, analysis: Analysis) -> None:
    rules = default_rules().kinds
    watched = RuleSet(version="1", rules=rules, watched=(IncidentKind.SECOND_VOICE,))
    filmed.assignment = Assignment(filmed.assignment.session_id, 1, watched)
    watch = Watch(filmed.assignment, analysis, filmed.storage, filmed.outbox, filmed.clock)
    watch._analysis = Hearing(analysis._models)  # pyright: ignore[reportPrivateUsage] - the same models, unloaded once
    tone = np.asarray(np.sin(np.arange(SAMPLE_RATE) * 0.2) / 2, dtype=np.float32)
    for _ in range(5):
        filmed.clock.advance(1)
        await watch.hear(filmed.clock.now(), tone)
    watch.finish()
    await filmed.write()
    (incident,) = await filmed.storage.incidents.of(filmed.assignment.session_id)
    (clip,) = incident.clips
    ogg = await filmed.storage.files.get(clip.file_id)
    assert len(ogg) < 60_000
    heard = decode_segment(ogg, SAMPLE_RATE)
    assert len(heard) / SAMPLE_RATE == pytest.approx(clip.duration_s, abs=0.1)
    assert np.abs(heard[SAMPLE_RATE:]).mean() > 1000
