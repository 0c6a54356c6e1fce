"""Progress that a newcomer sees: a bar on a terminal, a line every tenth elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[float], None]
"""Called with the work done so far, in the units of the total."""

_console = Console(stderr=True)
_LINE_EVERY_S = 15.0


def say(line: str) -> None:
    """Tell the person at the terminal what happens now."""
    _console.print(line, highlight=False, markup=False)


@contextmanager
def progress_of(title: str, total: float, *, unit: str, shown: bool = True) -> Iterator[Advance]:
    """Show how far `title` has come; `unit` is `bytes` or a plural noun such as `packages`."""
    if not shown:
        yield lambda done: None
    elif _console.is_terminal:
        amount = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
        columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeElapsedColumn())
        with Progress(*columns, console=_console) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=min(done, total))
    else:
        yield _lines(title, total, unit)


def _lines(title: str, total: float, unit: str) -> Advance:
    started = time.monotonic()
    shown_tenth, shown_at = -1, started - _LINE_EVERY_S

    def advance(done: float) -> None:
        nonlocal shown_tenth, shown_at
        now, tenth = time.monotonic(), int(10 * min(done, total) / total) if total else 10
        if tenth <= shown_tenth and now - shown_at < _LINE_EVERY_S:
            return
        shown_tenth, shown_at = max(tenth, shown_tenth), now
        amount = f"{done / 1e6:.0f} of {total / 1e6:.0f} MB" if unit == "bytes" else f"{done:.0f} of {total:.0f} {unit}"
        print(f"{title}: {amount}, {now - started:.0f} s", file=sys.stderr, flush=True)

    return advance
