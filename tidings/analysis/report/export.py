"""Export a release as published data: Parquet, CSV and Excel files, descriptions and checksums.

In CSV, an apostrophe precedes each text that a spreadsheet would run as a formula (OWASP, CSV
injection). Parquet contains the original values. The same release gives the same bytes: rows are
sorted, and no file contains the time of the export.
"""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tidings.analysis.answers import Row
from tidings.analysis.inputs import InputError, refuse
from tidings.analysis.report.release import (
    OUTLET_COVERAGE,
    Facts,
    Table,
    cite,
    read_dictionary,
    read_facts,
)
from tidings.analysis.report.render import environment
from tidings.analysis.report.validation import NAMES, validation_files
from tidings.base.tables import BOM, FORMULA, write_csv, write_xlsx
from tidings.storage.file_store import size_and_digest, write_sums
from tidings.storage.lake import Connection, quoted

PACKAGE = "tidings-release"
DESCRIPTION = (
    "Policy themes in the news: which rise, spread and fade, in which outlets, and in"
    " which phrases."
)
RIGHTS = "Titles and texts belong to their publishers, and comparison series to their authors."
LIMITS = f"{RIGHTS} A null value is unknown, for instance in a coverage gap, and never zero."
SPDX = "https://spdx.org/licenses/"
AUTHORS = ("The Tidings authors",)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/[^\s\"'<>]+)", re.IGNORECASE)
# version 1.2.0 lists no SPDX identifier after 2021
_CFF_LICENSE = re.compile(r"CC0-1\.0|CC-BY(-NC)?(-SA|-ND)?-4\.0|ODbL-1\.0")
# the types of Frictionless; others are texts, and lists arrays
_KINDS = {
    "BOOLEAN": "boolean",
    "JSON": "object",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    **dict.fromkeys(("DOUBLE", "FLOAT"), "number"),
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UINTEGER"), "integer"),
}
_NESTED = re.compile("^(?:MAP|STRUCT).*")
MAX_OUTLETS = 40
PART = ".tidings-part"  # folder inside the export for files until all are complete
# columns with publishers' texts
TEXTS = {
    "core.articles": ("body_text", "lead"),
    "core.article_revisions": ("paragraphs_added", "paragraphs_removed"),
    "marts.theme_mentions": ("snippet",),
    "marts.statements": ("sentence",),
    "marts.candidate_phrases": ("examples",),
}
# files of exports by earlier versions, which a new export in their folder removes
_FORMER = ("croissant.json", "datacontract.yaml", "metrics.json", "ro-crate-metadata.json")
# by the option that writes them
_OPTIONS = {"xlsx": "--xlsx"} | dict.fromkeys(NAMES, "--validation")
_RANDOM = {"article_id", "story_id", "event_id", "capture_id"}
Files = dict[str, tuple[int, str]]  # by name: size in bytes, SHA-256 in hexadecimal digits


@dataclass(frozen=True, slots=True)
class Bundle:
    """A release as published data. ``license`` is an SPDX identifier, ``doi`` possibly empty, and
    ``authors`` are names of people ("Family, Given") or bodies.
    """

    facts: Facts
    tables: tuple[Table, ...]
    has_text: bool
    license: str = "CC-BY-4.0"
    doi: str = ""
    authors: tuple[str, ...] = AUTHORS

    @property
    def title(self) -> str:
        """The title of the data set, with its release."""
        return self.facts.invented.mark(
            f"Tidings: policy themes in the news, release {self.facts.release_id}"
        )

    @property
    def description(self) -> str:
        """The description of the data set, after the notice if data are invented."""
        return f"{self.facts.invented.notice} {DESCRIPTION}".lstrip()

    @property
    def keywords(self) -> list[str]:
        """The label of invented data, for catalogues that search by keyword."""
        return [*filter(None, [self.facts.invented.label])]

    @property
    def rights(self) -> str:
        """The licence, and what it does not apply to."""
        return f"{self.license}. {RIGHTS}"

    @property
    def url(self) -> str:
        """The address of the DOI; empty without a DOI."""
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def citation(self) -> str:
        """The reference for a list of literature."""
        start = f"{'; '.join(self.authors)} ({self.facts.released_at.year}): {self.title}"
        return f"{start} [data set]. {self.url}".rstrip()


def parse_doi(text: str) -> str:
    """Return a DOI without its prefix. Raises InputError."""
    if not (match := _DOI.fullmatch(text.strip())):
        raise InputError(
            f"Invalid DOI {text!r}: a DOI looks like 10.5281/zenodo.1234567. Zenodo shows it on the"
            " page of the upload."
        )
    return match[1]


