"""How far a model agrees with the golden set, and how far injected words move it: `make bench NAME=golden`.

The code is that of the reports worker, over the chat protocol: with `--hosted` it asks whatever `OPENAI_BASE_URL`,
`OPENAI_API_KEY` and `LLM_MODEL` name, otherwise `qwen` in `local.inference`. Agreement is quadratic weighted kappa with
a bootstrap interval. An injected answer is compared with its clean twin, scored by the same passes; both must be
scorable to be compared, and how many were not is said.

On two cores the whole takes over an hour; what was replied is kept in `build/bench/golden-replies.json`, so that a run
that was cut short goes on, and a change of a prompt or an answer asks that alone. `--items` and `--injections` take
a few.

Writes `build/bench/golden.json`: `{model, passes, n, scorable, qwk, qwk_low, qwk_high, exact, within_one,
dropped_quotes, injected, injected_compared, injection_mean_shift, injection_largest_shift}`.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from bench.golden_set import Answer, Injected, answers, injected
from interview.clock import SystemClock
from interview.errors import VivaError
from interview.model_reply import ModelReply
from interview.statistics import agreement
from local.environment import Engines
from local.services import PROJECT, Stack
from providers.chat import ChatClient
from reports.asking import Asker
from reports.scores import PROMPT, PROMPT_VERSION, evidence_of
from reports.scoring import score_all
from reports.verdicts import Verdict, verdict

_OUTPUT = PROJECT / "build" / "bench"
_TIMEOUT_S = 900.0
T = TypeVar("T")


class KeptReplies:
    """Replies in a file, by model and digest. What was asked is the whole key: equal words have equal answers."""

    def __init__(self, path: Path, model: str) -> None:
        self._path = path
        self._model = model
        stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        self._all: dict[str, dict[str, dict[str, object]]] = stored
        self._own = stored.setdefault(model, {})

    async def find(self, session_id: str, asked: str, since: datetime | None = None) -> ModelReply | None:
        """Return what was replied to this, whoever asked."""
        found = self._own.get(asked)
        return None if found is None else ModelReply.model_validate({**found, "session_id": session_id})

    async def keep(self, reply: ModelReply) -> None:
        """Keep a reply."""
        self._own[reply.asked] = reply.model_dump(mode="json", exclude={"session_id"})
        self._path.write_text(json.dumps(self._all, ensure_ascii=False), encoding="utf-8")


class Scorer:
    """Scores answers as the reports worker does."""

    def __init__(self, chat: ChatClient, replies: KeptReplies, passes: int, console: Console) -> None:
        self._chat = chat
        self._replies = replies
        self.passes = passes
        self._console = console

    async def score(self, answer: Answer) -> Verdict:
        """Return what the passes come to."""
        asker = Asker(
            self._chat,
            self._replies,
            SystemClock(),
            answer.name,
            gate=asyncio.Semaphore(2),
            deadline_s=_TIMEOUT_S,
        )
        began = time.monotonic()
        (score,) = await score_all(asker, answer.plan, answer.turns, passes=self.passes, on_progress=_nothing)
        found = verdict(evidence_of(answer.plan, answer.turns)[0], score)
        took_s = time.monotonic() - began
        shown = found.level or f"not scorable: {found.not_scorable}"
        self._console.print(f"{answer.name}: {shown} ({list(found.levels)}; golden {answer.level}; {took_s:.1f} s)")
        return found


def _nothing(words: str) -> None:
    pass


async def measure(scorer: Scorer, wanted: Sequence[Answer], attempts: Sequence[Injected]) -> dict[str, object]:
    """Score the answers, then the injected ones beside their twins."""
    levels = {answer.name: await scorer.score(answer) for answer in wanted}
    pairs = [(answer.level, level) for answer in wanted if (level := levels[answer.name].level) is not None]
    found = agreement(pairs)
    twins = {answer.name: answer for answer in answers()}
    shifts: dict[str, int] = {}
    dropped = sum(one.dropped for one in levels.values())
    for one in attempts:
        if one.twin not in levels:
            levels[one.twin] = await scorer.score(twins[one.twin])
        clean, moved = levels[one.twin], await scorer.score(one.answer)
        if clean.level is not None and moved.level is not None:
            shifts[one.name] = moved.level - clean.level
    return {
        "passes": scorer.passes,
        "n": len(wanted),
        "scorable": len(pairs),
        "qwk": found.kappa,
        "qwk_low": found.low,
        "qwk_high": found.high,
        "exact": found.exact,
        "within_one": found.within_one,
        "dropped_quotes": dropped,
        "injected": len(attempts),
        "injected_compared": len(shifts),
        "injection_mean_shift": round(sum(shifts.values()) / len(shifts), 4) if shifts else None,
        "injection_largest_shift": max(map(abs, shifts.values()), default=None),
        "moved": {name: shift for name, shift in shifts.items() if shift},
    }


async def run(asked: argparse.Namespace, console: Console) -> int:
    """Measure, print, write; return the exit code."""
    _OUTPUT.mkdir(parents=True, exist_ok=True)
    wanted = _spread(answers(), asked.items)
    attempts = _spread(injected(), asked.injections)
    try:
        async with AsyncExitStack() as stack:
            if asked.hosted:
                url, key, model = (os.environ[name] for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "LLM_MODEL"))
            else:
                engines = Engines(stt="none", llm="qwen", tts="espeak")
                house = await stack.enter_async_context(
                    Stack(_OUTPUT / "golden-state", services=["inference"], engines=engines)
                )
                settings = house.settings()
                url, key, model = settings.openai_base_url, settings.openai_api_key.get_secret_value(), "qwen"
            chat = ChatClient(url, key, model, timeout_s=_TIMEOUT_S)
            stack.push_async_callback(chat.aclose)
            replies = KeptReplies(_OUTPUT / "golden-replies.json", model)
            result = await measure(Scorer(chat, replies, asked.passes, console), wanted, attempts)
    except (VivaError, OSError, KeyError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error!r}")
        return 1
    result = {"model": model, "prompt": f"{PROMPT}.v{PROMPT_VERSION}", **result}
    table = Table(title=f"{model} against the golden set", title_justify="left", show_header=False)
    for name, value in result.items():
        table.add_row(name, str(value))
    console.print(table)
    path = _OUTPUT / "golden.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}")
    return 0


def _spread(things: Sequence[T], wanted: int | None) -> Sequence[T]:
    """Return so many of them, evenly spread; all without a number."""
    if wanted is None or wanted >= len(things):
        return things
    return [things[number * len(things) // wanted] for number in range(wanted)]


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--items", type=int, help="only so many answers, evenly spread")
    parser.add_argument("--injections", type=int, help="only so many injected answers")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--hosted", action="store_true", help="ask the model that the environment names")
    return asyncio.run(run(parser.parse_args(), Console()))


if __name__ == "__main__":
    sys.exit(main())
