"""A small lake with helpers to add rows and build the models."""

import contextlib
import datetime as dt
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.once import made_once
from tests.storage.conftest import add_statistics
from tidings.annotation.annotate import Annotator, ArticleText, Lists
from tidings.fetch.window import FIRST, LAST, Window
from tidings.stages.annotate import annotate_articles
from tidings.stages.audit import AuditResult, run_tests
from tidings.stages.build import BuildResult, build
from tidings.stages.group import group_articles
from tidings.storage.lake import Lake, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.project import read_project


def annotate_here(texts: Iterable[ArticleText], lists: Lists, _total: int = 0) -> Iterator[Any]:
    """Yield the rows of each article, found in this process without limits."""
    return map(Annotator(lists).annotate, texts)


AS_OF = dt.datetime(2023, 9, 10, 22, 5, tzinfo=dt.UTC)


@dataclass
class TinyLake:
    """A lake in a temporary folder, with a connection and methods to fill and build it."""

    con: duckdb.DuckDBPyConnection
    lake: Lake
    work: Path
    lexicon: str = "v1"
    as_of: dt.datetime = AS_OF
    waiting: list[tuple[str, Mapping[str, object]]] | None = field(default=None, init=False)

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Collect added rows and write them at the end, one commit per table, because a commit
        costs as much as 100 rows.
        """
        self.waiting = []
        yield
        alike: dict[tuple[str, tuple[str, ...]], list[object]] = {}
        for table, row in self.waiting:
            alike.setdefault((table, tuple(row)), []).extend(row.values())
        self.waiting = None
        for (table, names), values in alike.items():
            placeholders = f"({', '.join('?' for _ in names)})"
            rows = ", ".join(placeholders for _ in range(len(values) // len(names)))
            self.con.execute(f"insert into {table} ({', '.join(names)}) values {rows}", values)

    def add_article(
        self,
        key: str,
        publisher: str,
        day: str | None,
        title: str = "",
        body: str = "",
        **more: object,
    ) -> uuid.UUID:
        """Add an article in English and return its ID, which depends only on the key."""
        article_id = uuid.uuid5(uuid.NAMESPACE_URL, key)
        row = {
            "article_id": str(article_id),
            "publisher_id": publisher,
            "url": f"http://outlet.example/{key}",
            "title": title,
            "body_text": body,
            "language": "en",
            "published_on": day,
            "first_seen_at": f"{day or '2023-09-01'} 12:00:00+00",
            "content_hash": title + body,
            **more,
        }
        if self.waiting is None:
            self.con.execute(f"delete from core.articles where article_id = '{article_id}'")
        self.insert("core.articles", row)
        return article_id

    def add_poll(
        self, feed: str, publisher: str, at: str, covers_from: str | None, outcome: str = "ok"
    ) -> None:
        """Add a poll of a feed."""
        self.insert(
            "raw.captures",
            capture_id=str(uuid.uuid5(uuid.NAMESPACE_URL, feed + at)),
            url=feed,
            kind="feed",
            feed_id=feed,
            publisher_id=publisher,
            fetched_at=at,
            outcome=outcome,
            covers_from=covers_from,
        )

    def insert(self, table: str, /, *rows: Mapping[str, object], **row: object) -> None:
        """Insert rows given as dicts, or one given by its columns. Omitted columns are null."""
        for cells in rows or (row,):
            if self.waiting is not None:
                self.waiting.append((table, cells))
                continue
            places = ", ".join("?" for _ in cells)
            statement = f"insert into {table} ({', '.join(cells)}) values ({places})"
            self.con.execute(statement, list(cells.values()))

    def add_release(self, release_id: str, **more: object) -> None:
        """Add a release of the lake as it is now."""
        row = {"snapshot_id": self.snapshot(), "lexicon_version": self.lexicon, **more}
        self.insert("ops.releases", {"release_id": release_id, **row})

    def annotate(self) -> None:
        """Annotate in this process, also articles with rows of older rules, and group articles."""
        with open_lake(self.lake) as con:
            annotate_articles(con, annotate_here, self.as_of.date(), Window(FIRST, LAST))
            group_articles(con, self.as_of)

    def build(self, *, reads_texts: bool = True, select: str = "", **more: Any) -> BuildResult:
        """Annotate, group, and build all models, or those in ``select`` with all that they read. A
        failed model fails the test. Without ``reads_texts``, only build: the texts were annotated
        before, or the models read neither mentions nor groups.
        """
        if reads_texts:
            self.annotate()
        models = with_ancestors([name.removeprefix("+") for name in select.split()])
        built = build(self.lake, as_of=self.as_of, lexicon=self.lexicon, models=models, **more)
        add_statistics(self.lake)
        return built

    def audit(self, **more: Any) -> AuditResult:
        """Run the data tests."""
        return run_tests(self.lake, as_of=self.as_of, lexicon=self.lexicon, **more)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return a query's rows."""
        return self.con.execute(query).fetchall()

    def snapshot(self) -> int:
        """Return the ID of the newest snapshot that changed more than views."""
        query = (
            "select max(snapshot_id) from lake.snapshots()"
            " where list_filter(map_keys(changes), lambda kind: kind not like '%view%') != []"
        )
        return int(str(self.rows(query)[0][0]))


