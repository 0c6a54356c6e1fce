"""How the command line speaks to a person."""

from rich.console import Console

console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


def failed(message: str) -> None:
    """Say what went wrong; the message also says what to do."""
    _errors.print("[bold red]viva:[/] ", end="")
    _errors.print(message, markup=False)