def parse_license(text: str) -> str:
    """Return an SPDX identifier in its usual case. Raises InputError."""
    with suppress(InvalidLicenseExpression):
        found = str(canonicalize_license_expression(text))
        # neither has a page at spdx.org
        if not found.startswith("LicenseRef-") and " " not in found:
            return found
    raise InputError(
        f"Invalid licence {text!r}: use an SPDX identifier from https://spdx.org/licenses,"
        " such as CC-BY-4.0 or CC0-1.0."
    )


def _without_empty(values: Mapping[str, Any]) -> Row:
    return {
        name: value for name, value in values.items() if value not in ("", (), [], {}, None, False)
    }


def data_package(bundle: Bundle, files: Files) -> Row:
    """Return the description of the CSV files as a Frictionless data package, version 1."""
    facts = bundle.facts
    return _without_empty({
        "profile": "tabular-data-package",
        "name": PACKAGE,
        "id": bundle.url,
        "title": bundle.title,
        "description": f"{bundle.description} {LIMITS}",
        "keywords": bundle.keywords,
        "version": facts.release_id,
        "created": facts.released_at.isoformat(),
        "contributors": [{"title": name, "role": "author"} for name in bundle.authors],
        "licenses": [{"name": bundle.license, "path": f"{SPDX}{bundle.license}"}],
        "lexicon_version": facts.lexicon_version,
        "code_version": facts.code_version,
        "data_problems": [*map(str, facts.breaks)],
        "temporal": f"{facts.first_on}/{facts.last_on}" if facts.first_on else "",
        "resources": [_resource(table, *files[f"csv/{table.name}.csv"]) for table in bundle.tables],
    })  # fmt: skip


def _resource(table: Table, size: int, digest: str) -> Row:
    fields = [
        _without_empty({
            "name": column.name,
            "type": "array" if column.kind.endswith("[]") else _KINDS.get(column.kind, "string"),
            "description": column.description,
            "constraints": _without_empty(
                {"required": column.is_required, "unique": column.is_unique,
                 "enum": list(column.values)}
            ),
        })
        for column in table.columns
    ]  # fmt: skip
    return _without_empty({
        "name": table.name.replace("_", "-"),
        "path": f"csv/{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "description": table.description,
        "schema": _without_empty(
            {"fields": fields, "missingValues": [""], "primaryKey": list(table.key)}
        ),
    })  # fmt: skip


def citation_file(bundle: Bundle) -> str:
    """Return a record of the release as a data set in the Citation File Format, version 1.2.0."""
    facts, is_listed = bundle.facts, bool(_CFF_LICENSE.fullmatch(bundle.license))
    record = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite the release that you used.",
        "type": "dataset",
        "title": bundle.title,
        "authors": [
            {"family-names": family, "given-names": given} if given else {"name": family}
            for family, _, given in (name.partition(", ") for name in bundle.authors)
        ],
        "version": facts.release_id,
        "date-released": facts.released_at.date(),
        "license": bundle.license * is_listed,
        "license-url": f"{SPDX}{bundle.license}" * (not is_listed),
        "doi": bundle.doi,
        "keywords": bundle.keywords,
        "abstract": f"{bundle.description} Word list {facts.lexicon_version}, code"
        f" {facts.code_version}, days {cite(facts)['Days']}.",
    }
    text = yaml.safe_dump(_without_empty(record), sort_keys=False, allow_unicode=True, width=120)
    slot = "# tidings export DIR --doi 10.5281/zenodo.… writes the DOI here\n"
    return f"{text}{slot * (not bundle.doi)}"


def _read_rows(con: Connection, query: str) -> list[Any]:
    try:
        return con.execute(query).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def readme(con: Connection, bundle: Bundle, *, has_xlsx: bool) -> str:
    """Return the README as Markdown."""
    values = {name: _read_rows(con, query) for name, query in _QUERIES.items()} | {
        "bundle": bundle,
        "facts": bundle.facts,
        "description": DESCRIPTION,
        "rights": RIGHTS,
        "has_xlsx": has_xlsx,
        "columns": {table.name: [row.name for row in table.columns] for table in bundle.tables},
    }
    # the filter neutralises names
    markdown = environment().overlay(autoescape=False, keep_trailing_newline=True)
    markdown.filters["markdown"] = _format_cell
    text = markdown.get_template("release.md").render(values)
    return re.sub(r"\n{3,}", "\n\n", text)


