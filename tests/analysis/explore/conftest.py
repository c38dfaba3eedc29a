"""Fixtures: the sample's release, open for questions, and a small one with given articles."""

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import duckdb
import pytest

from tidings.analysis.explore.answers import answer
from tidings.analysis.explore.database import OpenRelease
from tidings.analysis.explore.question import parse_question


@pytest.fixture(scope="session")
def release(sample_night: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenRelease]:
    """Return a copy of the sample's release: DuckDB opens a file only with the same settings."""
    file = tmp_path_factory.mktemp("explore") / "tidings.duckdb"
    shutil.copyfile(sample_night.lake.release_file, file)
    opened = OpenRelease(file)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def ask(release: OpenRelease) -> Any:
    """Return a function of a path of the API and a query string that returns the answer."""
    return lambda name, query: answer(
        release, name, parse_question(parse_qsl(query, keep_blank_values=True))
    )


PERIODS = {
    "from": "2026-08-16",
    "to": "2026-08-29",
    "previous_from": "2026-08-02",
    "previous_to": "2026-08-15",
}


def example(name: str) -> dict[str, str]:
    """Return the parameters of a question that each path of the API answers with rows."""
    if name == "choices":
        return {"q": "rail"}
    return {"s": "theme:digital_economy"} | (PERIODS if name == "change" else {})


def texts_of_workbook(content: bytes) -> list[str]:
    """Return the XML texts of an XLSX file."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]


def write_release(
    path: Path, articles: list[tuple[str, str, str, str | None]], release_id: str = "r1"
) -> Path:
    """Write a release for the word index, from article IDs, titles, bodies and languages."""
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as con:
        con.execute("create schema core; create schema ops")
        con.execute(
            "create table ops.releases as select $1 as release_id, 1 as snapshot_id", [release_id]
        )
        con.execute(
            "create table core.articles (article_id uuid, title text, body_text text, language"
            " text, publisher_id text default 'p', published_on date default '2026-06-01',"
            " content_hash text as (md5(title || body_text)), excluded_reason text default null)"
        )
        columns = "(article_id, title, body_text, language)"
        for article in articles:
            con.execute(f"insert into core.articles {columns} values (?, ?, ?, ?)", article)
    return path
