"""Which line comes next, and in what words. Code decides; the catalogue and the plan hold the words."""

from agent.dialogue.actions import Line
from agent.dialogue.state import DialogueState
from interview.catalogue import Catalogue
from interview.plan import Plan, Question
from interview.session import Stage
from interview.transcript import LineKind


class Script:
    """The words of one interview: its plan, its catalogue, and the candidate's name."""

    def __init__(self, plan: Plan, catalogue: Catalogue, candidate_name: str, recorded: bool) -> None:
        self.plan = plan
        self._catalogue = catalogue
        self._name = candidate_name
        self._recorded = recorded

    def current(self, state: DialogueState) -> Question | None:
        """Return the core question that is being answered."""
        return self.plan.questions[state.question_index] if state.question_index >= 0 else None

    def answering(self, state: DialogueState) -> str | None:
        """Return the id of the core question under which words belong now; None outside of the questions."""
        question = self.current(state)
        return question.id if question and state.stage is Stage.QUESTIONS else None

    def greeting(self, state: DialogueState) -> Line:
        """Say who speaks, what is recorded, and ask the warm-up question."""
        recorded = self._catalogue.line("recorded_audio" if self._recorded else "recorded_text")
        hello = self._catalogue.line("greeting", name=self._name, recorded=recorded)
        text = f"{hello} {self._catalogue.line('warm_up')}"
        return Line(line_id=state.lines_said, kind=LineKind.GREETING, text=text, stage=Stage.WARM_UP)

    def warm_up(self, state: DialogueState) -> Line:
        """Ask the warm-up question by itself."""
        text = self._catalogue.line("warm_up")
        return Line(line_id=state.lines_said, kind=LineKind.WARM_UP, text=text, stage=Stage.WARM_UP)

    def planned(self, state: DialogueState, lead: str | None = None) -> Line:
        """Return the line that follows when nothing is probed: the next question, or the end of them.

        `lead` names the catalogue entry that leads over; by default it fits the place.
        """
        index = state.question_index + 1
        if state.stage is Stage.CANDIDATE_QUESTIONS:
            return self.closing(state, "noted")
        if index >= len(self.plan.questions) or state.time_short:
            return Line(
                line_id=state.lines_said,
                kind=LineKind.INVITE_QUESTIONS,
                text=self._catalogue.line("invite_questions"),
                stage=Stage.CANDIDATE_QUESTIONS,
            )
        question = self.plan.questions[index]
        lead = lead or ("lead_in" if index == 0 else "next_question")
        return Line(
            line_id=state.lines_said,
            kind=LineKind.QUESTION,
            text=self._catalogue.line(lead, index, question=question.text),
            stage=Stage.QUESTIONS,
            question_id=question.id,
        )

    def follow_up(self, state: DialogueState, text: str) -> Line:
        """Return a probing question on the current answer."""
        return self._here(state, LineKind.FOLLOW_UP, self._catalogue.line("follow_up", question=text))

    def repeat(self, state: DialogueState) -> Line:
        """Return what was asked last, again."""
        return self._here(state, LineKind.REPEAT, self._catalogue.line("repeat", question=self._asked(state)))

    def again(self, line: Line, state: DialogueState) -> Line:
        """Return a line that was cut off, from its beginning."""
        return self._here(state, LineKind.REPEAT, line.text)

    def thinking(self, state: DialogueState) -> Line:
        """Return a word that grants time to think."""
        return self._here(state, LineKind.ACKNOWLEDGEMENT, self._catalogue.line("thinking"))

    def prompt(self, state: DialogueState) -> Line:
        """Return a gentle word into a silence."""
        return self._here(state, LineKind.PROMPT, self._catalogue.line("prompt", state.prompts))

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

    def _asked(self, state: DialogueState) -> str:
        """The bare question that the candidate is to answer now."""
        if state.stage is Stage.CANDIDATE_QUESTIONS:
            return self._catalogue.line("invite_questions")
        if state.follow_ups:
            return state.follow_ups[-1]
        question = self.current(state)
        return question.text if question else self._catalogue.line("warm_up")

    def _here(self, state: DialogueState, kind: LineKind, text: str) -> Line:
        question = self.current(state) if state.stage is Stage.QUESTIONS else None
        return Line(
            line_id=state.lines_said,
            kind=kind,
            text=text,
            stage=state.stage,
            question_id=question.id if question else None,
        )
