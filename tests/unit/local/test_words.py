"""Words said against words written."""

from local.words import words, words_found


def test_case_punctuation_and_apostrophes_do_not_matter():
    assert words("I\u2019ve built it, twice!") == ["i've", "built", "it", "twice"]
    assert words_found("I've built it.", "i\u2019ve built it").share == 1


def test_words_count_only_in_order():
    assert words_found("one two three four", "four three two one").found == 1
    assert words_found("one two three four", "one uh two blah four").found == 3


def test_a_word_is_found_only_as_often_as_it_was_written():
    assert words_found("no no no", "no").found == 1


def test_nothing_said_is_wholly_found():
    assert words_found("", "anything").share == 1
