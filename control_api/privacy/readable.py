"""An export in words that anybody can read: its page, its note, and a transcript. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from interview.evaluation import Evaluation, EvaluationResult
from interview.session import Session
from interview.transcript import Speaker, Turn

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "dt{font-weight:600}dd{margin:0 0 .6rem 1rem}h2{margin-top:2rem}"
)
_CSP = "default-src 'none'; style-src 'unsafe-inline'"

FILES = {
    "session.json": "when and how the interview went: its plan with the questions, its times, its end",
    "consent.json": "what was agreed to, to which version of the words, when, and by whom",
    "transcript.txt": "what was said, to read",
    "transcript.json": "what was said, with the time and confidence of every word",
    "recording.wav": "the sound of the conversation: the candidate left, the interviewer right",
    "evaluations.txt": "what each answer was found to show, by a language model, to read",
    "evaluations.json": "the same, with how it was made and what it rests on",
    "report.html": "the report, as a page",
    "report.json": "the report, and the state of its making",
    "incidents.json": "what proctoring software noticed, and when; who looked at it, and what they decided",
    "problems.json": "what was raised about the interview, and what was answered",
    "invites.json": "the invite links: when they were made and used; of each only a hash is kept",
    "audit.json": "who did or saw what, and when; people are named by the ids of their accounts",
    "stills/": "the pictures that belong to incidents",
    "clips/": "the seconds of sound that belong to incidents",
    "files/": "every other file that is kept about the session",
    "records/": "every record about the session as it is kept, one file a kind: also what is shown above",
}
"""What may lie in a session's folder, in the order of the page."""


@dataclass
class Folder:
    """One session in an export."""

    name: str
    title: str
    created_at: datetime
    files: list[str] = field(default_factory=list[str])
    """Names of what was written, relative to the folder."""
    problems: list[str] = field(default_factory=list[str])
    """What could not be given out, by its id."""


def title_of(session: Session) -> str:
    """Name a session for its page."""
    return f"{session.plan.title}, {session.created_at:%d %B %Y}"


def transcript_text(session: Session, turns: Sequence[Turn]) -> str:
    """Write what was said as plain text, with times (UTC)."""
    lines = [f"{title_of(session)} ({session.status})", "Times are UTC.", ""]
    names = {Speaker.CANDIDATE: session.candidate.name, Speaker.INTERVIEWER: "Interviewer"}
    for turn in turns:
        cut = " [interrupted]" if turn.interrupted else ""
        lines.append(f"[{turn.started_at:%H:%M:%S}] {names[turn.speaker]}: {turn.text}{cut}")
    return "\n".join(lines) + "\n"


def evaluations_text(session: Session, evaluations: Sequence[Evaluation]) -> str:
    """Write what each answer was found to show as plain text, in the plan's order."""
    lines = [title_of(session), "A language model read each answer. People decide, not software.", ""]
    of = {evaluation.question_id: evaluation for evaluation in evaluations}
    for question in session.plan.questions:
        if question.id not in of:
            continue
        result = of[question.id].result
        lines += [question.text, *_found(result), ""] if result else [question.text, "  Not evaluated.", ""]
    return "\n".join(lines)


def _found(result: EvaluationResult) -> list[str]:
    found = f"  Level {result.level} of 5" if result.level else f"  Not scorable: {result.not_scorable}"
    quotes = [f"  Quoted: {quote.text}" for quote in result.quotes]
    return [found, *([f"  {result.feedback}"] if result.feedback else []), *quotes]


def index_page(made_at: datetime, folders: Sequence[Folder], has_account: bool) -> str:
    """Write the page that says what is where."""
    body = [f"<h1>Your data</h1><p>Made on {made_at:%d %B %Y, %H:%M} UTC. {len(folders)} interview(s).</p>"]
    if has_account:
        body.append(
            '<h2>Your account</h2><p><a href="account.json">account.json</a>: your account, without its password'
        )
        body.append(", of which only a hash is kept.</p>")
    for folder in folders:
        body.append(f"<h2>{escape(folder.title)}</h2><dl>")
        for name, words in FILES.items():
            body += [_entry(folder.name, file, words) for file in _matching(folder.files, name)]
        body.append("</dl>")
        body += [f"<p>Could not be given out: {escape(problem)}</p>" for problem in folder.problems]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Your data</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}"><style>{_STYLE}</style></head><body>'
        f"{''.join(body)}</body></html>"
    )


def readme(made_at: datetime, folders: Sequence[Folder], has_account: bool) -> str:
    """Write the same as plain text."""
    lines = [
        "Everything that is stored about one person. Begin with index.html, or read on.",
        f"Made {made_at:%Y-%m-%d %H:%M} UTC.",
        "",
        "The files that end in .json are for programs, and readable in any text editor.",
        "Erased interviews are not here: of them only an id, a status and times are kept, which name nobody.",
        "",
    ]
    if has_account:
        lines += ["account.json: the account, without its password, of which only a hash is kept.", ""]
    for folder in folders:
        lines += [f"{folder.name}/  ({folder.title})"]
        for name, words in FILES.items():
            if list(_matching(folder.files, name)):
                lines.append(f"  {name}: {words}")
        lines += [f"  could not be given out: {problem}" for problem in folder.problems]
        lines.append("")
    return "\n".join(lines)


def _matching(files: Iterable[str], name: str) -> Iterable[str]:
    return (file for file in files if file == name or (name.endswith("/") and file.startswith(name)))


def _entry(folder: str, file: str, words: str) -> str:
    path = escape(f"{folder}/{file}", quote=True)
    return f'<dt><a href="{path}">{escape(file)}</a></dt><dd>{escape(words)}</dd>'
