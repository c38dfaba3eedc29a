"""``tidings compare``: add counts of Media Cloud, GDELT or an uncertainty index as series beside
one's own.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from contextlib import contextmanager
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.comparison_file import read_table
from tidings.cli.comparison_formats import Columns, Comparison, read_comparison
from tidings.cli.phrase_review import is_bundled, locked, similar_themes
from tidings.cli.terminal import UserError, print_progress
from tidings.storage.reference import KEYS, read_csv, read_seed, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    Rows = list[dict[str, str]]

CITATIONS = {
    "mediacloud": "Roberts, H., Bhargava, R., Valiukas, L., Jen, D., Malik, M. M., Bishop, C.,"
    " Ndulue, E., Dave, A., Clark, J., Etling, B., Faris, R., Shah, A., Rubinovitz, J., Hope, A.,"
    " D'Ignazio, C., Bermejo, F., Benkler, Y., and Zuckerman, E. (2021). Media Cloud: Massive Open"
    " Source Collection of Global News on the Open Web. Proceedings of the International AAAI"
    " Conference on Web and Social Media 15(1), 1034–1045."
    " https://doi.org/10.1609/icwsm.v15i1.18127",
    "gdelt": "Leetaru, K., and Schrodt, P. A. (2013). GDELT: Global Data on Events, Location and"
    " Tone, 1979–2012. Paper presented at the ISA Annual Convention, San Francisco, April 2013."
    " Data: The GDELT Project, https://www.gdeltproject.org/",
    "epu": "Baker, S. R., Bloom, N., and Davis, S. J. (2016). Measuring Economic Policy"
    " Uncertainty. The Quarterly Journal of Economics 131(4), 1593–1636."
    " https://doi.org/10.1093/qje/qjw024. Data: https://www.policyuncertainty.com/",
}
"""Reference of each format that implies one."""
SERIES_COLUMNS = [
    "series_id",
    "name",
    "source",
    "unit",
    "counted",
    "period",
    "theme_id",
    "citation",
    "licence",
    "file_name",
    "imported_at",
]
POINT_COLUMNS = ("series_id", "start_on", "value", "article_count", "total_count")
_MAX_GAPS = 5  # gaps in the preview


class Format(StrEnum):
    """Format of a file of counts."""

    auto = "auto"
    mediacloud = "mediacloud"
    gdelt = "gdelt"
    epu = "epu"
    csv = "csv"


compare = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Add counts of Media Cloud, GDELT or an uncertainty index as series beside one's own.",
)


@compare.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV, GDELT's JSON, or the first sheet of an .xlsx file."
        ),
    ],
    name: Annotated[str, typer.Option(help="Name of the series in charts.")],
    format: Annotated[  # noqa: A002
        Format, typer.Option(help="Program that wrote the file. auto recognises it by the columns.")
    ] = Format.auto,
    column: Annotated[
        str, typer.Option(help="Column of the values, if the file has several.")
    ] = "",
    date: Annotated[
        str,
        typer.Option(
            help="Column of the first day of each period. The file is then read as any CSV."
        ),
    ] = "",
    total: Annotated[str, typer.Option(help="Column of the number of all articles.")] = "",
    unit: Annotated[str, typer.Option(help="share, count or index, without --total.")] = "",
    theme: Annotated[
        str, typer.Option(metavar="ID", help="Compare with this theme in the report and in SQL.")
    ] = "",
    citation: Annotated[
        str, typer.Option(help="Reference to cite. Default: that of the format, if it has one.")
    ] = "",
    licence: Annotated[str, typer.Option(help="Licence of the values.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the series of this name.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what the file contains and write nothing.")
    ] = False,
) -> None:
    """Add a file of counts by day, week or month as a comparison series, and print how it was
    understood.

    Formats: counts over time of Media Cloud, timelines of GDELT's DOC API (timelinevol,
    timelinevolraw; CSV or JSON), indices with columns Year and Month as on policyuncertainty.com,
    and any CSV whose columns you name. The series is stored in the last folder of TIDINGS_SEEDS, by
    default `seeds/` in the data folder. The next release contains it. No network requests.

    Example: `tidings compare add counts.csv --name "Media Cloud: steel" --theme steel_overcapacity
    --dry-run`
    """
    read = read_comparison(read_table(file), format.value, Columns(date, column, total, unit))
    series_id = re.sub(r"\W+", "_", name.casefold()).strip("_")[:60]
    if not series_id:
        raise UserError("The name is empty: use --name with letters or digits.")
    cited = citation.strip() or CITATIONS.get(read.source, "")
    if not cited:
        raise UserError(
            "The citation is missing: this format has no standard citation, so use --citation."
        )
    row = {
        "series_id": series_id,
        "name": " ".join(name.split()),
        "source": read.source,
        "unit": read.unit,
        "counted": read.counted,
        "period": read.period,
        "theme_id": theme,
        "citation": " ".join(cited.split()),
        "licence": licence.strip(),
        "file_name": file.name,
        "imported_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    themes = read_seed("themes", read_settings().seeds, KEYS["themes"])
    if theme not in {"", *map(itemgetter("theme_id"), themes)}:
        raise UserError(
            f"Unknown theme {theme!r}: it is not in themes.csv.{similar_themes(theme, themes)}"
        )
    with _own_rows() as (folder, series, points):
        known = set(map(itemgetter("series_id"), series))
        if series_id in known and not replace:
            raise UserError(f"The series {series_id} exists: use --replace, or another --name.")
        _show(row, read)
        if dry_run:
            print("Dry run: nothing was written.", file=sys.stderr)
            return
        own = [
            {
                "series_id": series_id,
                "start_on": str(point.start_on),
                "value": repr(point.value),
                "article_count": _cell(point.article_count),
                "total_count": _cell(point.total_count),
            }
            for point in read.points
        ]
        _write(folder, [*_without(series, series_id), row], [*_without(points, series_id), *own])
    verb = "Replaced" if series_id in known else "Added"
    print(f"{verb} {series_id} in {folder}. {_WHEN}", file=sys.stderr)


def _cell(count: int | None) -> str:
    return "" if count is None else str(count)


@compare.command("list")
def list_series() -> None:
    """Print each comparison series: ID, source, unit, period, first and last period, number of
    values, theme and name.
    """
    with _own_rows() as (folder, series, points):
        if not series:
            print_progress(
                f"{folder} contains no comparison series. Add one: `tidings compare add"
                f" FILE --name NAME`."
            )
        for row in series:
            days = [p["start_on"] for p in points if p["series_id"] == row["series_id"]]
            ends = min(days, default="-"), max(days, default="-"), len(days)
            cells = map(row.__getitem__, ("series_id", "source", "unit", "period"))
            print(*cells, *ends, row["theme_id"] or "-", row["name"], sep="\t")


@compare.command()
def remove(
    series_id: Annotated[
        str, typer.Argument(metavar="ID", help="ID of the series, as in `tidings compare list`.")
    ],
) -> None:
    """Remove a comparison series. Earlier releases keep it."""
    with _own_rows() as (folder, series, points):
        if series_id not in {row["series_id"] for row in series}:
            raise UserError(f"Unknown series {series_id!r}: `tidings compare list` lists them.")
        _write(folder, _without(series, series_id), _without(points, series_id))
    print(f"Removed {series_id} from {folder}. {_WHEN}", file=sys.stderr)


_WHEN = "The next nightly run applies it; without requests: `tidings backfill --mode retag`."


@contextmanager
def _own_rows() -> Iterator[tuple[Path, Rows, Rows]]:
    """Yield the user's folder of reference data, and the series and points in it, while no other
    process changes them.
    """
    settings = read_settings()
    folder = settings.own_seeds if is_bundled(settings.seeds[-1]) else settings.seeds[-1]
    with locked(folder):
        tables = [
            read_csv(path, needed) if (path := folder / f"{name}.csv").exists() else []
            for name, needed in (
                ("comparison_series", SERIES_COLUMNS),
                ("comparison_points", POINT_COLUMNS),
            )
        ]
        yield folder, tables[0], tables[1]


def _without(rows: Rows, series_id: str) -> Rows:
    return [row for row in rows if row["series_id"] != series_id]


def _write(folder: Path, series: Rows, points: Rows) -> None:
    write_csv(folder / "comparison_points.csv", POINT_COLUMNS, points)
    write_csv(folder / "comparison_series.csv", SERIES_COLUMNS, series)


def _show(row: dict[str, str], read: Comparison) -> None:
    values = [point.value for point in read.points]
    days = [*map(str, read.gaps[:_MAX_GAPS]), "…"][: len(read.gaps)]
    gaps = f"{counted(len(read.gaps), 'gap')} ({', '.join(days)})" if days else "no gaps"
    gaps += "" if read.is_over else "; the last is not over yet"
    first, last = read.points[0].start_on, read.points[-1].start_on
    lines = {
        "Series": f"{row['name']} ({row['series_id']})",
        "Format": row["source"],
        "Unit": f"{read.unit}: {read.counted}",
        "Periods": f"{len(read.points)} {read.period}s from {first} to {last}, {gaps}",
        "Values": f"{min(values):.6g} to {max(values):.6g}, mean {sum(values) / len(values):.6g}",
        "Theme": row["theme_id"] or "none: use --theme to compare it in the report",
        "Citation": row["citation"],
        "Licence": row["licence"] or "not stated",
    }
    for label, text in lines.items():
        print(f"{label:10}{text}")
