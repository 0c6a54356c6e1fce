"""`viva demo`."""

import asyncio

import typer


def demo() -> None:
    """Run one whole interview with a simulated candidate, and print what came of it."""
    from local.demo import run  # the whole product, which the other commands need not load

    raise typer.Exit(asyncio.run(run()))
