"""What is worked out once of a text is what it would be every time."""

from interview.once import once_a_text


def test_a_function_of_a_text_is_asked_once_for_each_of_the_last_texts():
    asked: list[str] = []

    @once_a_text(2)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length(text) for text in ("a", "bb", "a", "bb", "")] == [1, 2, 1, 2, 0]
    assert asked == ["a", "bb", ""]
    assert [length("a"), length("")] == [1, 0]
    assert asked == ["a", "bb", "", "a"], "the oldest had gone, the newest had not"


def test_half_characters_and_nothing_at_all_are_texts_too():
    same = once_a_text(4)(lambda text: text.encode("utf-8", "replace"))
    assert [same("\ud800"), same(""), same("\ud801"), same("\ud800")] == [b"?", b"", b"?", b"?"]
