"""Plays a candidate and a room against the dialogue machine."""

from typing import Any

from agent.dialogue import Dialogue, DialogueState
from agent.dialogue.actions import (
    Action,
    AwaitDeadline,
    Judge,
    Line,
    Say,
)
from agent.dialogue.events import (
    Began,
    DeadlineReached,
    Event,
    Heard,
    Judged,
    LineEnded,
    LineStarted,
    SpeechPaused,
    SpeechStarted,
    TurnEnded,
)
from agent.dialogue.lines import Script
from interview.catalogue import catalogue
from interview.plan import Competency, Plan, Question

LONG = "I built the payment service myself and measured that it was twice as fast in the end"
VAGUE = "I did some things on the back end mostly"


def plan(questions: int = 3, follow_ups: int = 1) -> Plan:
    return Plan(
        plan_id="p",
        title="Backend engineer",
        competencies=(Competency(id="c", name="Building"),),
        questions=tuple(
            Question(id=f"q{n}", text=f"Question number {n}?", competency="c", max_follow_ups=follow_ups)
            for n in range(1, questions + 1)
        ),
    )


class Interview:
    """Plays a candidate and a room against the machine, keeping time and all actions."""

    def __init__(self, questions: int = 3, follow_ups: int = 1, *, recorded: bool = True) -> None:
        self.dialogue = Dialogue(Script(plan(questions, follow_ups), catalogue("en"), "Ada", recorded=recorded))
        self.state = DialogueState()
        self.now = 0.0
        self.events: list[Event] = []
        self.actions: list[Action] = []
        self.tell(Began(at_s=0.0))

    def tell(self, event: Event) -> list[Action]:
        self.events.append(event)
        step = self.dialogue.step(self.state, event)
        self.state = step.state
        self.actions += step.actions
        return list(step.actions)

    def said(self) -> list[Line]:
        return [action.line for action in self.actions if isinstance(action, Say)]

    def last(self, kind: type[Any]) -> Any:
        return next(action for action in reversed(self.actions) if isinstance(action, kind))

    def line_plays(self, seconds: float = 3.0, *, interrupted: bool = False) -> None:
        line = self.said()[-1]
        self.tell(LineStarted(at_s=self.now, line_id=line.line_id))
        self.now += seconds
        self.tell(LineEnded(at_s=self.now, line_id=line.line_id, interrupted=interrupted))

    def speaks(self, text: str, seconds: float = 4.0) -> list[Action]:
        started = self.now
        self.tell(SpeechStarted(at_s=started))
        self.now += seconds
        self.tell(SpeechPaused(at_s=self.now))
        return self.tell(Heard(at_s=self.now, text=text, started_s=started, ended_s=self.now))

    def speaks_on(self, text: str, after_s: float = 0.3, *, lasts_s: float | None = None) -> list[Action]:
        """Go on speaking so long after a reply has begun, which is cut off by it. All of it takes `lasts_s`."""
        reply = self.said()[-1]
        self.tell(LineStarted(at_s=self.now, line_id=reply.line_id, lasts_s=lasts_s))
        started = self.now + after_s
        self.now = started + 3
        self.tell(LineEnded(at_s=started + 0.3, line_id=reply.line_id, interrupted=True))
        return self.tell(Heard(at_s=self.now, text=text, started_s=started, ended_s=self.now))

    def answers(self, text: str) -> None:
        self.speaks(text)
        self.ends_turn()

    def ends_turn(self) -> list[Action]:
        self.now += 0.5
        return self.tell(TurnEnded(at_s=self.now))

    def deadline_passes(self) -> list[Action]:
        return self.tell(DeadlineReached(at_s=self.now, turn=self.last(AwaitDeadline).turn))

    def judged(self, *, complete: bool, follow_up: str = "") -> list[Action]:
        judge = self.last(Judge)
        return self.tell(
            Judged(at_s=self.now, judge_id=judge.judge_id, complete=complete, follow_up=follow_up, words=judge.words)
        )

    def reach_question(self, number: int) -> None:
        self.line_plays()
        self.answers("I came to it through school")
        for _ in range(number - 1):
            self.line_plays()
            self.speaks(LONG)
            self.judged(complete=True)
            self.ends_turn()
        self.line_plays()
