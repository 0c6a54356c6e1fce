"""`viva proctor`: what other rules would file, and how often proctoring is wrong, under which conditions."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.output import console
from cli.privacy import BY
from cli.storage import with_storage
from interview.errors import Invalid
from interview.rules import IncidentChange, house_rules
from interview.rules.compare import Comparison, compare
from interview.rules.fairness import Row, audit, by_kind, read_conditions
from interview.rules.stored import found_in
from interview.session import Session
from interview.settings import Settings
from interview.storage import Storage
from interview.wilson import Interval

app = typer.Typer(help="What other rules would file, and how often proctoring is wrong.", no_args_is_help=True)

_MAX_BYTES = 10_000_000


@app.command("replay")
def replay_session(
    session_id: Annotated[str, typer.Argument(help="The session.")],
    rules: Annotated[Path, typer.Option(help="Other rules (YAML): what they change in the defaults.")],
) -> None:
    """Apply other rules to what was observed in a session, and show which incidents they would add or drop."""
    other = house_rules(rules)

    async def load(settings: Settings, storage: Storage) -> tuple[Session, Comparison]:
        session = await storage.sessions.get(session_id)
        await storage.audit.add(BY, "replay proctoring", f"session:{session_id}")
        batches = await storage.observations.of(session_id)
        events = await storage.browser_events.of(session_id)
        if not batches and not events:
            raise Invalid(f"nothing was observed in {session_id}: it was not proctored, or was anonymised")
        before, after = (
            found_in(session, batches, events, file) for file in (house_rules(settings.proctor_rules_file), other)
        )
        return session, compare(before, after)

    session, found = with_storage(load)
    began_at = session.began_at(1) or session.created_at
    for one, now in found.kept:
        if (one, now) not in found.changed:
            _show("  ", one, began_at)
            continue
        _show("[yellow]~[/] ", one, began_at)
        _show("[yellow]→[/] ", now, began_at)
    for mark, incidents in (("[red]-[/] ", found.dropped), ("[green]+[/] ", found.added)):
        for one in incidents:
            _show(mark, one, began_at)
    console.print(
        f"{len(found.kept)} kept, of which {len(found.changed)} changed; "
        f"{len(found.added)} added, {len(found.dropped)} dropped"
    )


@app.command("audit")
def audit_outcomes(
    conditions: Annotated[
        Path | None, typer.Option(help="CSV with session_id and a column for each condition, such as glasses.")
    ] = None,
) -> None:
    """Print how many incidents were false, and how many missed, by recorded condition, with 95 % intervals."""
    given = {} if conditions is None else read_conditions(_text_of(conditions))

    async def work(_: Settings, storage: Storage) -> list[tuple[str, list[Row]]]:
        from control_api.incidents.auditing import gather

        await storage.audit.add(BY, "audit proctoring", "house:incidents")
        cases, sessions = await gather(storage, given)
        tables = [("all kinds", audit(cases, sessions))]
        return tables + [(kind.value, audit(some, sessions)) for kind, some in by_kind(cases)]

    for title, rows in with_storage(work):
        console.print(_table(title, rows))
    console.print(
        "False: dismissed as not so, of those decided. Missed: seen by somebody and not filed, of what happened. "
        "Where few were counted the intervals are wide, and a difference may be chance."
    )


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
        if len(content) > _MAX_BYTES:
            raise Invalid(f"{path} has more than {_MAX_BYTES} bytes")
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read as text: {error}") from error


def _show(mark: str, change: IncidentChange, began_at: datetime) -> None:
    start_s = (change.started_at - began_at).total_seconds()
    end = "goes on" if change.ended_at is None else f"{(change.ended_at - began_at).total_seconds():.1f} s"
    console.print(f"{mark}{change.kind.value} {start_s:.1f} s to {end}, {change.severity.value}")


def _table(title: str, rows: list[Row]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("condition", "group"):
        table.add_column(name)
    for name in ("sessions", "filed", "undecided", "false", "missed"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.condition,
            row.group,
            *(str(n) for n in (row.sessions, row.filed, row.undecided)),
            _share(row.false, row.false_of, row.false_interval),
            _share(row.missed, row.missed_of, row.missed_interval),
        )
    return table


def _share(k: int, n: int, interval: Interval) -> str:
    return f"{k}/{n} ({interval.low:.2f}–{interval.high:.2f})" if n else "0/0"
