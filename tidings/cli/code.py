"""``tidings code``: plan a sample of articles, label it, and use the labels."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli import signals
from tidings.cli.lake import find_lake
from tidings.cli.sql import Format, write_result

if TYPE_CHECKING:
    from tidings.analysis.coding.server import Sheet

_DAY = "day or month of publication. Default: no limit."
Sample = Annotated[Path, typer.Argument(metavar="SAMPLE", help="CSV file of `tidings code plan`.")]
Labels = Annotated[list[Path], typer.Argument(metavar="LABELS...", help="CSV files with labels.")]
Outside = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        help="Labels of another program, as for `tidings code outside`. Default: those added.",
    ),
]
Form = Annotated[Format, typer.Option("--format", help="Format of the result.")]

code = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Plan a sample of articles, label their themes, and measure the agreement of two coders.",
)


@code.command()
def plan(
    file: Annotated[Path, typer.Argument(metavar="SAMPLE", help="CSV file to write.")],
    size: Annotated[int, typer.Option(min=1, help="Number of articles.")] = 150,
    width: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Draw what this width of each interval needs."),
    ] = None,
    change: Annotated[
        float | None,
        typer.Option(min=-1.0, max=1.0, help="Show the power to find this change of a share."),
    ] = None,
    theme: Annotated[
        list[str] | None,
        typer.Option(metavar="T", help="theme_id to plan for; repeatable. Default: the largest."),
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="L", help="Language of the articles, such as en. Default: all.")
    ] = "",
    first: Annotated[str, typer.Option("--from", metavar="D", help=f"First {_DAY}")] = "",
    last: Annotated[str, typer.Option("--until", metavar="D", help=f"Last {_DAY}")] = "",
    question: Annotated[
        str, typer.Option(help="The question to answer, for the frozen plan.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Number that determines the random choice.")] = 1,
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
    from tidings.cli.code_plan import draw
    from tidings.cli.index import read_bounds

    days = read_bounds("--from", first, "--until", last)
    population = {"themes": theme or [], "language": language, **days}
    question = " ".join(question.split())
    options = {"width": width, "change": change, "seed": seed, "question": question}
    draw(file, size, population, options, labels)


@code.command()
def progress(sample: Sample, labels: Outside = None) -> None:
    """Show the corrected share and the width that the labels of a sample give so far.

    The command reads `SAMPLE-NAME.csv` of all coders and states whether the planned width is
    reached.
    """
    from tidings.cli.code_plan import show_progress

    show_progress(sample, labels)


@code.command()
def label(
    sample: Sample,
    coder: Annotated[str, typer.Option(metavar="NAME", help="Name or pseudonym of the reader.")],
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Port of the page. Default: any free port."),
    ] = 0,
    second: Annotated[
        bool, typer.Option("--second", help="Only the articles for a second coder.")
    ] = False,
) -> None:
    """Show each article of a sample without the word list's results, and store the coder's themes.

    The command serves the coding sheet on this machine until Ctrl-C, and stores each article's
    labels immediately in `SAMPLE-NAME.csv`. Start it again to continue. Coders do not see the
    labels of others.
    """
    from tidings.analysis.coding.labels import CodingSheet
    from tidings.storage.release import open_release

    with open_release(find_lake()) as con:
        sheet = CodingSheet(con, sample, coder.strip(), is_second=second)
        if sheet.missing_count:
            print(
                f"{sheet.missing_count} articles of the sample are not in the last release any"
                f" more."
            )
        serve_until_stopped(sheet, port)
        print(
            f"{len(sheet.coded())} of {len(sheet.rows)} articles are coded. The labels are in"
            f" {sheet.path}. See the widths: tidings code progress {sample}"
        )


def serve_until_stopped(sheet: Sheet, port: int = 0) -> None:
    """Serve a sheet until Ctrl-C, which does not end the command."""
    from tidings.analysis.coding.server import serve_sheet

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
    import duckdb
    import pyarrow as pa

    from tidings.analysis.coding.agreement import measure_agreement
    from tidings.analysis.coding.labels import read_labels
    from tidings.cli.code_plan import read_parents

    parents = read_parents()
    rows = measure_agreement(read_labels(labels, parents), parents)
    with duckdb.connect() as con:
        write_result(con.from_arrow(pa.Table.from_pylist(rows)), form)


@code.command()
def add(labels: Labels) -> None:
    """Add labels to `codings.csv`, and their plans to `coding_plans.csv`, in the last folder of
    TIDINGS_SEEDS, by default `seeds/` in the data folder, in place of those of the same coder and
    text. The next nightly run, or `tidings release`, uses them.
    """
    from tidings.analysis.coding.labels import COLUMNS, TEXT, read_labels
    from tidings.analysis.coding.sample import add_plans, replace_rows
    from tidings.cli.code_plan import read_parents

    path = _own_file("codings")
    rows = read_labels(labels, read_parents())
    add_plans(_own_file("coding_plans"), labels, {row.get("plan_id", "") for row in rows})
    replace_rows(path, COLUMNS, rows, TEXT)
    count = len({row["text_hash"] for row in rows})
    print(
        f"Added the labels of {counted(count, 'article')} to {path}. The next nightly run uses"
        f" them; to use them now: tidings release"
    )


def _own_file(name: str) -> Path:
    """Return the file of a table in the user's own folder."""
    settings = read_settings()
    folder = settings.seeds[-1] if len(settings.seeds) > 1 else settings.own_seeds
    return folder / f"{name}.csv"


@code.command()
def outside(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV file with article_id, theme_id, score, model and version."
        ),
    ],
) -> None:
    """Add the labels of another program to `outside_labels.csv`: of a classifier, a language model
    or a colleague's list.

    `score` is from 0 to 1. The labels are never truth: they divide the articles into groups, which
    makes intervals narrower if they agree with the coders.
    """
    from tidings.cli.code_plan import add_outside

    path = _own_file("outside_labels")
    count = add_outside(file, path)
    print(f"Added {counted(count, 'label')} to {path}. To use them now: tidings release")


@code.command("export")
def export_labels(
    theme: Annotated[str, typer.Argument(metavar="THEME", help="theme_id to export.")],
    form: Form = "csv",
) -> None:
    """Write each article of the last release with its prediction, probability of selection and
    codings, as the R package dsl and the Python package ppi_py need them.

    Columns: `article_id`, `story_id`, `published_on`, `publisher_id`, `language`, `prediction`
    (about, mentioned, absent), `predicted` (1 if about), `outside_score` (mean of the labels of
    other programs), `probability` of selection, `label` (1 or 0, empty if nobody coded the article)
    and `second_label`.
    """
    from tidings.analysis.coding.labels import labelled_articles
    from tidings.storage.release import open_release

    with open_release(find_lake()) as con:
        write_result(labelled_articles(con, theme), form)
