"""Personas: what a simulated candidate says and does, read from `local/personas/*.yaml`."""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import EmailStr, Field, ValidationError, model_validator

from interview.errors import ConfigurationError
from interview.record import Line, Record

PERSONAS = Path(__file__).parent / "personas"


class Phrase(Record):
    """Words spoken in one breath, and the pause that follows when more is to come."""

    say: Line
    pause_s: Annotated[float, Field(ge=0, le=5)] = 0.5


Speech = Annotated[tuple[Phrase, ...], Field(min_length=1)]


class VoiceChoice(Record):
    """Which voice of which engine of `local.inference.tts` the persona speaks with.

    The default is deeper than the interviewer's voice. Of those at hand it is the one that a tiny recogniser hears
    best: 98 % of the personas' words, against 89 % of espeak's en-us.
    """

    engine: Line = "hibari-low"
    voice: Line = "default"
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0


class PersonaQuestion(Record):
    """A question of the plan, and how this persona takes it.

    `interrupts_after_s`: begins to answer so long after the interviewer began to ask. `incomplete`: the answer is
    vague and deserves a follow-up, whose answer is `follow_up_answer`. `typed`: answers by typing. `backchannel`:
    what is said to show that one listens, `backchannel_after_s` after the interviewer began to ask.
    """

    text: Line
    competency: Line
    max_follow_ups: Annotated[int, Field(ge=0, le=3)] = 1
    answer: Speech
    interrupts_after_s: Annotated[float, Field(ge=0.5, le=60)] | None = None
    incomplete: bool = False
    follow_up_answer: tuple[Phrase, ...] = ()
    typed: bool = False
    backchannel: tuple[Phrase, ...] = ()
    backchannel_after_s: Annotated[float, Field(ge=0.5, le=60)] = 2.0

    @model_validator(mode="after")
    def _can_go_on(self) -> Self:
        if self.incomplete and not self.follow_up_answer:
            raise ValueError("an incomplete answer needs a follow_up_answer")
        return self


class Absence(Record):
    """Leaves the camera's view once: `after_s` into the answer to the question of that number (from 1)."""

    during_question: Annotated[int, Field(ge=1)]
    after_s: Annotated[float, Field(ge=0)]
    for_s: Annotated[float, Field(ge=0.5, le=60)]


class Persona(Record):
    """A whole simulated candidate. `nothing_to_add` answers whatever it has no other answer to."""

    name: Line
    email: EmailStr
    title: Line
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    """Of the interview; the voice must speak it."""
    voice: VoiceChoice = VoiceChoice()
    warm_up: Speech
    questions: Annotated[tuple[PersonaQuestion, ...], Field(min_length=1)]
    candidate_questions: Speech
    nothing_to_add: Speech = (Phrase(say="No, that is all from my side."),)
    absence: Absence | None = None

    @model_validator(mode="after")
    def _absence_is_during_a_question(self) -> Self:
        if self.absence and self.absence.during_question > len(self.questions):
            raise ValueError(f"the absence is during question {self.absence.during_question}, which there is not")
        return self

    @property
    def follow_ups_expected(self) -> int:
        """How many answers deserve a follow-up."""
        return sum(question.incomplete for question in self.questions)


def load(name: str | Path) -> Persona:
    """Read a persona by its name (a file of `local/personas` without `.yaml`) or from a path.

    Raises `ConfigurationError` that says which file, which field and what was wrong.
    """
    path = name if isinstance(name, Path) else PERSONAS / f"{name}.yaml"
    try:
        return Persona.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        known = ", ".join(sorted(p.stem for p in PERSONAS.glob("*.yaml")))
        raise ConfigurationError(f"there is no persona at {path}; known by name: {known}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"the persona {path} cannot be read: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'persona'}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"the persona {path} is not valid: {faults}") from error


def text_of(speech: tuple[Phrase, ...]) -> str:
    """Return the words of a speech as one text."""
    return " ".join(phrase.say for phrase in speech)
