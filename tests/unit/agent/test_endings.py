"""When a turn ends: what a silence means, and the detector that tells the framework.

Words and probabilities are those that people's recordings gave (`bench/turns.py`).
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from livekit.agents.voice.turn import TurnDetectionEvent

from agent.endings import ASKED_AT_S, SOUNDS_APART_S, Endings, EndingsStream
from agent.turntaking import Evidence, Silence, Tuning, judge, quick, sound_may_tell

TOLD = (
    "I led the move of our billing to a new database, which took eight months, and I planned it so that we could go "
    "back at every step, and in the end nobody noticed it"
)


@pytest.mark.parametrize(
    "words",
    [
        "so what I'm having is",
        "so we had a, we had a long problem about",
        "the relative time in a sort of, you know,",
        "So the few of you and Marika, who's not here, and occasionally",
        "So this is the second pass these",
        "I think they probably ought to, but",
        "And the answer that comes back is,",
        "Yeah, we had a long discussion about how",
        "um",
        "",
    ],
)
def test_words_that_break_off_are_waited_for_without_a_sound(words: str):
    verdict = judge(Evidence(words, probability=0.75, complete=True))
    assert verdict.silence is Silence.OPEN
    assert verdict.end_s > 3.0
    assert verdict.sound_s is None


@pytest.mark.parametrize(
    "words",
    [
        "Well, good luck with that.",
        "well, they've only just started realizing that this is probably the right way to look at it.",
        "ask what you can do for your country.",
        "No, on the desktop there's a project documents link.",
        "Who wants to take notes today?",
        "That's about it.",
        "I enjoyed what we did.",
    ],
)
def test_a_whole_sentence_is_acknowledged_at_once_and_the_next_question_waits(words: str):
    verdict = judge(Evidence(words, probability=0.7))
    assert verdict.silence is Silence.DOUBTFUL
    assert verdict.sound_s is not None
    assert verdict.sound_s <= 0.6
    assert verdict.end_s >= 2.0


def test_an_answer_that_is_told_judged_and_sounds_final_is_acknowledged_and_soon_replied_to():
    told = Evidence(TOLD, probability=0.6, complete=True)
    assert judge(told).silence is Silence.LIKELY
    assert judge(told).sound_s == judge(Evidence("I think we're ready to begin.")).sound_s
    assert judge(told).end_s <= 1.2
    assert 2.0 < judge(replace(told, longest_pause_s=2.2)).end_s < 3.0, "who pauses so long may do it again"
    assert judge(told, quick(Tuning())).end_s <= 0.5, "where no sound is made, the reply is the first"
    assert judge(Evidence(TOLD, probability=0.6, complete=False)).silence is Silence.DOUBTFUL
    assert judge(Evidence(TOLD, probability=0.1, complete=True)).silence is Silence.DOUBTFUL
    assert judge(Evidence(TOLD + " but", probability=0.6, complete=True)).silence is Silence.OPEN
    assert judge(Evidence("I led it.", probability=0.6, complete=True)).silence is Silence.DOUBTFUL


def test_a_request_needs_no_patience_but_its_last_words():
    assert judge(Evidence("Could you repeat the question, please?")).end_s <= 0.5
    assert judge(Evidence("No, thank you.")).silence is Silence.FINISHED
    assert judge(Evidence("No, thank you.", settled=False)).end_s > 1.0
    assert judge(Evidence("I don't know.")).silence is Silence.DOUBTFUL, "people say so while they think"


def test_who_pauses_longer_or_was_cut_off_is_given_more_time_within_a_bound():
    tuning = Tuning()
    sentence = "I think we're ready to begin."
    plain = judge(Evidence(sentence)).end_s
    assert judge(Evidence(sentence, cut_offs=1)).end_s > plain
    assert judge(Evidence(sentence, longest_pause_s=2.2)).end_s > plain
    assert judge(Evidence(sentence, cut_offs=50, longest_pause_s=20)).end_s == tuning.open_s
    assert judge(Evidence(TOLD, probability=0.6, complete=True, cut_offs=1)).silence is Silence.DOUBTFUL


@pytest.mark.parametrize("word", ["because", "my"])
def test_after_such_a_word_a_full_stop_says_nothing_and_a_question_mark_ends(word: str):
    assert judge(Evidence(f"I worked there {word}.")).end_s == Tuning().open_s
    assert judge(Evidence(f"what do you mean {word}?")).end_s < Tuning().open_s


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time jumps to the next timer instead of passing."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let so much time pass, running what is due at its moment."""
        until = self._now + seconds
        while True:
            self._settle()
            due = [timer.when() for timer in cast(Any, self)._scheduled if not timer.cancelled()]
            if not due or min(due) > until:
                break
            self._now = max(self._now, min(due))
            self._settle()
        self._now = until
        self._settle()

    def advance_to(self, moment: float) -> None:
        """Let time pass until this moment."""
        self.advance(moment - self._now)

    def _settle(self) -> None:
        for _ in range(3):
            self.call_soon(self.stop)
            self.run_forever()


class Model:
    """The turn model's stream: answers what it is told to."""

    def __init__(self) -> None:
        self.asked: asyncio.Future[TurnDetectionEvent] | None = None

    def predict(self) -> asyncio.Future[TurnDetectionEvent]:
        self.asked = asyncio.get_running_loop().create_future()
        return self.asked

    def answers(self, probability: float) -> None:
        assert self.asked, "it was not asked"
        self.asked.set_result(TurnDetectionEvent("eot_prediction", probability, 0.0))

    def cancel_inference(self) -> None: ...

    def flush(self) -> None: ...


