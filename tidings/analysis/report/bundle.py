"""Describe an export: a Frictionless data package and a citation for programs, and a README."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import yaml
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tidings.analysis.report.release import cite
from tidings.analysis.report.render import environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidings.analysis.report.release import Facts, Table

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
MAX_OUTLETS = 40


class File(NamedTuple):
    """A file of an export: its size in bytes and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A release as published data. ``license`` is an SPDX identifier, ``doi`` possibly empty, and
    ``authors`` are names of people ("Family, Given") or bodies.
    """

    facts: Facts
    tables: tuple[Table, ...]
    has_text: bool
    license: str
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
        return [self.facts.invented.label] if self.facts.invented.label else []

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
        year = self.facts.released_at.year
        text = f"{'; '.join(self.authors)} ({year}): {self.title} [data set]. {self.url}"
        return text.rstrip()


def parse_doi(text: str) -> str:
    """Return a DOI without its prefix. Raises ValueError with a sentence for the user."""
    if not (match := _DOI.fullmatch(text.strip())):
        raise ValueError(
            f"Invalid DOI {text!r}: a DOI looks like 10.5281/zenodo.1234567. Zenodo shows it on the"
            " page of the upload."
        )
    return match[1]


def parse_license(text: str) -> str:
    """Return an SPDX identifier in its usual case. Raises ValueError with a sentence for users."""
    with suppress(InvalidLicenseExpression):
        found = str(canonicalize_license_expression(text))
        # neither has a page at spdx.org
        if not found.startswith("LicenseRef-") and " " not in found:
            return found
    raise ValueError(
        f"Invalid licence {text!r}: use an SPDX identifier from https://spdx.org/licenses,"
        " such as CC-BY-4.0 or CC0-1.0."
    )


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in values.items() if value not in ("", (), [], {}, None, False)
    }


def data_package(bundle: Bundle, files: Mapping[str, File]) -> dict[str, Any]:
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
        "resources": [_resource(table, files[f"csv/{table.name}.csv"]) for table in bundle.tables],
    })  # fmt: skip


def _resource(table: Table, file: File) -> dict[str, Any]:
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
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "description": table.description,
        "schema": _without_empty({"fields": fields, "missingValues": [""]})
        | _without_empty({"primaryKey": list(table.key)}),
    })  # fmt: skip


def citation_file(bundle: Bundle) -> str:
    """Return a record of the release as a data set in the Citation File Format, version 1.2.0."""
    facts = bundle.facts
    record = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite the release that you used.",
        "type": "dataset",
        "title": bundle.title,
        "authors": [_cff_author(name) for name in bundle.authors],
        "version": facts.release_id,
        "date-released": facts.released_at.date(),
        **(
            {"license": bundle.license}
            if _CFF_LICENSE.fullmatch(bundle.license)
            else {"license-url": f"{SPDX}{bundle.license}"}
        ),
        "doi": bundle.doi,
        "keywords": bundle.keywords,
        "abstract": f"{bundle.description} Word list {facts.lexicon_version}, code"
        f" {facts.code_version}, days {cite(facts)['Days']}.",
    }
    slot = "" if bundle.doi else "# tidings export DIR --doi 10.5281/zenodo.… writes the DOI here\n"
    return (
        str(yaml.safe_dump(_without_empty(record), sort_keys=False, allow_unicode=True, width=120))
        + slot
    )


def _cff_author(name: str) -> dict[str, str]:
    family, _, given = name.partition(", ")
    return {"family-names": family, "given-names": given} if given else {"name": name}


def _read_rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    try:
        return con.execute(query).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def readme(con: duckdb.DuckDBPyConnection, bundle: Bundle, *, has_xlsx: bool) -> str:
    """Return the README as Markdown."""
    values = {name: _read_rows(con, query) for name, query in _QUERIES.items()} | {
        "bundle": bundle,
        "facts": bundle.facts,
        "description": DESCRIPTION,
        "rights": RIGHTS,
        "has_xlsx": has_xlsx,
        "breaks": [*map(attrgetter("name", "first_on", "last_on", "what"), bundle.facts.breaks)],
        "tables": [
            (f"`{table.name}`", f"{table.row_count:,}", ", ".join(table.key), table.description)
            for table in bundle.tables
        ],
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
    if text.startswith("`") and text.endswith("`"):
        return text.replace("|", "\\|")
    return re.sub(r"([|<\[\]*`\\])", r"\\\1", text)


_QUERIES = {
    # the theme with most articles whose ID is plain
    "example": """
select theme_id from marts.theme_monthly where regexp_full_match(theme_id, '[A-Za-z0-9_]+')
group by theme_id order by sum(article_count) desc, theme_id limit 1""",
    "outlets": f"""
select coalesce(any_value(p.name), d.publisher_id), any_value(p.country),
    any_value(p.publisher_type), min(published_on),
    max(published_on), count(*), count(*) filter (is_gap), sum(article_count)::bigint
from marts.outlet_daily as d
left join ref.publishers as p using (publisher_id)
group by d.publisher_id
order by sum(article_count) desc, d.publisher_id
limit {MAX_OUTLETS}""",
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
select coalesce(lower(regexp_extract(language, '^[^-_]+')), 'unknown') as code, count(*)
from core.articles where excluded_reason is null
group by code order by count(*) desc, code limit 12""",
}
