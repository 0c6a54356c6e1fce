"""What the model proposes is asked only when it is one open question that suggests nothing and is new."""

import pytest

from agent.dialogue.follow_ups import fair

QUESTION = "Tell me about a system that you made faster."


@pytest.mark.parametrize(
    "text",
    [
        "What did you measure before you began?",
        "How did you find out where the time went?",
        "Which part of that did you do yourself?",
        "Could you describe one concrete step that you took yourself?",
        "You said that it was slow. What exactly was slow about it?",
        "Was hast du vorher gemessen?",
    ],
)
def test_one_open_question_is_asked(text: str):
    assert fair(text, (QUESTION,)) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Tell me more.", "no question"),
        ("", "nothing"),
        ("What did you measure? How?", "two questions"),
        ("What did you measure and how did you measure it?", "two in one"),
        ("Did you use a profiler or did you guess?", "two in one"),
        ("Didn't you use a cache?", "leading"),
        ("So you used a cache?", "leading"),
        ("You used a cache, right?", "leading"),
        ("It would be better with a cache, wouldn't you agree?", "leading"),
        ("Great answer. What did you measure?", "praise"),
        ("That is wrong, what did you measure?", "criticism"),
        ("What would bring you to level 5?", "the rubric"),
        ("Which score would you give yourself?", "scoring"),
        ("Tell me, about a system that you made faster?", "asked before"),
        (" ".join(["What", *["really"] * 40, "happened?"]), "too long"),
    ],
)
def test_what_is_unfair_is_not_asked(text: str, fault: str):
    assert fair(text, (QUESTION,)) == "", fault


def test_white_space_of_the_model_does_not_reach_the_voice():
    assert fair("  What did\nyou measure?  ", ()) == "What did you measure?"
