"""Draw the sample of ``tidings code plan``, and show expected and reached widths."""

from __future__ import annotations

import shlex
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.analysis.answers import read_rows
from tidings.analysis.coding.labels import read_labels
from tidings.analysis.coding.sample import (
    COLUMNS,
    STRATA,
    draw_sample,
    freeze_plan,
    plan_path,
    prepare_population,
    read_plans,
    replace_rows,
)
from tidings.analysis.coding.widths import expected_widths, least_size, measured_widths
from tidings.annotation.phrases import spell_out
from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.lake import find_lake
from tidings.cli.terminal import SafeConsole, UserError, table_of
from tidings.storage.reference import read_csv, read_seed, write_csv
from tidings.storage.release import open_release
from tidings.storage.seed_checks import KEYS, check_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    Widths = Sequence[dict[str, Any]]

OUTSIDE = ("article_id", "theme_id", "score", "model", "version")
SHOWN = (60, 150, 300)


def read_parents() -> dict[str, str]:
    """Return the parent of each theme of the reference data; empty for a policy area."""
    themes = read_seed("themes", read_settings().seeds)
    return {row["theme_id"]: row["parent_id"] for row in themes}


def draw(
    file: Path,
    size: int,
    population: Mapping[str, Any],
    options: Mapping[str, Any],
    outside: Path | None = None,
) -> None:
    """Draw a sample, or the least that reaches a width, write it with its plan, and print groups,
    expected widths and the next steps.

    ``population`` has arguments of ``prepare_population``, ``options`` other columns of the plan.
    Raises UserError if the file exists and is not the beginning of the same sample.
    """
    width = options["width"]
    with open_release(find_lake()) as con:
        table = _load_outside(con, outside)
        prepare_population(con, **population, outside=table)
        size = (least_size(con, width) if width else None) or size
        rows = draw_sample(con, size, options["seed"])
        size = len(rows)
        widths = expected_widths(con, {size, *SHOWN}, options["change"])
        (release,) = read_rows(
            con,
            "select release_id, lexicon_version, (select count(*) from population)"
            " as article_count from ops.releases order by snapshot_id desc limit 1",
        )
    _refuse_others(file, rows)
    plan = {
        **options,
        "theme_ids": "|".join(population["themes"]),
        "language": population["language"],
        "first_on": population["first"],
        "last_on": population["last"],
        "size": size,
        **release,
    }
    write_csv(file, COLUMNS, rows)
    plan_id = freeze_plan(file, plan, rows)
    counts = Counter(map(itemgetter("stratum"), rows))
    groups = ", ".join(f"{counts[stratum]} {stratum}" for stratum in STRATA)
    print(f"Drew {counted(size, 'article')} to {file}: {groups}.")
    _show_widths(size, options["change"], widths)
    if width and _count_wide((row for row in widths if row["size"] == size), width):
        print(f"No sample is expected to give all of these themes a width of {width:g}.")
    print("Nobody knows how good the word list is before somebody codes. In 19 of 20 samples, the")
    print("width is at most that of Bad list. tidings code progress states it after 30 articles.")
    print(f"Plan {plan_id}. To prove later what you planned, publish this ID now.")
    second = sum(map(itemgetter("is_double"), rows))
    print(f"Label them: tidings code label {file} --coder NAME")
    print(f"The second coder reads {second}: tidings code label {file} --coder NAME2 --second")


