"""An interview that something is done to: brought to the middle of an answer, and looked over afterwards.

Shared by the tests of recovery, which shorten the waiting windows, and by `bench.recovery`, which does not.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx

from interview.errors import MachineError, StorageUnavailable, VivaError
from interview.session import STARTED, Session, Stage, Status
from interview.storage import Storage
from interview.storage.verify import verify
from interview.transcript import LineKind, Speaker
from local.house import House
from local.inference.llm.scripted import FOLLOW_UP
from local.persona import Persona, load
from local.recruiter import Created, Recruiter
from local.seat import Seat
from local.services import Stack
from local.typist import Typist

SPEED = 2.0
"""How fast the interviewer speaks: what is waited for here is the house, not the end of its lines."""
WARM_UP = "I came to it by repairing the booking system of my sports club when I was a student."
FIRST_HALF = "I looked at the queue first."
"""So little that the scripted model asks one follow-up: the question is still open."""
_STEP_S = 90.0
"""How long the next step of an interview that was hit may take."""
DEADLINE = {"REPLY_DEADLINE_S": "3"}
"""A setting for the house: the follow-up must be asked whatever the machine has to do, or another question is open."""
SECOND_HALF = "Then I split the work into small batches and measured that the backlog was gone after an hour."

LATER_ANSWER = "I wrote down what I expected, then I halved the program until the mistake had nowhere left to hide."
MORE_QUESTIONS = ("What did you learn from it?", "Whom did you ask for help?", "What would you do first today?")
MORE_QUESTIONS += ("How did you measure it?", "What was left undone?", "How did you tell the others?")
NO_QUESTIONS = "No, thank you, I have no questions."


@dataclass(frozen=True)
class Scene:
    """A running house, seen from outside, from below, and past its API."""

    stack: Stack
    house: House
    storage: Storage


@dataclass
class Ordeal:
    """One interview that is going on."""

    scene: Scene
    created: Created
    seat: Seat
    candidate: Typist
    recruiter: Recruiter
    owned: AsyncExitStack
    """What is closed when the interview is over."""
    given: list[str] = field(default_factory=list)
    """What the candidate has answered, in order."""

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self.created.session_id

    async def session(self) -> Session:
        """Return the session as it is stored."""
        return await self.scene.storage.sessions.get(self.session_id)

    async def return_to_room(self) -> None:
        """Come back with a fresh token, as a page does. Raises `VivaError` or `ConnectError` while it cannot."""
        await self.candidate.join(await self.seat.come_back(self.session_id))

    async def move_to_other_device(self) -> None:
        """Open the link once more elsewhere, and go on from there."""
        seat = await self.owned.enter_async_context(Seat(self.scene.house.api_url))
        await seat.open(self.created.invite_url)
        self.seat, self.candidate = seat, Typist(microphone=self.candidate.with_microphone)
        await self.return_to_room()

    async def to_mid_answer(self) -> None:
        """Bring the interview to where half of the first answer is given and stored, and a follow-up asked."""
        candidate = self.candidate
        await candidate.until("the greeting is over", lambda me: bool(me.said) and me.shown[-1].state == "listening")
        await self.answer(WARM_UP)
        await candidate.until_asked(self.created.question_ids[0])
        await self.answer(FIRST_HALF)
        await until("the first half of the answer is stored", lambda: self.is_stored(FIRST_HALF))
        await candidate.until(
            "the follow-up is asked",
            lambda me: any(FOLLOW_UP in said.text for said in me.said) and me.shown[-1].state == "listening",
        )

    async def answer(self, text: str) -> None:
        """Type it; `given` remembers it."""
        await self.candidate.type(text)
        self.given.append(text)

    async def is_stored(self, text: str) -> bool:
        """Tell whether the candidate's words are in the transcript; False while the database is away."""
        try:
            turns = await self.scene.storage.turns.of(self.session_id)
        except StorageUnavailable:
            return False
        return any(turn.text == text for turn in turns)

    @property
    def place(self) -> int:
        """Which question the page shows, from 0. Raises `MachineError` while it shows none."""
        if self.candidate.on_question not in self.created.question_ids:
            raise MachineError(f"the page shows no question: {self.candidate.shown[-1:]}")
        return self.created.question_ids.index(self.candidate.on_question)

    async def go_on(self, within_s: float = 60) -> None:
        """Finish the answer to the question that is open, and wait for the next question."""
        place = self.place
        await self.answer(_answer_to(place))
        await self.candidate.until_asked(self.created.question_ids[place + 1], within_s)

    async def finish_answer(self) -> None:
        """Give the other half of the first answer and wait for the second question."""
        await self.go_on()
        await until("the other half is stored", lambda: self.is_stored(SECOND_HALF))

    async def to_close(self) -> Status:
        """Answer what is left, see the interview end by itself, and return how it ended."""
        candidate, last = self.candidate, len(self.created.question_ids) - 1
        while self.place < last:
            await self.go_on(_STEP_S)
        await self.answer(_answer_to(last))
        await candidate.until(
            "the candidate's own questions are asked for",
            lambda me: me.shown[-1].stage == Stage.CANDIDATE_QUESTIONS and me.shown[-1].state == "listening",
            _STEP_S,
        )
        await self.answer(NO_QUESTIONS)
        return await self.recruiter.ended(self.session_id, _STEP_S)

    async def lost(self) -> list[str]:
        """Return what the candidate answered and the transcript does not have exactly once."""
        turns = await self.scene.storage.turns.of(self.session_id)
        stored = Counter(turn.text for turn in turns if turn.speaker is Speaker.CANDIDATE)
        return [text for text in self.given if stored[text] != 1]

    async def repeated(self) -> list[str]:
        """Return the questions, and the greeting, that were said more than once."""
        turns = await self.scene.storage.turns.of(self.session_id)
        asked = Counter(turn.question_id for turn in turns if turn.line is LineKind.QUESTION)
        greeted = sum(1 for turn in turns if turn.line is LineKind.GREETING)
        again = [str(question) for question, times in asked.items() if times > 1]
        return again + (["the greeting"] if greeted > 1 else [])

    async def faults_found(self) -> list[str]:
        """Say in words what was lost or repeated, and what in the database is not whole."""
        first = self.created.question_ids[0]
        turns = await self.scene.storage.turns.of(self.session_id)
        answers = [turn.text for turn in turns if turn.speaker is Speaker.CANDIDATE and turn.question_id == first]
        asked = [turn for turn in turns if turn.question_id == first and turn.line is LineKind.QUESTION]
        greeted = [turn for turn in turns if turn.line is LineKind.GREETING]
        found = [] if answers == [FIRST_HALF, SECOND_HALF] else [f"{len(answers)} answers are stored instead of 2"]
        found += [] if len(asked) == 1 else [f"the question was asked {len(asked)} times"]
        found += [] if len(greeted) == 1 else [f"the candidate was greeted {len(greeted)} times"]
        return found + await verify(self.scene.storage)


