"""``tidings code``: plan a sample of articles, label it, and use the labels."""

import contextlib
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import duckdb
from typer import Argument, Option

from tidings.analysis.agreement import measure_agreement
from tidings.analysis.answers import Row, read_rows
from tidings.analysis.coding.labels import TEXT, CodingSheet, Sheet, labelled_articles, read_labels
from tidings.analysis.coding.sample import (
    COLUMNS,
    STRATA,
    add_plans,
    draw_sample,
    expected_widths,
    freeze_plan,
    least_size,
    measured_widths,
    plan_path,
    prepare_population,
    read_plans,
)
from tidings.analysis.coding.server import serve_sheet
from tidings.analysis.own_seeds import own_folder, read_own, replace_rows
from tidings.annotation.phrases import spell_out
from tidings.base.languages.plural import counted
from tidings.base.load_rows import load_rows
from tidings.base.settings import read_settings
from tidings.cli import signals
from tidings.cli.compare import read_bounds
from tidings.cli.lake import find_lake
from tidings.cli.sql import Form, write_result
from tidings.cli.terminal import UserError, display, group, print_progress, refuse, table_of
from tidings.storage.lake import Connection
from tidings.storage.reference import read_csv, read_seed, write_csv
from tidings.storage.release import open_release
from tidings.storage.seed_checks import KEYS, check_all

OUTSIDE = ("article_id", "theme_id", "score", "model", "version")
_COMPARED = ("article_id", "text_hash", "coder", "theme_id", "role", "is_any")
SHOWN = (60, 300)  # numbers of articles whose expected widths the plan also shows
_DAY = "day or month of publication. Default: no limit."
Sample = Annotated[Path, Argument(metavar="SAMPLE", help="CSV file of `tidings code plan`.")]
Labels = Annotated[list[Path], Argument(metavar="LABELS...", help="CSV files with labels.")]
Outside = Annotated[
    Path | None,
    Option(
        "--labels",
        metavar="FILE",
        help="Labels of another program, as for `tidings code outside`. Default: those added.",
    ),
]

code = group(
    "Plan a sample of articles, label their themes, and measure the agreement of two coders.",
    no_args_is_help=True,
)


def read_parents() -> dict[str, str]:
    """Return the parent of each theme of the reference data; empty for a policy area."""
    themes = read_seed("themes", read_settings().seeds)
    return {row["theme_id"]: row["parent_id"] for row in themes}


@code.command()
def plan(
    file: Path = Argument(metavar="SAMPLE", help="CSV file to write."),
    size: int = Option(150, min=1, help="Number of articles."),
    width: float | None = Option(
        None, min=0.0, max=1.0, help="Draw until each interval is this narrow."
    ),
    change: float | None = Option(
        None, min=-1.0, max=1.0, help="Show the power to find this change of a share."
    ),
    theme: list[str] | None = Option(
        None, metavar="T", help="theme_id to plan for; repeatable. Default: the largest."
    ),
    language: str = Option(
        "", metavar="L", help="Language of the articles, such as en. Default: all."
    ),
    first: str = Option("", "--from", metavar="D", help=f"First {_DAY}"),
    last: str = Option("", "--until", metavar="D", help=f"Last {_DAY}"),
    question: str = Option("", help="The question to answer, for the frozen plan."),
    seed: int = Option(1, help="Number that determines the random choice."),
    labels: Outside = None,
) -> None:
    """Draw the articles to code from the last release, and show the expected widths beforehand.

    The most useful articles come first, each with a known probability, so you can stop after any
    article. Every fifth is also for a second coder. The table shows the share that the word list
    finds, the expected true share, and the expected width of its 95 % interval.

    `SAMPLE.plan.csv` freezes the plan. To draw more articles, repeat the command with a larger
    `--size`: the sample keeps its first articles.

    Example: `tidings code plan health.csv --theme health --width 0.04 --from 2026-01 --until
    2026-06`
    """
    days, themes = read_bounds("--from", first, "--until", last), theme or []
    with open_release(find_lake()) as con:
        table = _load_outside(con, labels)
        prepare_population(con, themes=themes, language=language, **days, outside=table)
        size = (least_size(con, width) if width else None) or size
        rows = draw_sample(con, size, seed)
        size = len(rows)
        widths = expected_widths(con, {size, *SHOWN}, change)
        (release,) = read_rows(
            con,
            "select release_id, lexicon_version, (select count(*) from population)"
            " as article_count from ops.releases order by snapshot_id desc limit 1",
        )
    _refuse_others(file, rows)
    plan = {
        "question": " ".join(question.split()),
        "theme_ids": "|".join(themes),
        "language": language,
        "first_on": days["first"],
        "last_on": days["last"],
        "size": size,
        "width": width,
        "change": change,
        "seed": seed,
        **release,
    }
    write_csv(file, COLUMNS, rows)
    plan_id = freeze_plan(file, plan, rows)
    counts = Counter(map(itemgetter("stratum"), rows))
    groups = ", ".join(f"{counts[stratum]} {stratum}" for stratum in STRATA)
    print(f"Drew {counted(size, 'article')} to {file}: {groups}.")
    _show_widths(size, change, widths)
    if width and _count_wide((row for row in widths if row["size"] == size), width):
        print(f"No sample is expected to give all of these themes a width of {width:g}.")
    print("Nobody knows how good the word list is before somebody codes. In 19 of 20 samples, the")
    print("width is at most that of Bad list. tidings code progress states it after 30 articles.")
    print(f"Plan {plan_id}. To prove later what you planned, publish this ID now.")
    second = sum(map(itemgetter("is_double"), rows))
    print(f"Label them: tidings code label {file} --coder NAME")
    print(f"The second coder reads {second}: tidings code label {file} --coder NAME2 --second")


