"""Describe the Parquet files of an export in the Croissant format (MLCommons), version 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.report.bundle import LIMITS, PACKAGE, author_type, kind_of, without_empty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidings.analysis.report.bundle import Bundle, File
    from tidings.analysis.report.release import Table

_TERMS = """citeAs column equivalentProperty extract field fileProperty fileObject fileSet format
includes isLiveDataset
    jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate
    separator source subField transform"""
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{term: f"cr:{term}" for term in _TERMS.split()},
}


def croissant(bundle: Bundle, files: Mapping[str, File]) -> dict[str, Any]:
    """Return the description: a file object with its digest and a record set with keys and types
    for each table.
    """
    paths = {table.name: f"parquet/{table.name}.parquet" for table in bundle.tables}
    return without_empty({
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": PACKAGE,
        "description": f"{bundle.title}. {bundle.description} {LIMITS}",
        "keywords": bundle.keywords,
        "version": bundle.facts.release_id,
        "datePublished": bundle.facts.released_at.date().isoformat(),
        "license": bundle.license_url,
        "url": bundle.url,
        "identifier": bundle.url,
        "creator": [{"@type": f"sc:{author_type(name)}", "name": name} for name in bundle.authors],
        "citeAs": bundle.citation,
        "temporalCoverage": bundle.period,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": path,
                "name": path.partition("/")[2],
                "contentUrl": path,
                "contentSize": f"{files[path].size} B",
                "encodingFormat": "application/x-parquet",
                "sha256": files[path].sha256,
            }
            for path in paths.values()
        ],
        "recordSet": [_record_set(table, paths[table.name]) for table in bundle.tables],
    })  # fmt: skip


def _record_set(table: Table, path: str) -> dict[str, Any]:
    return without_empty({
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [
            without_empty({
                "@type": "cr:Field",
                "@id": f"{table.name}/{column.name}",
                "name": column.name,
                "description": column.description,
                "dataType": kind_of(column).croissant,
                "repeated": column.kind.endswith("[]"),
                "source": {"fileObject": {"@id": path}, "extract": {"column": column.name}},
                "references": {"field": {"@id": "/".join(column.refers_to.rsplit(".", 1))}}
                if column.refers_to else {},
            })
            for column in table.columns
        ],
    })  # fmt: skip
