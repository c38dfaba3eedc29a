"""``tidings code``: draw a sample of articles, label it, measure the agreement of coders, and add
the labels to the seeds.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli import signals
from tidings.cli.lake import find_lake
from tidings.cli.sql import Format, write_result
from tidings.cli.terminal import UserError
from tidings.storage.reference import read_seed, write_csv

if TYPE_CHECKING:
    from tidings.analysis.coding.server import Sheet

code = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Draw a sample of articles, label their themes, and measure the agreement of two coders.",
)


@code.command()
def draw(
    file: Annotated[Path, typer.Argument(metavar="SAMPLE", help="CSV file to write.")],
    size: Annotated[int, typer.Option(min=1, help="Number of articles.")] = 120,
    theme: Annotated[
        str,
        typer.Option(metavar="T", help="theme_id to which the groups refer. Default: all themes."),
    ] = "",
    language: Annotated[
        str, typer.Option(metavar="L", help="Language of the articles, such as en. Default: all.")
    ] = "",
    first: Annotated[
        str,
        typer.Option(
            "--from", metavar="D", help="First day or month of publication. Default: no limit."
        ),
    ] = "",
    last: Annotated[
        str,
        typer.Option(
            "--until", metavar="D", help="Last day or month of publication. Default: no limit."
        ),
    ] = "",
    seed: Annotated[int, typer.Option(help="Number that determines the random choice.")] = 1,
) -> None:
    """Draw a stratified sample of the last release's articles.

    The sample has three groups of equal size: `hit` (the word list finds that the article is about
    a theme), `near_miss` (it only mentions a theme, or contains a general word that did not count)
    and `silent` (all others). Within a group, languages, outlets and months have their share of the
    group's articles. `weight` is the number of articles that each drawn article represents.

    Example: `tidings code draw health.csv --theme health --language en --from 2026-01 --until
    2026-06`
    """
    from tidings.analysis.coding.sample import COLUMNS, STRATA, draw_sample
    from tidings.cli.index import read_bound
    from tidings.storage.release import open_release

    days = read_bound("--from", first, is_end=False), read_bound("--until", last, is_end=True)
    if days[0] and days[1] and days[0] > days[1]:
        raise UserError(f"Invalid period: --from {days[0]} is after --until {days[1]}.")
    if file.exists():
        raise UserError(
            f"{file} already exists. Choose another name, because its labels may refer to it."
        )
    with open_release(find_lake()) as con:
        rows = draw_sample(
            con, size, theme=theme, language=language, first=days[0], last=days[1], seed=seed
        )
    write_csv(file, COLUMNS, rows)
    counts = Counter(row["stratum"] for row in rows)
    groups = ", ".join(f"{counts[stratum]} {stratum}" for stratum in STRATA)
    print(f"Drew {counted(len(rows), 'article')} to {file}: {groups}.")
    print(f"Label them: tidings code label {file} --coder NAME")


@code.command()
def label(
    sample: Annotated[
        Path, typer.Argument(metavar="SAMPLE", help="CSV file that `tidings code draw` wrote.")
    ],
    coder: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Name or pseudonym of the person who reads the articles."
        ),
    ],
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="Port of the page on 127.0.0.1. Default: any free port."
        ),
    ] = 0,
) -> None:
    """Show each article of a sample without the results of the word list, and store the themes that
    the coder chooses.

    The command prints the URL of the coding sheet, and serves it on this machine only, until
    Ctrl-C. It stores the labels of each article immediately in `SAMPLE-NAME.csv`. Start the command
    again to continue. Each coder has a file, and does not see the labels of others.
    """
    from tidings.analysis.coding.labels import CodingSheet
    from tidings.storage.release import open_release

    with open_release(find_lake()) as con:
        sheet = CodingSheet(con, sample, coder.strip())
        if sheet.missing_count:
            print(
                f"{sheet.missing_count} articles of the sample are not in the last release any"
                f" more."
            )
        serve_until_stopped(sheet, port)
        print(
            f"{len(sheet.coded())} of {sheet.count} articles are coded. The labels are in"
            f" {sheet.path}."
        )


def serve_until_stopped(sheet: Sheet, port: int = 0) -> None:
    """Serve a sheet and print its URL until Ctrl-C, which does not end the command."""
    from tidings.analysis.coding.server import serve_sheet

    signals.unwatch()
    with contextlib.suppress(KeyboardInterrupt):
        serve_sheet(
            sheet,
            port,
            lambda url: print(
                f"Open this URL in a browser: {url}\nPress Ctrl-C to finish.", flush=True
            ),
        )
    print()
    signals.watch()


@code.command()
def agreement(
    labels: Annotated[
        list[Path],
        typer.Argument(
            metavar="LABELS...", help="CSV files with the labels of two or more coders."
        ),
    ],
    form: Annotated[Format, typer.Option("--format", help="Format of the result.")] = Format.table,
) -> None:
    """Report the agreement of coders on each theme, on all policy areas and on all themes below
    them.

    The measure `about` compares which themes an article is about (main), and `mention` which themes
    it deals with (main or side). A policy area includes its themes. Columns: `article_count`
    (articles with two coders), `chosen_count` (choices of the theme), `agreement` (share of equal
    decisions), and Krippendorff's `alpha` with a 95 % jackknife interval, which is null if all
    coders made the same decision about all articles.
    """
    import duckdb
    import pyarrow as pa

    from tidings.analysis.coding.agreement import measure_agreement
    from tidings.analysis.coding.labels import read_labels

    parents = {
        row["theme_id"]: row["parent_id"]
        for row in read_seed("themes", read_settings().seeds, ("theme_id",))
    }
    rows: list[dict[str, Any]] = measure_agreement(read_labels(labels, parents), parents)
    with duckdb.connect() as con:
        write_result(con.from_arrow(pa.Table.from_pylist(rows)), form)


@code.command()
def add(
    labels: Annotated[
        list[Path], typer.Argument(metavar="LABELS...", help="CSV files with labels.")
    ],
) -> None:
    """Add labels to `codings.csv` in the last folder of TIDINGS_SEEDS, by default `seeds/` in the
    data folder.

    The labels replace those of the same coder and text. The next nightly run computes recall and
    precision with them.
    """
    from tidings.analysis.coding.labels import add_labels, read_labels
    from tidings.cli.phrase_review import warn_if_bundled

    folders = read_settings().seeds
    themes = {row["theme_id"] for row in read_seed("themes", folders, ("theme_id",))}
    path = folders[-1] / "codings.csv"
    count = add_labels(path, read_labels(labels, themes))
    print(
        f"Added the labels of {counted(count, 'article')} to {path}. The next nightly run uses"
        f" them."
    )
    warn_if_bundled(folders[-1])
