"""Several candidates at the same time, each of whom can be told from all others in everything that they leave behind.

Each has words that nobody else says, hears or is asked about, and a tone of their own under their voice, by which the
delayed recogniser knows them too (`local.inference.delays`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import httpx
import numpy as np

from interview.errors import MachineError
from interview.session import Stage
from local.devices import SAMPLE_RATE, Microphone
from local.house import House
from local.ordeal import SPEED
from local.persona import Persona, Phrase, VoiceChoice, load
from local.recruiter import Created, Recruiter
from local.seat import Seat
from local.typist import Typist
from local.utterance import Utterance, utter

_FIRST_TONE_HZ = 2000
_TONES_APART_HZ = 230
TONE_LEVEL = 0.03 * 32767
"""An amplitude, 26 dB below a voice; codecs keep it. It lies under the words only, as gain would lift it elsewhere."""
_COME_IN_AT_ONCE = 2
"""Beginning costs a machine most."""
_WITHIN_S = 90.0
"""For each step of each; on a machine on which a crowd and its house have two cores."""


@dataclass(frozen=True)
class Secrets:
    """Words that belong to one member: of their name, their plan, and what they say and type."""

    name: str
    planned: str
    spoken: str
    typed: str

    @property
    def all(self) -> frozenset[str]:
        """All of them, in lower case."""
        return frozenset(word.lower() for word in (self.name, self.planned, self.spoken, self.typed))


_SECRETS = (
    Secrets("Basalt", "pelican", "tamarind", "viaduct"),
    Secrets("Cinnabar", "walrus", "artichoke", "lighthouse"),
    Secrets("Dolomite", "ocelot", "nutmeg", "aqueduct"),
    Secrets("Feldspar", "marmot", "rhubarb", "windmill"),
    Secrets("Gypsum", "heron", "saffron", "causeway"),
    Secrets("Hematite", "badger", "parsnip", "drawbridge"),
    Secrets("Jasper", "tapir", "cardamom", "obelisk"),
    Secrets("Malachite", "vulture", "turnip", "belfry"),
)
MOST = len(_SECRETS)


@dataclass
class Member:
    """One of the crowd, and what became of them."""

    secrets: Secrets
    tone_hz: int
    created: Created
    utterance: Utterance
    page: Typist

    @property
    def session_id(self) -> str:
        """The id of their session."""
        return self.created.session_id

    @property
    def typed(self) -> str:
        """What they answer to the second question."""
        return f"I measured the {self.secrets.typed} first, then I changed one part of it and measured it again."


async def gather(house: House, recruiter: Recruiter, size: int) -> list[Member]:
    """Invite so many, each on a plan of their own, and tell the recogniser what each will say.

    Raises `MachineError` where it does not run with a delay profile.
    """
    if size > MOST:
        raise MachineError(f"a crowd has at most {MOST} members, not {size}")
    members = [await _invited(recruiter, secrets, number) for number, secrets in enumerate(_SECRETS[:size])]
    async with httpx.AsyncClient(base_url=house.inference_url) as http:
        for member in members:
            said = member.utterance
            sheet = {"cues": [{"text": said.text, "duration_s": said.duration_s}], "tone_hz": member.tone_hz}
            answer = await http.post("/v1/bench/cues", json=sheet)
            if answer.is_error:
                raise MachineError(f"the cue sheet was answered {answer.status_code}: {answer.text[:300]}")
    return members


async def _invited(recruiter: Recruiter, secrets: Secrets, number: int) -> Member:
    persona = _persona(secrets)
    created = await recruiter.create(persona, await recruiter.plan(persona, SPEED))
    # twice: where a busy machine lets the recogniser hear two pieces, each is somebody's
    says = (
        f"I built the {secrets.spoken} with two others, and tested all parts of the {secrets.spoken} before we opened."
    )
    voice = await asyncio.to_thread(utter, (Phrase(say=says),), VoiceChoice())
    tone_hz = _FIRST_TONE_HZ + number * _TONES_APART_HZ
    turns = 2 * np.pi * tone_hz * np.arange(len(voice.samples)) / SAMPLE_RATE
    samples = voice.samples + (TONE_LEVEL * np.sin(turns)).astype(np.int16)
    return Member(secrets, tone_hz, created, replace(voice, samples=samples), Typist())


def _persona(secrets: Secrets) -> Persona:
    quick = load("quick")
    first, second = quick.questions
    return quick.model_copy(
        update={
            "name": f"Robin {secrets.name}",
            "email": f"{secrets.name.lower()}@example.com",
            "title": f"Keeper of the {secrets.planned}",
            "questions": (first.model_copy(update={"text": f"What did you build for the {secrets.planned}?"}), second),
        }
    )


async def attend(house: House, members: Sequence[Member], when_all_are_asked: Callable[[], Awaitable[None]]) -> None:
    """Let all of them take their interviews at the same time, to the end.

    When each of them has been asked the first question, `when_all_are_asked` is called, and then all speak at once.
    """
    door, asked = asyncio.Semaphore(_COME_IN_AT_ONCE), asyncio.Barrier(len(members))
    async with asyncio.TaskGroup() as group:
        for member in members:
            group.create_task(_attend(house, member, door, asked, when_all_are_asked))


async def _attend(
    house: House,
    member: Member,
    door: asyncio.Semaphore,
    asked: asyncio.Barrier,
    when_all_are_asked: Callable[[], Awaitable[None]],
) -> None:
    page = member.page
    async with Seat(house.api_url) as seat:
        view = await seat.open(member.created.invite_url)
        await seat.agree(view)
        microphone = Microphone(keep=False)
        feeding = asyncio.create_task(microphone.run(), name=f"microphone-{member.tone_hz}")
        try:
            async with door:
                await page.join(await seat.start(view.session_id))
                await page.publish(microphone)
                await page.until("the greeting begins", _is_spoken_to, _WITHIN_S)
            await _converse(member, microphone, asked, when_all_are_asked)
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await page.leave()


async def _converse(
    member: Member,
    microphone: Microphone,
    asked: asyncio.Barrier,
    when_all_are_asked: Callable[[], Awaitable[None]],
) -> None:
    page, (first, second) = member.page, member.created.question_ids
    await page.until("the warm-up is asked", lambda me: _listens_in(me, Stage.WARM_UP), _WITHIN_S)
    await page.type("I learned it at school and never stopped.")
    await page.until_asked(first, _WITHIN_S)
    if await asked.wait() == 0:
        await when_all_are_asked()
    await asked.wait()
    await microphone.say(member.utterance.samples)
    await page.until_asked(second, _WITHIN_S)
    await page.type(member.typed)
    await page.until("own questions", lambda me: _listens_in(me, Stage.CANDIDATE_QUESTIONS), _WITHIN_S)
    await page.type("No, thank you, I have no questions.")
    async with asyncio.timeout(_WITHIN_S):
        await page.disconnected.wait()


def _is_spoken_to(page: Typist) -> bool:
    return bool(page.shown) and page.shown[-1].state == "speaking"


def _listens_in(page: Typist, stage: Stage) -> bool:
    return bool(page.shown) and page.shown[-1].stage == stage and page.shown[-1].state == "listening"