def _refuse_others(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    old = [row["article_id"] for row in read_csv(file, COLUMNS)] if file.exists() else []
    if old and (len(old) >= len(rows) or old != [r["article_id"] for r in rows[: len(old)]]):
        raise UserError(
            f"{file} already exists, and its labels may refer to it. Choose another name, or"
            f" the same options with a larger --size."
        )


def _load_outside(con: duckdb.DuckDBPyConnection, file: Path | None) -> str:
    """Return the name of a table with labels of another program; empty without a file."""
    if file:
        con.register("given", pa.Table.from_pylist(_read_outside(file)))
    return "given" if file else ""


def add_outside(file: Path, path: Path) -> int:
    """Add labels of another program to ``outside_labels.csv``, and return their number."""
    return replace_rows(path, OUTSIDE, _read_outside(file), itemgetter(*KEYS["outside_labels"]))


def _read_outside(file: Path) -> list[dict[str, str]]:
    rows = [{"version": ""} | row for row in read_csv(file, OUTSIDE[:-1])]
    rows = [{name: row[name] for name in OUTSIDE} for row in rows]
    themes = read_seed("themes", read_settings().seeds)
    for problem in check_all({"outside_labels": rows, "themes": themes}, spell_out):
        raise UserError(f"{file}: {problem}")
    if not rows:
        raise UserError(f"{file} has no labels.")
    return rows


def _show_widths(size: int, change: float | None, widths: Widths) -> None:
    """Print the expected width of each theme after several numbers of articles."""
    sizes = sorted({row["size"] for row in widths})
    names: list[tuple[str, str | int]] = [("Found", "predicted"), ("Expected", "share")]
    names += [(f"Width, {number}", number) for number in sizes]
    names += [("Good list", "narrow"), ("Bad list", "wide")]
    names += [("Power", "power")] * bool(change)
    rows: dict[str, dict[Any, Any]] = {}
    for row in widths:
        own = rows.setdefault(row["theme_id"], {})
        own |= {row["size"]: row["width"]} | (row if row["size"] == size else {})
    _print_themes(rows.values(), names)


def show_progress(sample: Path, outside: Path | None = None) -> None:
    """Print the corrected share and its width for each theme, and what is missing. Raises
    UserError.
    """
    plans = read_plans(sample)
    if not plans:
        raise UserError(f"{plan_path(sample)} does not exist: draw the sample with a plan.")
    plan = plans[-1]
    files = sorted(sample.parent.glob(f"{sample.stem}-*.csv"))
    labels = read_labels(files, read_parents())
    if not labels:
        raise UserError(f"Nobody has coded an article of {sample}: tidings code label.")
    with open_release(find_lake()) as con:
        rows = measured_widths(con, plan, labels, _load_outside(con, outside))
    coded = len({row["article_id"] for row in labels})
    twice = len({(row["article_id"], row["coder"]) for row in labels}) - coded
    print(f"{coded} of {counted(int(plan['size']), 'article')} are coded, {twice} of them twice.")
    heads = ("Found", "Corrected", "From", "To", "Width", f"Width, {plan['size']}")
    names = ("predicted", "share", "low", "high", "width", "expected")
    _print_themes(rows, zip(heads, names, strict=True))
    if plan["width"]:
        goal = float(plan["width"])
        if wide := _count_wide(rows, goal):
            print(f"{wide} of {len(rows)} intervals are wider than {goal:.1%}.")
        else:
            print(f"Every interval is at most {goal:.1%} wide: you can stop.")
    if coded < int(plan["size"]):
        print("In three of four samples, the width at the end is within 30 % of the last column's.")
        print(f"Code the next article: tidings code label {sample} --coder NAME")
    if not twice:
        print(f"Let a second coder measure errors: tidings code label {sample} --coder B --second")
    print(f"Use the labels: tidings code add {shlex.join(map(str, files))} && tidings release")


def _count_wide(rows: Iterable[Mapping[str, Any]], goal: float) -> int:
    """Return how many themes have a wider interval or none."""
    return sum(row["width"] is None or row["width"] > goal for row in rows)


def _print_themes(
    rows: Iterable[Mapping[Any, Any]], names: Iterable[tuple[str, str | int]]
) -> None:
    """Print a row per theme with percentages, from the heads and keys of the columns."""
    rows, names = [*rows], [*names]
    names += [("Without labels", "plain")] * any("plain" in row for row in rows)
    cells = [
        [row["theme_id"], *("–" if row.get(n) is None else f"{row[n]:.1%}" for _, n in names)]
        for row in rows
    ]
    table = table_of(["Theme", *(f">{head}" for head, _ in names)], cells)
    table.columns[0].no_wrap = True
    SafeConsole().print(table)