@code.command()
def progress(sample: Sample, labels: Outside = None) -> None:
    """Show the corrected share and the width that the labels of a sample give so far.

    The command reads `SAMPLE-NAME.csv` of all coders and states whether the planned width is
    reached.
    """
    plans = read_plans(plan_path(sample))
    refuse(not plans, f"{plan_path(sample)} does not exist: draw the sample with a plan.")
    plan = plans[-1]
    files = sorted(sample.parent.glob(f"{sample.stem}-*.csv"))
    coded = read_labels(files, read_parents())
    refuse(not coded, f"Nobody has coded an article of {sample}: tidings code label.")
    with open_release(find_lake()) as con:
        rows = measured_widths(con, plan, coded, _load_outside(con, labels))
    count = len({row["article_id"] for row in coded})
    twice = len({(row["article_id"], row["coder"]) for row in coded}) - count
    print(f"{count} of {counted(int(plan['size']), 'article')} are coded, {twice} of them twice.")
    heads = ("Found", "Corrected", "From", "To", "Width", f"Width, {plan['size']}")
    names = ("predicted", "share", "low", "high", "width", "expected")
    print_themes(rows, zip(heads, names, strict=True))
    if plan["width"]:
        goal = float(plan["width"])
        if wide := _count_wide(rows, goal):
            print(f"{wide} of {len(rows)} intervals are wider than {goal:.1%}.")
        else:
            print(f"Every interval is at most {goal:.1%} wide: you can stop.")
    if count < int(plan["size"]):
        print("In three of four samples, the width at the end is within 30 % of the last column's.")
        print(f"Code the next article: tidings code label {sample} --coder NAME")
    if not twice:
        print(f"Let a second coder measure errors: tidings code label {sample} --coder B --second")
    print(f"Use the labels: tidings code add {shlex.join(map(str, files))} && tidings release")


@code.command()
def label(
    sample: Sample,
    coder: str = Option(metavar="NAME", help="Name or pseudonym of the reader."),
    port: int = Option(0, min=0, max=65535, help="Port of the page. Default: any free port."),
    second: bool = Option(False, "--second", help="Only the articles for a second coder."),
) -> None:
    """Show each article of a sample without the word list's results, and store the coder's themes.

    The command serves the coding sheet on this machine until Ctrl-C, and stores each article's
    labels immediately in `SAMPLE-NAME.csv`. Start it again to continue. Coders do not see the
    labels of others.
    """
    with open_release(find_lake()) as con:
        sheet = CodingSheet(con, sample, coder.strip(), is_second=second)
        if count := sheet.missing_count:
            print(f"{count} articles of the sample are not in the last release any more.")
        serve_until_stopped(sheet, port)
        print(
            f"{len(sheet.coded())} of {len(sheet.rows)} articles are coded. The labels are in"
            f" {sheet.path}. See the widths: tidings code progress {sample}"
        )


def serve_until_stopped(sheet: Sheet, port: int = 0) -> None:
    """Serve a sheet until Ctrl-C, which does not end the command."""

    def show(url: str) -> None:
        print(f"Open this URL in a browser: {url}\nPress Ctrl-C to finish.", flush=True)

    signals.unwatch()
    with contextlib.suppress(KeyboardInterrupt):
        serve_sheet(sheet, port, show)
    print()
    signals.watch()


@code.command()
def agreement(labels: Labels, form: Form = "table") -> None:
    """Report the agreement of coders on each theme, on all policy areas and all themes below them.

    The measure `about` compares main themes, `mention` main and side themes. A policy area includes
    its themes. Columns: `article_count` (articles with two coders), `chosen_count` (choices of the
    theme), `agreement` (share of equal decisions), and Krippendorff's `alpha` with a 95 % jackknife
    interval, null if all decisions are equal.
    """
    parents = read_parents()
    rows = map(itemgetter(*_COMPARED), read_labels(labels, parents))
    with duckdb.connect() as con:
        load_rows(con, "labels", rows, dict.fromkeys(_COMPARED, "varchar"))
        load_rows(con, "themes", parents.items(), {"theme_id": "varchar", "parent_id": "varchar"})
        write_result(measure_agreement(con, "labels", "themes"), form)


