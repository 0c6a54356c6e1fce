"""What of a line that was cut off counts as said, and until when."""

from agent.interviewer import LEAST_HEARD_S, Played


def test_a_line_ends_with_its_last_sound_and_not_when_the_interruption_is_settled():
    played = Played()
    played.note(1000.0, 1.5)
    played.note(1003.0, 0.5)
    assert played.cut("Thank you. Tell me") == ("Thank you. Tell me", True, 1003.5)


def test_what_nobody_heard_was_not_said():
    played = Played()
    assert played.cut("Thank").text == ""
    played.note(1000.0, LEAST_HEARD_S / 2)
    assert played.cut("Thank").text == ""