def _format_cell(value: Any) -> str:
    """Return a value as a cell of a Markdown table, without HTML, links or column separators."""
    value = "" if value is None else value
    text = f"{value:,}" if isinstance(value, int) else " ".join(str(value).split())
    return re.sub(r"([|<\[\]*`\\])", r"\\\1", text)


_QUERIES = {
    # the theme with most articles whose ID is plain
    "example": """
select theme_id from marts.theme_monthly where regexp_full_match(theme_id, '[A-Za-z0-9_]+')
group by theme_id order by sum(article_count) desc, theme_id limit 1""",
    "outlets": f"{OUTLET_COVERAGE.format('')} limit {MAX_OUTLETS}",
    "days": "select count(*) from marts.outlet_daily",
    "comparisons": """
select name, unit, citation, coalesce(licence, 'not stated') from ref.comparison_series
order by name, series_id""",
    "gaps": """
select gap_reason, count(*) from marts.outlet_daily where is_gap group by gap_reason
order by count(*) desc, gap_reason""",
    "revisions": """
select period, array_to_string(reasons, ', ') as reasons, count(*) from marts.revised_figures
group by all order by period, reasons""",
    "languages": """
select coalesce(primary_language(language), 'unknown') as code, count(*)
from core.articles where excluded_reason is null
group by code order by count(*) desc, code limit 12""",
}


class Export(NamedTuple):
    """The release and the files of an export, and notes on incomplete and removed files."""

    bundle: Bundle
    files: Files
    notes: tuple[str, ...] = ()


