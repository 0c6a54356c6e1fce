"""The commands of `viva`, one module a group."""

import typer

from cli import backup, demo, doctor, interviews, keys, plans, privacy, proctoring, replays, running, users

app = typer.Typer(
    help="Viva on one machine: start it, look at it, mend it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("up")(running.up)
app.command("down")(running.down)
app.command("status")(running.status)
app.command("logs")(running.logs)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("replay")(replays.replay)
app.command("export")(privacy.export)
app.command("erase")(privacy.erase)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(users.app, name="user")
app.add_typer(plans.app, name="plan")
app.add_typer(keys.app, name="keys")
app.add_typer(proctoring.app, name="proctor")
app.add_typer(interviews.app, name="interview")
