"""Cue sheets: known text, told as the voice detector reports that it was spoken."""

from local.inference.delays import Cue, CueBoard, CueReader
from local.inference.stt.protocol import Word

TEXT = "one two three four five six seven eight nine ten"


def texts(words):
    return [word.text for word in words]


def test_an_answer_spoken_in_one_go_is_told_whole():
    reader, words, complete = CueReader((Cue(TEXT, 10.0),)).heard(2.0, 11.9)
    assert complete
    assert texts(words) == TEXT.split()
    assert words[0].start_s == 2.0
    assert words[-1].end_s == 12.0
    assert reader.exhausted


def test_an_answer_with_pauses_is_told_in_parts_without_loss_or_repetition():
    reader = CueReader((Cue(TEXT, 10.0), Cue("next", 1.0)))
    told = []
    for span in ((0.0, 3.1), (3.6, 5.2), (6.0, 9.8)):
        reader, words, complete = reader.heard(*span)
        told += texts(words)
    assert told == TEXT.split()
    assert complete
    _, words, _ = reader.heard(20.0, 21.0)
    assert texts(words) == ["next"]


def test_an_exhausted_sheet_tells_nothing():
    reader = CueReader(())
    assert reader.heard(0, 1) == (reader, (), False)


def timed(*times: tuple[str, float, float]) -> Cue:
    """A cue that begins with half a second of room tone."""
    words = tuple(Word(text, start, end, 0.99) for text, start, end in times)
    return Cue(" ".join(word.text for word in words), words[-1].end_s, words)


PAUSING = timed(("well", 0.5, 0.8), ("I", 0.9, 1.0), ("think", 1.0, 1.4), ("so", 2.6, 2.9), ("yes", 3.0, 3.4))


def test_words_with_times_become_final_at_the_pause_in_which_they_ended():
    reader, first, complete = CueReader((PAUSING,)).heard(10.0, 10.9)
    assert (texts(first), complete) == (["well", "I", "think"], False)
    assert first[0].start_s == 10.0  # the cue's first word begins with the first voice
    reader, second, complete = reader.heard(12.1, 12.9)
    assert (texts(second), complete) == (["so", "yes"], True)
    assert second[0].start_s == 12.1
    assert reader.exhausted


def test_a_voice_that_is_held_to_end_too_soon_loses_no_word():
    _, words, _ = CueReader((PAUSING,)).heard(10.0, 10.45)  # `think` has not begun by the detector
    assert texts(words) == ["well", "I", "think"]


def test_words_are_told_while_they_are_said_and_only_once():
    reader = CueReader((PAUSING,))
    assert texts(reader.so_far(10.0, 10.2)) == []
    assert texts(reader.so_far(10.0, 10.6)) == ["well", "I"]
    reader, _, _ = reader.heard(10.0, 10.9)
    assert texts(reader.so_far(12.1, 12.4)) == ["so"]


def test_an_announced_cue_is_taken_once_and_is_forgotten_when_nobody_speaks():
    board = CueBoard()
    board.announce([PAUSING, Cue("next", 1.0)], now_s=100.0)
    assert board.take(100.2) is PAUSING
    assert board.take(101.0) == Cue("next", 1.0)
    assert board.take(101.0) is None
    board.announce([PAUSING], now_s=200.0)
    assert board.take(200.1 + CueBoard.KEPT_S) is None
