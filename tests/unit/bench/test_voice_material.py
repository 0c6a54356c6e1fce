"""What is said in the benchmark's interviews."""

from pathlib import Path

import numpy as np
import pytest

from agent.dialogue import cues
from bench import pausing
from bench.voice import material
from local.inference.llm.scripted import judge
from local.inference.tts import SAMPLE_RATE
from local.listening import Interval
from local.utterance import Said, Utterance


@pytest.fixture
def sounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings that need not be fetched: half a minute of noise each."""
    noise = np.random.default_rng(3).standard_normal(70 * pausing.SAMPLE_RATE).astype(np.float32) * 0.05
    monkeypatch.setattr(pausing, "_read", lambda _: noise)
    spoken = np.full(SAMPLE_RATE, 1000, np.int16)
    monkeypatch.setattr(
        material, "utter", lambda speech, _: Utterance(spoken, speech[0].say, (Said(0.1, 0.9, speech[0].say),))
    )


@pytest.mark.usefixtures("sounding")
def test_two_conversations_hold_all_of_the_corpus_and_the_next_two_the_same_with_other_pauses(tmp_path: Path):
    held = [material.pausing(tmp_path, number) for number in range(4)]
    spoken = [[u for u in one.recorded.values() if u.person] for one in held]
    assert len(spoken[0]) + len(spoken[1]) == len(pausing.clips())
    texts = [[u.text for u in one] for one in spoken]
    assert (texts[0], texts[1]) == (texts[2], texts[3])
    assert [u.duration_s for u in spoken[0]] != [u.duration_s for u in spoken[2]]
    pauses = [
        Interval(one.end_s, two.start_s).duration_s
        for each in (*spoken[0], *spoken[1])
        for one, two in zip(each.phrases, each.phrases[1:], strict=False)
    ]
    assert len(pauses) >= 60
    assert all(pausing.SHORTEST_S - 0.15 <= length <= pausing.LONGEST_S + 0.15 for length in pauses)


@pytest.mark.usefixtures("sounding")
def test_twenty_backchannels_and_twenty_interruptions_by_people(tmp_path: Path):
    held = [material.floor(tmp_path, number) for number in range(4)]
    questions = [question for one in held for question in one.persona.questions]
    assert sum(bool(question.backchannel) for question in questions) >= 20
    assert sum(question.interrupts_after_s is not None for question in questions) >= 20
    for one in held:
        for question in one.persona.questions:
            if question.interrupts_after_s is not None:
                assert one.recorded[question.answer].person
            else:
                assert cues.is_backchannel(one.recorded[question.backchannel].text)


def test_twenty_answers_are_complete_and_twenty_are_not_and_the_scripted_judge_holds_so_too():
    held = [material.follow_ups(number) for number in range(4)]
    complete = [one for each in held for one in each.complete]
    assert (complete.count(True), complete.count(False)) == (20, 20)
    answers = [question.answer[0].say for each in held for question in each.persona.questions]
    assert [judge(answer)["complete"] for answer in answers] == complete


def test_words_share_their_phrases_time_by_their_letters():
    utterance = Utterance(np.zeros(10, np.int16), "I think so", (Said(1.0, 2.0, "I think"), Said(3, 4, "so")))
    assert [(word.text, round(word.start_s, 2)) for word in utterance.words()] == [
        ("I", 1.0),
        ("think", 1.17),
        ("so", 3),
    ]
