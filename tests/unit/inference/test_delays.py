"""Cue sheets: known text, told as the voice detector reports that it was spoken."""

from local.inference.delays import Cue, CueReader

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
