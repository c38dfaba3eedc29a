"""Draw the sample of ``tidings code plan``, and show expected and reached widths."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter, defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tidings.analysis.coding.labels import read_labels
from tidings.analysis.coding.plan import freeze_plan, plan_path, read_plans
from tidings.analysis.coding.sample import (
    COLUMNS,
    EMPTY,
    STRATA,
    draw_prepared,
    prepare_population,
)
from tidings.analysis.coding.widths import expected_widths, least_size, measured_widths
from tidings.annotation.variants import spell_out
from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.lake import find_lake
from tidings.cli.terminal import SafeConsole, UserError, table_of
from tidings.storage.reference import KEYS, read_csv, read_seed, write_csv
from tidings.storage.release import open_release
from tidings.storage.seed_checks import check_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

OUTSIDE = ("article_id", "theme_id", "score", "model", "version")
SHOWN = (60, 150, 300)


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """The options of a plan, by the columns of its file."""

    theme_ids: tuple[str, ...]
    language: str
    first_on: dt.date | None
    last_on: dt.date | None
    width: float | None
    change: float | None
    seed: int
    question: str

    def population(self) -> dict[str, Any]:
        """Return the arguments that select articles and themes."""
        return {
            "themes": self.theme_ids,
            "language": self.language,
            "first": self.first_on,
            "last": self.last_on,
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    """A sample with the expected widths of its themes."""

    rows: Sequence[dict[str, Any]]
    widths: Sequence[dict[str, Any]]
    without: Sequence[dict[str, Any]]  # widths without labels of other programs; empty if none
    size: int
    plan_id: str


def draw(file: Path, size: int, options: Options, outside: Path | None = None) -> Drawn:
    """Draw a sample, write it with its plan, and return it. With a width, the number of articles is
    the least that reaches it, if any does. ``outside`` has labels of another program.

    Raises:
        UserError: If the file exists and is not the beginning of the same sample.
    """
    with open_release(find_lake()) as con:
        table = load_outside(con, outside) if outside else ""
        prepare_population(con, **options.population(), outside=table)
        if options.width:
            size = least_size(con, options.width) or size
        rows = draw_prepared(con, size, options.seed)
        widths = expected_widths(con, {size, *SHOWN}, options.change)
        without: Sequence[dict[str, Any]] = ()
        if con.execute("select 1 from outside").fetchone():
            prepare_population(con, **options.population(), outside=EMPTY)
            without = expected_widths(con, [size])
        (release,) = con.execute(
            "select release_id, lexicon_version, (select count(*) from population)"
            " from ops.releases order by snapshot_id desc limit 1"
        ).fetchall()
    if file.exists():
        old = [row["article_id"] for row in read_csv(file, COLUMNS)]
        if len(old) >= len(rows) or old != [row["article_id"] for row in rows[: len(old)]]:
            raise UserError(
                f"{file} already exists, and its labels may refer to it. Choose another name, or"
                f" the same options with a larger --size."
            )
    plan = dataclasses.asdict(options) | {
        "theme_ids": "|".join(options.theme_ids),
        "size": len(rows),
        **dict(zip(("release_id", "lexicon_version", "article_count"), release, strict=True)),
    }
    write_csv(file, COLUMNS, rows)
    return Drawn(rows, widths, without, len(rows), freeze_plan(file, plan, rows))


def load_outside(con: duckdb.DuckDBPyConnection, file: Path) -> str:
    """Create a temporary table with labels of another program, and return its name.

    Raises:
        UserError: If a cell is invalid.
    """
    rows = _read_outside(file)
    con.execute(
        "create or replace temp table given (theme_id varchar, article_id uuid, score double)"
    )
    values = [[row["theme_id"], row["article_id"], float(row["score"])] for row in rows]
    con.executemany("insert into given values (?, ?, ?)", values)
    return "given"


def add_outside(file: Path, path: Path) -> int:
    """Add labels of another program to ``outside_labels.csv`` in place of those of the same
    article, theme and model, and return their number. Raises UserError if a cell is invalid.
    """
    key = itemgetter(*KEYS["outside_labels"])
    rows = {key(row): row for row in _read_outside(file)}
    kept = read_csv(path, OUTSIDE) if path.exists() else []
    write_csv(path, OUTSIDE, [*(row for row in kept if key(row) not in rows), *rows.values()])
    return len(rows)


def _read_outside(file: Path) -> list[dict[str, str]]:
    rows = [{"version": ""} | row for row in read_csv(file, OUTSIDE[:-1])]
    rows = [{name: row[name] for name in OUTSIDE} for row in rows]
    themes = read_seed("themes", read_settings().seeds, ("theme_id",))
    for problem in check_all({"outside_labels": rows, "themes": themes}, spell_out):
        raise UserError(f"{file}: {problem}")
    if not rows:
        raise UserError(f"{file} has no labels.")
    return rows


def show_plan(drawn: Drawn, file: Path, options: Options) -> None:
    """Print the groups of a sample, the expected widths and the next steps."""
    counts = Counter(row["stratum"] for row in drawn.rows)
    groups = ", ".join(f"{counts[stratum]} {stratum}" for stratum in STRATA)
    print(f"Drew {counted(drawn.size, 'article')} to {file}: {groups}.")
    _show_widths(drawn, options.change)
    last = [row["width"] for row in drawn.widths if row["size"] == drawn.size]
    if options.width and any(width is None or width > options.width for width in last):
        print(f"No sample is expected to give all of these themes a width of {options.width:g}.")
    print(f"Plan {drawn.plan_id}. To prove later what you planned, publish this ID now.")
    second = sum(bool(row["is_double"]) for row in drawn.rows)
    print(f"Label them: tidings code label {file} --coder NAME")
    print(f"The second coder reads {second}: tidings code label {file} --coder NAME2 --second")


def _show_widths(drawn: Drawn, change: float | None) -> None:
    """Print the expected width of each theme after several numbers of articles."""
    of_theme: dict[str, dict[int, Any]] = defaultdict(dict)
    for row in drawn.widths:
        of_theme[row["theme_id"]][row["size"]] = row
    plain = {row["theme_id"]: row["width"] for row in drawn.without}
    sizes = sorted({row["size"] for row in drawn.widths})
    heads = ["Theme", ">Found", ">Expected", *(f">Width, {size}" for size in sizes)]
    heads += [">Power"] * bool(change) + [">Without labels"] * bool(plain)
    table = []
    for theme, rows in of_theme.items():
        own = rows[drawn.size]
        cells = [own["predicted"], own["share"], *(rows[size]["width"] for size in sizes)]
        cells += [own["power"]] * bool(change) + [plain.get(theme)] * bool(plain)
        table.append([theme, *map(_percent, cells)])
    SafeConsole().print(table_of(heads, table))


def show_progress(sample: Path, outside: Path | None = None) -> None:
    """Print the corrected share and its width for each theme, and what is missing.

    Raises:
        UserError: If the sample has no plan or nobody has coded an article.
    """
    plans = read_plans(sample)
    if not plans:
        raise UserError(f"{plan_path(sample)} does not exist: draw the sample with a plan.")
    plan = plans[-1]
    themes = {row["theme_id"] for row in read_seed("themes", read_settings().seeds, ("theme_id",))}
    labels = read_labels(sorted(sample.parent.glob(f"{sample.stem}-*.csv")), themes)
    if not labels:
        raise UserError(f"Nobody has coded an article of {sample}: tidings code label.")
    with open_release(find_lake()) as con:
        rows = measured_widths(con, plan, labels, load_outside(con, outside) if outside else "")
    _show_widths_of(rows, labels, plan)


def _show_widths_of(
    rows: Sequence[dict[str, Any]], labels: Sequence[dict[str, str]], plan: dict[str, str]
) -> None:
    coded = len({row["article_id"] for row in labels})
    twice = len({(row["article_id"], row["coder"]) for row in labels}) - coded
    print(f"{coded} of {counted(int(plan['size']), 'article')} are coded, {twice} of them twice.")
    heads = ("Theme", ">Found", ">Corrected", ">From", ">To", ">Width", f">Width, {plan['size']}")
    names = ("predicted", "share", "low", "high", "width", "expected")
    cells = [[row["theme_id"], *(_percent(row[name]) for name in names)] for row in rows]
    SafeConsole().print(table_of(heads, cells))
    if plan["width"]:
        _show_goal(float(plan["width"]), [row["width"] or 1.0 for row in rows])


def _show_goal(goal: float, widths: Sequence[float]) -> None:
    wide = sum(width > goal for width in widths)
    if wide:
        print(f"{wide} of {len(widths)} intervals are wider than {goal:.1%}.")
    else:
        print(f"Every interval is at most {goal:.1%} wide: you can stop.")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