@code.command()
def add(labels: Labels) -> None:
    """Add labels to `codings.csv`, and their plans to `coding_plans.csv`, in the last folder of
    TIDINGS_SEEDS, by default `seeds/` in the data folder, in place of those of the same coder and
    text. The next nightly run, or `tidings release`, uses them.
    """
    folder = own_folder(read_settings())
    path, rows = folder / "codings.csv", read_labels(labels, read_parents())
    ids = {row["text_hash"]: row.get("plan_id", "") for row in rows}
    plans = add_plans(folder / "coding_plans.csv", labels, {*ids.values()})
    if planless := sum(plan_id not in plans for plan_id in ids.values()):
        print_progress(
            f"The labels of {counted(planless, 'article')} have no plan: keep SAMPLE.plan.csv"
            " beside the sample and its labels."
        )
    replace_rows(path, rows, TEXT)
    print(
        f"Added the labels of {counted(len(ids), 'article')} to {path}. The next nightly run uses"
        f" them; to use them now: tidings release"
    )


@code.command()
def outside(
    file: Path = Argument(
        metavar="FILE", help="CSV file with article_id, theme_id, score, model and version."
    ),
) -> None:
    """Add the labels of another program to `outside_labels.csv`: of a classifier, a language model
    or a colleague's list.

    `score` is from 0 to 1. The labels are never truth: they divide the articles into groups, which
    makes intervals narrower if they agree with the coders.
    """
    path = own_folder(read_settings()) / "outside_labels.csv"
    count = replace_rows(path, _read_outside(file), itemgetter(*KEYS["outside_labels"]))
    print(f"Added {counted(count, 'label')} to {path}. To use them now: tidings release")


@code.command("export")
def export_labels(
    theme: str = Argument(metavar="THEME", help="theme_id to export."),
    form: Form = "csv",
) -> None:
    """Write each article of the last release with its prediction, probability of selection and
    codings, as the R package dsl and the Python package ppi_py need them.

    Columns: `article_id`, `story_id`, `published_on`, `publisher_id`, `language`, `prediction`
    (about, mentioned, absent), `predicted` (1 if about), `outside_score` (mean of the labels of
    other programs), `probability` of selection, `label` (1 or 0, empty if nobody coded the article)
    and `second_label`.
    """
    with open_release(find_lake()) as con:
        write_result(labelled_articles(con, theme), form)


def _refuse_others(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise UserError if a file exists and is not the beginning of the same sample."""
    old = [row["article_id"] for row in read_own(file, COLUMNS)]
    refuse(
        old and (len(old) >= len(rows) or old != [r["article_id"] for r in rows[: len(old)]]),
        f"{file} already exists, and its labels may refer to it. Choose another name, or"
        f" the same options with a larger --size.",
    )


def _load_outside(con: Connection, file: Path | None) -> str:
    """Return the name of a table with labels of another program; empty without a file."""
    if file:
        rows = (row.values() for row in _read_outside(file))
        load_rows(con, "given", rows, dict.fromkeys(OUTSIDE, "varchar"))
    return "given" if file else ""


def _read_outside(file: Path) -> list[dict[str, str]]:
    """Return the labels of another program. Raises UserError, also if there are none."""
    rows = [{name: row.get(name, "") for name in OUTSIDE} for row in read_csv(file, OUTSIDE[:-1])]
    themes = read_seed("themes", read_settings().seeds)
    for problem in check_all({"outside_labels": rows, "themes": themes}, spell_out):
        raise UserError(f"{file}: {problem}")
    refuse(not rows, f"{file} has no labels.")
    return rows


def _show_widths(size: int, change: float | None, widths: Sequence[Row]) -> None:
    """Print the expected width of each theme after several numbers of articles."""
    names: list[tuple[str, str | int]] = [("Found", "predicted"), ("Expected", "share")]
    names += [(f"Width, {number}", number) for number in sorted({row["size"] for row in widths})]
    names += [("Good list", "narrow"), ("Bad list", "wide"), *[("Power", "power")] * bool(change)]
    rows: dict[str, dict[Any, Any]] = {}
    for row in widths:
        own = rows.setdefault(row["theme_id"], {})
        own |= {row["size"]: row["width"]} | (row if row["size"] == size else {})
    print_themes(rows.values(), names)


def _count_wide(rows: Iterable[Mapping[str, Any]], goal: float) -> int:
    """Return how many themes have a wider interval or none."""
    return sum(row["width"] is None or row["width"] > goal for row in rows)


def print_themes(rows: Iterable[Mapping[Any, Any]], names: Iterable[tuple[str, str | int]]) -> None:
    """Print a row per theme with percentages, from the heads and keys of the columns."""
    rows, names = [*rows], [*names]
    names += [("Without labels", "plain")] * any("plain" in row for row in rows)
    cells = [
        [row["theme_id"], *("–" if row.get(n) is None else f"{row[n]:.1%}" for _, n in names)]
        for row in rows
    ]
    heads = (f">{head}".replace(" ", "\n") for head, _ in names)
    table = table_of(["Theme", *heads], cells)
    table.padding = (0, 1, 0, 0)
    for column in table.columns[1:]:
        column.no_wrap = True  # a narrow terminal folds the themes
    display(table)
