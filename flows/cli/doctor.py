"""``tidings doctor``: what is missing or stale on this machine and in this warehouse, a line each, with what to do."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from tidings.flows.cli.findings import Level, fix
from tidings.flows.cli.screen import Screen
from tidings.flows.settings import SettingsError, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.flows.cli.findings import Finding

COLOURS = {Level.ok: "green", Level.look: "yellow", Level.fix: "bold red"}


def doctor(
    only_trouble: Annotated[bool, typer.Option("--quiet", "-q", help="Only what is not in order.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every warehouse file completely (minutes for 10 GB).")] = False,
) -> None:
    """Look at this machine, the settings, the reference data, the warehouse and the schedule, and say what to do.

    `ok` is in order, `look` is good to know, `fix` is missing, broken or stale. The exit status is 1 when anything is to be
    fixed, so that a script can ask. Nothing is changed, and nothing is asked of the network but this machine's own Prefect.

    `--deep` also reads every Parquet file, every WARC record and the release file, and names each damaged file.
    """
    found = list(examine(deep=deep))
    shown = [one for one in found if not (only_trouble and one.level is Level.ok)]
    console = Screen(highlight=False)
    if console.is_terminal:
        table = Table.grid(padding=(0, 2))
        for one in shown:
            told = f"{one.state}. [bold]{one.todo}[/bold]" if one.todo else one.state
            table.add_row(f"[{COLOURS[one.level]}]{one.level}[/]", one.what, told)
        console.print(table)
    else:
        for one in shown:
            print(f"{one.level:<4}  {one.what}: {one.state}{'. ' + one.todo if one.todo else ''}")
    count = sum(one.level is Level.fix for one in found)
    if count:
        console.print(f"\n{count} to fix" if console.is_terminal else f"{count} to fix")
        raise typer.Exit(1)


def examine(*, deep: bool = False) -> Iterator[Finding]:
    """Yield all findings, the machine's first; what cannot be looked at for an earlier one's sake is left out."""
    from tidings.flows.cli.doctor_machine import examine_machine, examine_seeds
    from tidings.flows.cli.doctor_schedule import examine_schedule
    from tidings.flows.cli.doctor_warehouse import examine_files, examine_warehouse
    from tidings.flows.cli.places import reading_lake

    try:
        settings = read_settings()
    except SettingsError as error:
        yield fix("settings", str(error).rstrip("."), "Put the variable right; nothing else was looked at.")
        return
    yield from examine_machine(settings)
    yield from examine_seeds(settings)
    lake = reading_lake()
    yield from examine_warehouse(lake, dt.datetime.now(dt.UTC))
    if deep and lake.exists:
        yield from examine_files(lake)
    yield from examine_schedule(os.environ)