class Turn:
    """A candidate's turn, as the framework tells the detector of it. Times count from the last sound."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.sounds: list[float] = []
        self.sound_s = 0.6
        self.endings = Endings(sound=self.makes_sound)
        self.model = Model()
        self.stream = EndingsStream(self.endings, cast(Any, self.model))
        self.endings._stream = self.stream
        self.answer: asyncio.Future[TurnDetectionEvent] | None = None

    def says(self, words: str, probability: float = 0.6) -> None:
        """Words, then `ASKED_AT_S` of silence, the model's answer, and the recogniser's final words a little later."""
        self.endings.heard(words, final=False)
        self.loop.advance(ASKED_AT_S)
        self.answer = self.within(self.stream.predict)
        if self.model.asked and not self.model.asked.done():
            self.within(lambda: self.model.answers(probability))
        self.loop.advance(0.05)
        self.within(lambda: self.endings.heard(words, final=True))

    def makes_sound(self) -> float:
        self.sounds.append(round(self.loop.time(), 2))
        return self.sound_s

    def goes_on(self) -> None:
        self.within(self.stream.cancel_inference)

    def ended(self) -> bool:
        return bool(self.answer and self.answer.done() and self.answer.result().end_of_turn_probability > 0.5)

    def within(self, act: Any) -> Any:
        """Run something inside the loop."""
        out: list[Any] = []
        self.loop.call_soon(lambda: out.append(act()))
        self.loop.advance(0.0)
        return out[0]


@pytest.fixture
def turn() -> Iterator[Turn]:
    loop = VirtualLoop()
    yield Turn(loop)
    loop.close()


def test_a_whole_sentence_gets_one_sound_and_ends_the_turn_later(turn: Turn):
    turn.says("I think we're ready to begin.")
    turn.loop.advance(1.0)
    assert len(turn.sounds) == 1
    assert turn.sounds[0] <= 0.6
    assert not turn.ended()
    turn.loop.advance(1.3)
    assert turn.ended()
    assert len(turn.sounds) == 1


def test_a_sound_that_is_due_too_soon_after_the_last_waits_and_one_just_before_the_line_is_not_made(turn: Turn):
    turn.says("I think we're ready to begin.")
    turn.loop.advance(0.2)
    turn.goes_on()
    turn.says("It was a good team.")
    turn.loop.advance(0.8)
    assert len(turn.sounds) == 1
    turn.loop.advance(0.6)
    assert len(turn.sounds) == 2
    assert turn.sounds[1] - turn.sounds[0] == pytest.approx(SOUNDS_APART_S)
    turn.goes_on()
    turn.says("Could you repeat that?")
    turn.loop.advance(2.0)
    assert turn.ended()
    assert len(turn.sounds) == 2


def test_the_turn_model_runs_only_where_its_answer_may_matter(turn: Turn):
    turn.says("I think we're ready to begin.")
    assert turn.model.asked is None, "so short an answer is doubtful, however it sounds"
    turn.goes_on()
    turn.says(TOLD)
    assert turn.model.asked is not None


@pytest.mark.parametrize("words", range(1, 40, 3))
@pytest.mark.parametrize("cut_offs", [0, 1])
@pytest.mark.parametrize("complete", [None, True, False])
def test_where_the_turn_model_is_not_asked_its_answer_would_change_nothing(
    words: int, cut_offs: int, complete: bool | None
):
    said = Evidence(" ".join(["word"] * words) + ".", cut_offs=cut_offs, complete=complete)
    if not sound_may_tell(said):
        assert judge(replace(said, probability=1.0)) == judge(replace(said, probability=0.0)) == judge(said)


def test_who_goes_on_is_not_taken_for_finished_and_their_pause_is_remembered(turn: Turn):
    turn.says("I think we're ready to begin.")
    turn.loop.advance(1.9)
    turn.goes_on()
    assert turn.answer is not None
    assert turn.answer.result().end_of_turn_probability < 0.5
    turn.says("Right.")
    turn.loop.advance(2.3)
    assert not turn.ended(), "a silence is no end before it is longer than this candidate's pauses"
    turn.loop.advance(0.6)
    assert turn.ended()


def test_words_that_come_late_open_the_silence_again(turn: Turn):
    turn.says("I think we're ready to begin")
    turn.loop.advance(0.02)
    turn.within(lambda: turn.endings.heard("because", final=False))
    turn.loop.advance(2.2)
    assert not turn.ended()
    assert turn.sounds == []
    turn.loop.advance(0.6)
    assert turn.ended()


def test_a_judgement_that_comes_in_the_silence_ends_it_sooner(turn: Turn):
    turn.says(TOLD)
    turn.loop.advance(1.0)
    assert not turn.ended()
    turn.within(lambda: turn.endings.judged(True, words=30))
    turn.loop.advance(0.0)
    assert turn.ended()
    assert len(turn.sounds) == 1


def test_a_turn_does_not_end_before_its_listening_sound_has_been_heard(turn: Turn):
    turn.sound_s = 1.0
    turn.says(TOLD)
    turn.within(lambda: turn.endings.judged(True, words=30))
    turn.loop.advance(0.2)
    assert turn.sounds == [0.38]
    turn.loop.advance_to(1.35)
    assert not turn.ended(), "it would be cut off"
    turn.loop.advance_to(1.4)
    assert turn.ended()


def test_a_judgement_of_too_little_of_the_answer_does_not(turn: Turn):
    turn.within(lambda: turn.endings.judged(True, words=6))
    turn.says(TOLD)
    turn.loop.advance(1.0)
    assert not turn.ended()


def test_the_next_turn_begins_with_nothing_known(turn: Turn):
    turn.says(TOLD)
    turn.within(lambda: turn.endings.judged(True, words=30))
    turn.loop.advance(1.0)
    turn.stream.flush("turn committed")
    turn.says("I enjoyed that")
    turn.loop.advance(1.0)
    assert not turn.ended()