def probing(questions: int = 2) -> Persona:
    """So many questions (2 to 8), each with one follow-up."""
    quick = load("quick")
    more = [quick.questions[0].model_copy(update={"text": text}) for text in MORE_QUESTIONS[: questions - 2]]
    asked = [question.model_copy(update={"max_follow_ups": 1}) for question in (*quick.questions, *more)]
    return quick.model_copy(update={"questions": tuple(asked)})


def _answer_to(place: int) -> str:
    """What is said last to a question: enough, and different for each."""
    return SECOND_HALF if place == 0 else f"{LATER_ANSWER} That was my answer number {place + 1}."


@asynccontextmanager
async def an_interview(
    scene: Scene, *, join: bool = True, microphone: bool = False, questions: int = 2, speed: float = SPEED
) -> AsyncIterator[Ordeal]:
    """Start an interview of so many questions, its candidate in the room unless `join` is False; end it afterwards.

    With `microphone` the candidate has one, and types nevertheless. `speed` is the interviewer's; what was said at the
    same speed in this house before is known and needs no voice.
    """
    async with (
        await scene.house.sign_in() as recruiter,
        Seat(scene.house.api_url) as seat,
        AsyncExitStack() as owned,
    ):
        persona = probing(questions)
        created = await recruiter.create(persona, await recruiter.plan(persona, speed))
        view = await seat.open(created.invite_url)
        await seat.agree(view)
        ordeal = Ordeal(scene, created, seat, Typist(microphone=microphone), recruiter, owned)
        try:
            room_pass = await seat.start(created.session_id)
            if join:
                await ordeal.candidate.join(room_pass)
            yield ordeal
        finally:
            await ordeal.candidate.leave()
            await until("it can be ended", lambda: _ended(recruiter, created.session_id))


async def until(what: str, condition: Callable[[], Awaitable[bool]], within_s: float = 60) -> None:
    """Wait until `condition` holds. Raises `MachineError` that says `what` did not."""
    try:
        async with asyncio.timeout(within_s):
            while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise MachineError(f"not within {within_s:g} s: {what}") from None


async def _ended(recruiter: Recruiter, session_id: str) -> bool:
    try:
        if await recruiter.status(session_id) in STARTED:
            await recruiter.end(session_id)
    except (VivaError, httpx.HTTPError):
        return False  # the API is not back yet
    return True
