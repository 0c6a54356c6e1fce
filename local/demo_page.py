"""What `make demo` prints: plain tables of what an interview left behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from interview.transcript import Speaker, Turn
from local.attendance import Attendance
from local.findings import AnswerFound, Check
from local.house import EnginesInUse
from local.listening import percentile_ms
from local.outcome import Outcome, Talk

_WANTED = {"stt": "whisper", "llm": "qwen", "tts": "hibari"}
_PARTS = {"stt": "speech recognition", "llm": "language model", "tts": "speech"}


def show_outcome(console: Console, outcome: Outcome, checks: Sequence[Check], summary: Mapping[str, Any]) -> None:
    """Print everything that an interview left behind."""
    show_transcript(console, outcome.material.turns, outcome.attendance)
    show_latency(console, outcome.talk)
    show_answers(console, outcome.answers)
    show_incidents(console, summary)
    show_follow_ups(console, asked=summary["follow_ups"], deserved=outcome.persona.follow_ups_expected)
    show_engines(console, outcome.engines)
    show_checks(console, checks)
    console.print(f"Report: {summary['report']['html']} and {summary['report']['json']}")
    console.print(f"All of it took {summary['wall_s']:.0f} s.")


def show_incidents(console: Console, summary: Mapping[str, Any]) -> None:
    """Print what was filed beside what was to be filed."""
    away = summary["expected_absence"]
    console.print("Absence: " + (f"{away['start_s']:.1f}-{away['end_s']:.1f} s" if away else "none"))
    for incident in summary["incidents"]:
        end = "open" if incident["end_s"] is None else f"{incident['end_s']:.1f} s"
        console.print(f"Incident: {incident['kind']} {incident['start_s']:.1f}-{end}")


def show_follow_ups(console: Console, *, asked: int, deserved: int) -> None:
    """Say whether the language model had its follow-up ready by the reply deadline."""
    if asked >= deserved:
        console.print(f"Follow-ups: {asked} asked, {deserved} deserved: the language model was in time.")
        return
    console.print(
        f"[yellow]Follow-ups: {asked} asked, {deserved} deserved: the language model was not in time by the reply "
        "deadline, so the planned line was said.[/]"
    )


def show_engines(console: Console, engines: EnginesInUse) -> None:
    """Say which engines run, and loudly which had to be replaced and why."""
    console.print("Engines: " + ", ".join(f"{_PARTS[part]} {name}" for part, name in engines.as_dict().items()))
    for part, name in engines.as_dict().items():
        if name != _WANTED[part]:
            console.print(f"[bold yellow]REPLACED[/] {_PARTS[part]}: {name} instead of {_WANTED[part]}")
    for notice in engines.notices:
        console.print(f"[bold yellow]NOTICE[/] {escape(notice)}")


def show_transcript(console: Console, turns: Sequence[Turn], attendance: Attendance) -> None:
    """Print who said what, when, in which stage."""
    table = Table(title="Transcript (seconds from the candidate's joining)", title_justify="left")
    for column, justify in (("s", "right"), ("who", "left"), ("where", "left"), ("words", "left")):
        table.add_column(column, justify=justify)  # pyright: ignore[reportArgumentType]
    for turn in turns:
        at_s = (turn.started_at - attendance.joined_at).total_seconds()
        where = turn.question_id or turn.stage.value
        line = f" {turn.line.value}" if turn.line and turn.question_id else ""
        words = escape(turn.text) + (" [yellow]…interrupted[/]" if turn.interrupted else "")
        colour = "cyan" if turn.speaker is Speaker.INTERVIEWER else "green"
        table.add_row(f"{at_s:.1f}", f"[{colour}]{turn.speaker.value}[/]", f"{where}{line}", words)
    console.print(table)


def show_latency(console: Console, talk: Talk) -> None:
    """Print the turn-taking as the candidate's own recording shows it."""
    latencies, first_words_s = talk.latencies_s, talk.first_words_s
    table = Table(title="Latency, measured on the candidate's recording", title_justify="left")
    for column in ("what", "n", "p50", "p95", "each"):
        table.add_column(column)
    first = "nothing heard" if first_words_s is None else f"{first_words_s * 1000:.0f} ms"
    table.add_row("start to first words", "1", first, "", "")
    each = " ".join(f"{latency * 1000:.0f}" for latency in latencies)
    p50, p95 = percentile_ms(latencies, 50), percentile_ms(latencies, 95)
    table.add_row("voice to voice", str(len(latencies)), f"{p50} ms", f"{p95} ms", each)
    console.print(table)
    console.print(f"Answers cut off while the candidate only paused: {talk.exchange.cut_off}")


def show_answers(console: Console, answers: Sequence[AnswerFound]) -> None:
    """Print how much of each answer was written down in the right place."""
    table = Table(title="What the candidate said, found in the transcript", title_justify="left")
    for column in ("answer", "words found in order", "share"):
        table.add_column(column)
    for answer in answers:
        number = answer.spoken.question_number
        what = answer.spoken.kind.value.replace("_", " ") + (f" to question {number}" if number else "")
        colour = "green" if answer.stored else "red"
        found = f"{answer.words.found} of {answer.words.spoken}"
        table.add_row(what, found, f"[{colour}]{answer.words.share:.0%}[/]")
    console.print(table)


def show_checks(console: Console, checks: Sequence[Check]) -> None:
    """Print each thing that must hold, and whether it does."""
    for check in checks:
        mark = "[green]ok    [/]" if check.ok else "[bold red]FAILED[/]"
        console.print(f"{mark} {check.name}: {escape(check.found)}")