def with_ancestors(waiting: list[str]) -> list[str]:
    """Return the names of models with those of all models that they read, in order."""
    models, found = read_project().models, set(waiting)
    while waiting:
        new = models[waiting.pop()].refs - found
        found |= new
        waiting += new
    return [name for name in models if name in found]


@pytest.fixture
def lake(empty_lake: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    """An empty lake with three themes, one of them a parent, and two outlets."""
    return copied(empty_lake, tmp_path, tmp_path_factory)


def copied(
    folder: Path, target: Path, tmp_path_factory: pytest.TempPathFactory, as_of: dt.datetime = AS_OF
) -> TinyLake:
    """Copy a closed lake to another folder, and return the copy with an open connection."""
    shutil.copytree(folder, target, dirs_exist_ok=True)
    lake = Lake(target)
    return TinyLake(open_lake(lake), lake, tmp_path_factory.getbasetemp() / "dbt_work", as_of=as_of)


def copies_of(fill: Callable[[TinyLake], None], as_of: dt.datetime = AS_OF) -> Any:
    """Return a fixture: a copy of a lake that a function fills and builds once for all tests."""

    @pytest.fixture
    def copy(empty_lake: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
        def make(folder: Path) -> Path:
            lake = copied(empty_lake, folder, tmp_path_factory, as_of)
            fill(lake)
            lake.con.close()
            return folder

        name = f"{fill.__module__}.{fill.__name__}"
        filled = made_once(tmp_path_factory, name, make, fill.__name__)
        return copied(filled, tmp_path, tmp_path_factory, as_of)

    return copy


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new lake for tests to copy. Creating a lake takes five seconds."""
    folder: Path = made_once(tmp_path_factory, "empty_lake_of_themes", _make_empty_lake)
    return folder


def _make_empty_lake(folder: Path) -> Path:
    lake = attached(folder, folder)
    migrate(lake.con)
    for name, zone, kind in (
        ("Gazette", "Asia/Shanghai", "official"),
        ("Daily", "Europe/London", "independent"),
    ):
        row: dict[str, object] = {"publisher_id": name.lower(), "name": name, "time_zone": zone}
        lake.insert("ref.publishers", row | {"publisher_type": kind})
    for theme, parent in (("industry", None), ("robots", "industry"), ("water", None)):
        row = {"theme_id": theme, "label_en": theme.capitalize(), "kind": "theme"}
        lake.insert("ref.themes", row | {"parent_id": parent})
    lake.insert(
        "ref.theme_phrases",
        phrase_row("p1", "robots", "factory robots"),
        phrase_row("p2", "robots", "robotic arm", match_type="inflected"),
        phrase_row("p3", "water", "river basin"),
        phrase_row("p4", "industry", "industrial policy"),
        phrase_row("p5", "robots", "工业机器人", language="zh", match_type="substring"),
    )
    lake.con.close()
    add_statistics(lake.lake)
    return folder


def attached(folder: Path, work: Path) -> TinyLake:
    """Return the lake in a folder with an open connection. Create the catalog if there is none."""
    lake = Lake(folder)
    return TinyLake(open_lake(lake), lake, work)


def phrase_row(phrase_id: str, theme_id: str, phrase: str, **more: object) -> dict[str, object]:
    """Return a row of ref.theme_phrases, by default English and of match type ``phrase``."""
    row: dict[str, object] = {"language": "en", "match_type": "phrase", "role": "include"}
    return {"phrase_id": phrase_id, "theme_id": theme_id, "phrase": phrase, **row, **more}
