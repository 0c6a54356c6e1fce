"""Which line comes next, and in what words. Code decides; the catalogue and the plan hold the words."""

from agent.dialogue import agenda, judgements
from agent.dialogue.actions import Line
from agent.dialogue.agenda import Upcoming
from agent.dialogue.difficulty import Wording, choose
from agent.dialogue.state import DialogueState
from interview.catalogue import Catalogue
from interview.plan import Plan, Question, QuestionSource
from interview.session import Stage
from interview.transcript import LineKind

_FULL_LEVEL = 4


class Script:
    """The words of one interview: its plan, its catalogue, and the candidate's name."""

    def __init__(self, plan: Plan, catalogue: Catalogue, candidate_name: str, recorded: bool) -> None:
        self.plan = plan
        self.language = catalogue.language
        self._catalogue = catalogue
        self._name = candidate_name
        self._recorded = recorded

    def current(self, state: DialogueState) -> Question | None:
        """Return the question that is being answered."""
        return self.plan.question(state.question_id) if state.question_id else None

    def answering(self, state: DialogueState) -> str | None:
        """Return the id of the question under which words belong now; None outside of the questions."""
        return state.question_id if state.stage is Stage.QUESTIONS else None

    def wording(self, state: DialogueState, question: Question) -> Wording:
        """Return how the question is asked, or was, where it was asked already."""
        return state.wordings.get(question.id) or choose(self.plan, question, judgements.so_far(state))

    def wanted(self, question: Question) -> str:
        """Return what a full answer shows, in the words of its competency's rubric."""
        competency = next(one for one in self.plan.competencies if one.id == question.competency)
        return competency.rubric[_FULL_LEVEL - 1]

    def greeting(self, state: DialogueState) -> Line:
        """Say who speaks, what is recorded, and ask the warm-up question."""
        recorded = self._catalogue.line("recorded_audio" if self._recorded else "recorded_text")
        hello = self._catalogue.line("greeting", name=self._name, introduction=self._introduction(), recorded=recorded)
        text = f"{hello} {self._catalogue.line('warm_up')}"
        return Line(line_id=state.lines_said, kind=LineKind.GREETING, text=text, stage=Stage.WARM_UP)

    def warm_up(self, state: DialogueState) -> Line:
        """Ask the warm-up question by itself."""
        text = self._catalogue.line("warm_up")
        return Line(line_id=state.lines_said, kind=LineKind.WARM_UP, text=text, stage=Stage.WARM_UP, shared=True)

    def planned(self, state: DialogueState, at_s: float, lead: str | None = None) -> Line:
        """Return the line that follows when nothing is probed: the next question, or the end of them.

        `lead` names the catalogue entry that leads over; by default it fits the place.
        """
        if state.stage is Stage.CANDIDATE_QUESTIONS:
            return self.closing(state, "noted")
        return self.asking(state, agenda.upcoming(self.plan, state, at_s), lead)

    def asking(self, state: DialogueState, upcoming: Upcoming, lead: str | None = None) -> Line:
        """Return the line that asks this question; after the last, the one that invites the candidate's own."""
        question = upcoming.question
        if question is None:
            return Line(
                line_id=state.lines_said,
                kind=LineKind.INVITE_QUESTIONS,
                text=self._after_notice(state, self._catalogue.line("invite_questions")),
                stage=Stage.CANDIDATE_QUESTIONS,
                shared=True,
            )
        wording = self.wording(state, question)
        usual = "come_back" if upcoming.again else ("next_question" if state.asked else "lead_in")
        return Line(
            line_id=state.lines_said,
            kind=LineKind.REPEAT if upcoming.again else LineKind.QUESTION,
            text=self._after_notice(
                state, self._catalogue.line(lead or usual, len(state.asked), question=wording.text)
            ),
            stage=Stage.QUESTIONS,
            question_id=question.id,
            difficulty=wording.difficulty if self.plan.adaptive else None,
            shared=question.source is QuestionSource.PLAN,
        )

    def follow_up(self, state: DialogueState, text: str) -> Line:
        """Return a probing question on the current answer."""
        return self._here(state, LineKind.FOLLOW_UP, self._catalogue.line("follow_up", question=text))

    def repeat(self, state: DialogueState, lead: str = "repeat") -> Line:
        """Return what was asked last, again; `lead` names the entry that leads to it, such as `rephrase`."""
        return self._here(
            state, LineKind.REPEAT, self._catalogue.line(lead, len(state.asked), question=self._asked(state))
        )

    def again(self, line: Line, state: DialogueState) -> Line:
        """Return a line that was cut off, from its beginning."""
        return self._here(state, LineKind.REPEAT, line.text)

    def thinking(self, state: DialogueState, key: str = "thinking") -> Line:
        """Return a word that grants time to think."""
        return self._here(state, LineKind.ACKNOWLEDGEMENT, self._catalogue.line(key, len(state.asked)), shared=True)

    def prompt(self, state: DialogueState) -> Line:
        """Return a gentle word into a silence."""
        return self._here(state, LineKind.PROMPT, self._catalogue.line("prompt", state.prompts), shared=True)

    def notice(self, state: DialogueState, key: str) -> Line:
        """Return an entry of the catalogue that tells something about the interview itself."""
        return self._here(state, LineKind.NOTICE, self._catalogue.line(key), shared=True)

    def resumed(self, state: DialogueState, paused: bool) -> Line:
        """Return the words after an interruption of the interview: the question again, unless its answer began."""
        if state.latest or not state.last_line:
            text = self._catalogue.line("after_pause_go_on" if paused else "resumed_go_on")
        else:
            text = self._catalogue.line("after_pause" if paused else "resumed", question=self._asked(state))
        return self._here(state, LineKind.NOTICE, text)

    def closing(self, state: DialogueState, lead: str | None = None) -> Line:
        """Return the last words; `lead` names an entry that leads into them, such as `time_up` or `noted`."""
        close = self._catalogue.line("close", name=self._name)
        text = self._catalogue.line(lead, close=close) if lead else close
        return Line(line_id=state.lines_said, kind=LineKind.CLOSE, text=text, stage=Stage.CLOSE)

    def _introduction(self) -> str:
        if called := self.plan.interviewer_name:
            return self._catalogue.line("introduction_named", interviewer=called)
        return self._catalogue.line("introduction")

    def _asked(self, state: DialogueState) -> str:
        """The bare question that the candidate is to answer now."""
        if state.stage is Stage.CANDIDATE_QUESTIONS:
            return self._catalogue.line("invite_questions")
        if state.follow_ups:
            return state.follow_ups[-1]
        question = self.current(state)
        return self.wording(state, question).text if question else self._catalogue.line("warm_up")

    def _after_notice(self, state: DialogueState, text: str) -> str:
        return f"{self._catalogue.line(state.time_left)} {text}" if state.time_left else text

    def _here(self, state: DialogueState, kind: LineKind, text: str, *, shared: bool = False) -> Line:
        return Line(
            line_id=state.lines_said,
            kind=kind,
            text=text,
            stage=state.stage,
            question_id=self.answering(state),
            shared=shared,
        )