def export_release(
    con: Connection,
    folder: Path,
    *,
    with_text: bool = False,
    with_xlsx: bool = False,
    with_validation: bool = False,
    license: str = "",  # noqa: A002 - the name of the field in all formats
    doi: str = "",
    authors: Sequence[str] = (),
) -> Export:
    """Export a release. If the export is interrupted, an earlier one remains complete.

    The folder is new, empty or that of an earlier export, which is replaced; InputError otherwise.
    Texts (TEXTS) are those of publishers. ``license`` (SPDX), ``doi`` (without a prefix, only of
    the same release) and ``authors`` default to those of the earlier export.
    """
    facts = read_facts(con)
    rights = _read_rights(folder, facts.release_id)
    refuse(
        folder.exists() and {path.name for path in folder.iterdir()} - {PART} and not rights,
        f"{folder} contains other files: name a new folder.",
    )
    tables = tuple(_without_texts(table, with_text=with_text) for table in read_dictionary(con))
    rights |= _without_empty({"license": license, "doi": doi, "authors": tuple(authors)})
    bundle = Bundle(facts, tables, with_text, **rights)
    # DuckDB writes the bar to standard output, which contains the path
    con.execute("set enable_progress_bar = false")
    part = folder / PART
    shutil.rmtree(part, ignore_errors=True)
    notes: list[str] = []
    try:
        for kind in ("parquet", "csv", *["xlsx"] * with_xlsx):
            (part / kind).mkdir(parents=True)
        for table in tables:
            notes += _write_table(con, bundle, table, part)
        sheet = validation_files(con, facts) if with_validation else {}
        files = _describe_files(con, bundle, part, sheet, has_xlsx=with_xlsx)
        notes += _replace(folder, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Export(bundle, files, tuple(notes))


def _describe_files(
    con: Connection, bundle: Bundle, folder: Path, sheet: dict[str, str], *, has_xlsx: bool
) -> Files:
    """Write sheet, descriptions and checksums, and return all files that these list."""
    package = json.dumps(data_package(bundle, _digest(folder)), indent=1, ensure_ascii=False)
    texts = {
        "CITATION.cff": citation_file(bundle),
        "README.md": readme(con, bundle, has_xlsx=has_xlsx),
        "datapackage.json": f"{package}\n",
        **sheet,
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    heads = ("table", "column", "type", "description", "row_count", "table_description")
    rows = (
        (table.name, *astuple(column)[:3], table.row_count, table.description)
        for table in bundle.tables
        for column in table.columns
    )
    with (folder / "dictionary.csv").open("wb") as file:
        write_csv(file, heads, rows)
    files = _digest(folder)
    write_sums(folder / "SHA256SUMS", {name: digest for name, (_, digest) in files.items()})
    return files


def _read_rights(folder: Path, release_id: str) -> Row:
    """Return licence, DOI (of the same release only) and authors of an earlier export; empty
    without one.
    """
    with suppress(OSError, ValueError, TypeError, LookupError):
        package: Row = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        doi = package.get("id", "").removeprefix("https://doi.org/")
        rights = {
            "license": package["licenses"][0]["name"],
            "doi": doi * (package["version"] == release_id),
            "authors": tuple(author["title"] for author in package["contributors"]),
        }
        return rights if package["name"] == PACKAGE else {}
    return {}


def _replace(folder: Path, part: Path) -> list[str]:
    """Replace the files of an export by renaming the new ones, and remove its further ones. Return
    a note for each option whose files are removed.
    """
    new = sorted(path.name for path in part.iterdir())
    options = {name: option for name, option in _OPTIONS.items() if (folder / name).exists()}
    for name in (*new, *{*_OPTIONS, *_FORMER}.difference(new)):
        target = folder / name
        if target.is_dir() or name not in new:
            with suppress(FileNotFoundError):
                target.rename(part / f"{name}.old")
        if name in new:
            (part / name).replace(target)
    return [
        f"Removed {name} of the earlier export: {option} writes it again."
        for name, option in options.items()
        if name not in new
    ]


def _digest(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): size_and_digest(path)
        for path in filter(Path.is_file, folder.rglob("*"))
    }


def _without_texts(table: Table, *, with_text: bool) -> Table:
    """Return a table as exported: without publishers' texts, and with the types of the files, where
    programs read UUIDs and maps differently.
    """
    dropped = () if with_text else TEXTS.get(table.name, ())
    columns = (
        replace(column, kind=_NESTED.sub("JSON", column.kind).replace("UUID", "VARCHAR"))
        for column in table.columns
        if column.name not in dropped
    )
    return replace(table, columns=tuple(columns))


def _order(table: Table) -> str:
    """Return the order of a table's rows: by key, and by day first if that is a hash."""
    kinds = {column.name: column.kind for column in table.columns}
    key = [name for name in table.sort_key if name in kinds]
    if _RANDOM.intersection(key[:1]):
        key = [name for name, kind in kinds.items() if kind == "DATE"][:1] + key
    return ", ".join(f'"{name}" nulls last' for name in key) or "all"


def _write_table(con: Connection, bundle: Bundle, table: Table, folder: Path) -> list[str]:
    """Write a table to each folder of a kind, and return a note for each limit of Excel."""
    parquet, plain, book = (
        folder / kind / f"{table.name}.{kind}" for kind in ("parquet", "csv", "xlsx")
    )
    stored = quoted(str(parquet))
    columns = {f'"{column.name}"': column.kind for column in table.columns}
    values = (f"{n}::{kind.replace('JSON', 'JSON::varchar')} as {n}" for n, kind in columns.items())
    about = {
        "table": table.name,
        "description": table.description,
        "release": bundle.facts.release_id,
        "cite_as": bundle.citation,
        "license": bundle.rights,
    }
    metadata = ", ".join(f'"{name}": {quoted(value)}' for name, value in about.items())
    con.execute(
        f"copy (select {', '.join(values)} from {table.name} order by {_order(table)}) to {stored}"
        f" (format parquet, compression zstd, kv_metadata {{{metadata}}})"
    )
    cells = ", ".join(_for_csv(name, kind) for name, kind in columns.items())
    cells = cells.replace(' as "', f' as "{BOM}', 1)
    con.execute(
        f"copy (select {cells} from {stored}) to {quoted(str(plain))}"
        " (format csv, header, timestampformat '%Y-%m-%dT%H:%M:%SZ')"
    )
    if not book.parent.exists():
        return []
    citation = cite(bundle.facts) | {"Source": bundle.citation, "Licence": bundle.rights}
    citation |= {"Table": f"{table.name}: {table.description}"} | {
        f"Column {column.name}": column.description for column in table.columns
    }
    names, rows = [column.name for column in table.columns], con.execute(f"from {stored}")
    with book.open("wb") as file:
        released_at = bundle.facts.released_at
        notes = write_xlsx(file, names, iter(rows.fetchone, None), citation, released_at)
    return [f"{book.name}: {note}" for note in notes]


def _for_csv(name: str, kind: str) -> str:
    """Return SQL for a column's CSV cells: lists as JSON, and no formulas."""
    cell = f"to_json({name})" if kind.endswith("[]") else name
    if kind == "VARCHAR":
        cell = f"if(regexp_matches({name}, '{FORMULA}'), '''' || {name}, {name})"
    return f"{cell} as {name}"
