"""A released warehouse with twelve articles: hits, near misses and silent ones, two languages."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.once import made_once
from tests.transforms.conftest import attached, phrase_row
from tidings.analysis.coding.labels import CodingSheet
from tidings.analysis.coding.sample import COLUMNS, draw_sample, prepare_population
from tidings.storage.lake import Lake
from tidings.storage.migrate import migrate
from tidings.storage.reference import write_csv
from tidings.storage.release import open_release, release

HOSTILE = "<img src=x onerror=\"document.title='pwned'\"> & <script>document.title='pwned'</script>"
FILLER = "A long morning passed. " * 20


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake with a release of the articles hit-N, near-N, general-N, silent-N, excluded."""
    lake: Lake = made_once(tmp_path_factory, "coded lake", _make_released)
    return lake


def _make_released(folder: Path) -> Lake:
    lake = attached(folder, folder / "dbt")
    migrate(lake.con)
    outlet: dict[str, object] = {
        "publisher_id": "gazette",
        "name": "The Gazette",
        "time_zone": "UTC",
        "domains": [],
    }
    lake.insert("ref.publishers", outlet)
    industry = {"label_zh": "工业", "definition": "Firms"}
    for name, code, more in (
        ("industry", 15, industry), ("robots", 15, {"parent_id": "industry"}),
        ("water", 7, {"definition": "Rivers and pipes"}),
    ):  # fmt: skip
        theme = {"theme_id": name, "label_en": name.title(), "kind": "theme", "cap_code": code}
        lake.insert("ref.themes", theme | more)
    lake.insert(
        "ref.theme_phrases",
        phrase_row("p1", "robots", "factory robots"),
        phrase_row("p2", "water", "river basin"),
        phrase_row("p3", "water", "dam", salience="3"),
    )
    with lake.at_once():
        for n in range(4):
            day, language = f"2026-0{n + 1}-10", "de" if n % 2 else "en"
            lake.add_article(f"hit-{n}", "gazette", day, f"Factory robots {n}", "They work.")
            title, body = f"{HOSTILE} {n}", f"{HOSTILE}\n\nRain."
            lake.add_article(f"silent-{n}", "daily", day, title, body, language=language)
        for n in range(2):
            body = f"{FILLER}River basin, factory robots. {n}"
            lake.add_article(f"near-{n}", "gazette", "2026-01-11", "News", body)
            body = f"{FILLER}The dam broke. {n}"
            lake.add_article(f"general-{n}", "gazette", "2026-01-12", "News", body)
        excluded = ("excluded", "gazette", "2026-01-13", "Factory robots", "Robots")
        lake.add_article(*excluded, excluded_reason="round_up")
    lake.build()
    states = {"lexicon": "words1", "code": "0", "run_id": "run", "passed": 1, "warned": 0}
    release(lake.con, lake.lake, now=lake.as_of, **states)  # type: ignore[arg-type]
    lake.con.close()
    return lake.lake


def drawn(con: Any, size: int, seed: int = 1, **options: Any) -> list[dict[str, Any]]:
    """Return a sample of the articles that match the options."""
    prepare_population(con, **options)
    return draw_sample(con, size, seed)


@pytest.fixture
def con(released: Lake) -> Iterator[Any]:
    """Return a connection to the release."""
    with open_release(released) as opened:
        yield opened


@pytest.fixture
def open_sheet(con: Any, tmp_path: Path) -> Callable[..., CodingSheet]:
    """Return a function that opens the coding sheet of a coder, over a sample of nine articles."""
    sample = tmp_path / "sample.csv"
    write_csv(sample, COLUMNS, drawn(con, 9))
    return lambda coder="Anna": CodingSheet(con, sample, coder)


NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
