"""A stored interview is conducted again, and what differs is found."""

from datetime import UTC, datetime, timedelta

from agent.dialogue import DialogueState
from agent.dialogue.outline import outline
from agent.replay import Replayable, differences
from agent.script import script_of
from interview.session import Candidate, Progress, Session
from interview.transcript import DialogueEvent
from tests.unit.agent.player import LONG, VAGUE, Interview, plan

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def stored(interview: Interview) -> Replayable:
    """What a conductor would have stored of a played interview."""
    state, events = DialogueState(), list[DialogueEvent]()
    session = Session(
        session_id="s",
        owner_id="o",
        candidate=Candidate(name="Ada", email="ada@example.com"),
        plan=plan(),
        livekit_room_name="interview-s",
        created_at=AT,
        updated_at=AT,
        not_after=AT + timedelta(days=7),
        progress=Progress(total=3),
    )
    assert not script_of(session).plan.questions[0].optional
    for seq, event in enumerate(interview.events):
        step = interview.dialogue.step(state, event)
        state = step.state
        events.append(
            DialogueEvent(
                session_id="s",
                seq=seq,
                attempt=1,
                at=AT,
                event=event.model_dump(mode="json"),
                actions=outline(step.actions),
            )
        )
    return Replayable(session=session, silence_s=12, thinking_s=30, events=tuple(events))


def played() -> Interview:
    interview = Interview(recorded=False)
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.judged(complete=False, follow_up="What did you build yourself?")
    interview.ends_turn()
    interview.line_plays()
    interview.speaks(LONG)
    interview.ends_turn()
    return interview


def test_the_same_code_does_the_same():
    assert differences(stored(played())) == []


def test_a_stored_interview_survives_its_file():
    kept = stored(played())
    assert Replayable.model_validate_json(kept.model_dump_json()) == kept


def test_what_is_done_differently_is_found_where_it_begins():
    kept = stored(played())
    said = next(n for n, event in enumerate(kept.events) if any(a.get("kind") == "follow_up" for a in event.actions))
    other = kept.events[said].model_copy(update={"actions": ()})
    changed = kept.model_copy(update={"events": (*kept.events[:said], other, *kept.events[said + 1 :])})
    (difference,) = differences(changed)
    assert difference.event.seq == said
    assert [action["text"] for action in difference.now if action["do"] == "Say"] == ["What did you build yourself?"]
