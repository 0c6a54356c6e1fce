"""What is said in the benchmark's interviews, and to which questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import Field

from bench.pausing import drawn_pauses
from bench.voice import people
from interview.record import Line, Record
from local.persona import Persona, PersonaQuestion, Phrase, VoiceChoice, load
from local.utterance import Utterance, utter

Speech = tuple[Phrase, ...]

VOICES = (
    VoiceChoice(),
    VoiceChoice(engine="hibari", voice="high"),
    VoiceChoice(engine="espeak", voice="en-us"),
    VoiceChoice(engine="espeak", voice="en-gb+m3"),
    VoiceChoice(engine="espeak", voice="en-us+f2"),
)
"""Of the synthetic answers."""

_NEXT = (
    "What did you work on?",
    "What happened then?",
    "How did that go?",
    "What was hard about it?",
    "What did the others think?",
    "What did you learn?",
    "Can you give an example?",
    "What came next?",
    "Why was that?",
    "How did you notice?",
    "Who else was there?",
    "What would you change?",
    "How long did it take?",
    "What was your part?",
    "And after that?",
    "How did it end?",
)
_FLOOR = Path(__file__).with_name("floor.yaml")
_FOLLOW_UPS = Path(__file__).with_name("follow_ups.yaml")
_QUESTIONS_EACH = 10


@dataclass(frozen=True)
class Conversation:
    """One interview: the persona, the audio of what it says other than in its own voice, and what is known of it.

    `complete` says of each question's answer whether it is; empty where nobody asks that.
    """

    persona: Persona
    recorded: dict[Speech, Utterance] = field(default_factory=dict)
    complete: tuple[bool, ...] = ()

    def begin(self, questions: int) -> "Conversation":
        """Return the conversation with its first so many questions only."""
        persona = self.persona.model_copy(update={"questions": self.persona.questions[:questions]})
        return replace(self, persona=persona, complete=self.complete[:questions])


class Answer(Record):
    """A scripted answer, and whether it is complete."""

    question: Line
    competency: Line
    answer: Line
    complete: bool


class Asked(Record):
    """A question that takes long enough to be interrupted, with a short answer."""

    question: Annotated[Line, Field(min_length=60)]
    answer: Line


def pausing(folder: Path, number: int) -> Conversation:
    """Make a conversation of people who pause, and of synthetic voices that pause as long; `number` counts from 0.

    Two conversations that follow one another are all of the corpus; the next two are the same with other pauses.
    """
    take, half = divmod(number, 2)
    clips = people.clips()[half::2]
    bench = load("many_short")
    own = [question.answer for question in bench.questions if len(question.answer) > 1]
    spoken = [(clip.name, people.answer(clip, folder, seed=take)) for clip in clips]
    for place, speech in enumerate(own):
        voice = VOICES[(place + number) % len(VOICES)]
        drawn = np.random.default_rng([number, place])
        lengths = drawn_pauses(drawn, len(speech))
        pausing = tuple(one.model_copy(update={"pause_s": s}) for one, s in zip(speech, lengths, strict=True))
        # between the people, not after them: a voice of its own is no part of the interview
        spoken.insert(3 * place + 1, (f"synthetic {place}", utter(pausing, voice)))
    return _conversation(bench, spoken, [_NEXT[place % len(_NEXT)] for place in range(len(spoken))])


def _conversation(base: Persona, spoken: Sequence[tuple[str, Utterance]], asked: Sequence[str]) -> Conversation:
    questions, recorded = list[PersonaQuestion](), dict[Speech, Utterance]()
    for (name, utterance), text in zip(spoken, asked, strict=True):
        speech = (Phrase(say=name),)
        recorded[speech] = utterance
        questions.append(PersonaQuestion(text=text, competency="Work", answer=speech))
    return Conversation(base.model_copy(update={"questions": tuple(questions)}), recorded)


def floor(folder: Path, number: int) -> Conversation:
    """Make a conversation in which long questions are interrupted by people, or accompanied by backchannels, in turn.

    Each has five of both; `number`, from 0, chooses who interrupts and what is said by listeners.
    """
    rows = [Asked.model_validate(row) for row in yaml.safe_load(_FLOOR.read_text(encoding="utf-8"))["questions"]]
    short = sorted((clip for clip in people.clips() if clip.ends), key=lambda clip: clip.phrases[-1].end_s)
    listened = _listened(folder)
    base = load("many_short")
    questions, recorded = list[PersonaQuestion](), dict[Speech, Utterance]()
    for place, row in enumerate(rows):
        question = PersonaQuestion(
            text=row.question, competency="Work", max_follow_ups=0, answer=(Phrase(say=row.answer),)
        )
        pair = place // 2
        if place % 2:
            said = listened[(pair + number * len(rows) // 2) % len(listened)]
            speech: Speech = (Phrase(say=f"backchannel {place}"),)
            recorded[speech] = said
            question = question.model_copy(update={"backchannel": speech, "backchannel_after_s": 1.5 + pair % 3 * 0.5})
        else:
            clip = short[(2 * pair + number) % len(short)]
            speech = (Phrase(say=clip.name),)
            recorded[speech] = people.answer(clip, folder, seed=number)
            question = question.model_copy(update={"answer": speech, "interrupts_after_s": 1.5 + pair % 4 * 0.5})
        questions.append(question)
    return Conversation(base.model_copy(update={"questions": tuple(questions)}), recorded)


def _listened(folder: Path) -> list[Utterance]:
    """What listeners say: recordings of people and synthetic voices, in turn."""
    texts = yaml.safe_load(_FLOOR.read_text(encoding="utf-8"))["backchannels"]
    made = [utter((Phrase(say=text),), VOICES[place % len(VOICES)]) for place, text in enumerate(texts)]
    human = [people.listening(one, folder) for one in people.LISTENED]
    found = list[Utterance]()
    for place, utterance in enumerate(made):
        found += [*human[place : place + 1], utterance]
    return found


def follow_ups(number: int) -> Conversation:
    """Make a conversation of ten scripted answers, complete and incomplete ones; there are four: `number` from 0."""
    rows = [Answer.model_validate(row) for row in yaml.safe_load(_FOLLOW_UPS.read_text(encoding="utf-8"))]
    mine = rows[number * _QUESTIONS_EACH :][:_QUESTIONS_EACH]
    base = load("many_short")
    questions = [
        PersonaQuestion(text=row.question, competency=row.competency, answer=(Phrase(say=row.answer),)) for row in mine
    ]
    persona = base.model_copy(update={"questions": tuple(questions)})
    return Conversation(persona, complete=tuple(row.complete for row in mine))
