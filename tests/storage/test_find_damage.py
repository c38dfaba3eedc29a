"""Finding damaged files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.storage.conftest import copy_lake
from tests.storage.rows import NOW
from tests.storage.test_maintain import archived, live
from tests.storage.test_release import add_baseline, make, overwrite
from tidings.storage.archive import read_warc
from tidings.storage.backup import back_up, restore
from tidings.storage.find_damage import find_damage
from tidings.storage.lake import Lake, open_lake

WARC = "2026/06/a-000.warc.gz"


@pytest.fixture(scope="module")
def made(empty_lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A warehouse with a release and two archive files, for tests to copy."""
    lake = copy_lake(empty_lake, tmp_path_factory.mktemp("whole") / "data")
    with open_lake(lake) as con:
        live(con, range(2))
        archived(lake, con, "http://example.org/a", NOW, "a")
        archived(lake, con, "http://example.org/b", NOW, "b")
        add_baseline(con, "news")
        make(con, lake)
    return lake


@pytest.fixture
def whole(made: Lake, tmp_path: Path) -> Lake:
    """A copy of this warehouse."""
    return copy_lake(made, tmp_path / "data")


def a_table(lake: Lake) -> Any:
    return next((lake.data_path / "core" / "articles").rglob("*.parquet"))


DAMAGES: dict[str, tuple[Callable[[Lake], object], str]] = {
    "table": (lambda lake: overwrite(a_table(lake)), "a file of core.articles is damaged"),
    "table's text": (
        lambda lake: overwrite(a_table(lake), 0.02),
        "it differs from the file that was written",
    ),
    "lost table": (lambda lake: a_table(lake).unlink(), "No such file"),
    "record": (lambda lake: overwrite(lake.archive / WARC, 0.6), "records are damaged: at byte"),
    "cut record": (
        lambda lake: (lake.archive / WARC).write_bytes((lake.archive / WARC).read_bytes()[:-30]),
        "the file ends before the record does",
    ),
    "lost archive": (
        lambda lake: (lake.archive / WARC).unlink(),
        "the file with 1 records is missing",
    ),
    "other records": (
        lambda lake: (lake.archive / WARC).write_bytes(
            (lake.archive / "2026/06/b-000.warc.gz").read_bytes()[:-1] + b"x"
        ),
        "damaged",
    ),
    "release file": (
        lambda lake: overwrite(lake.release_file, 0.3, 0.9),
        "its rows cannot be read",
    ),
    "catalog": (lambda lake: overwrite(lake.catalog), "lake"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damaged_file_is_named_with_what_to_do(whole: Lake, name: Any) -> None:
    """An intact warehouse has no damage; overwritten, truncated and missing files are reported."""
    assert list(find_damage(whole)) == []
    harm, sentence = DAMAGES[name]
    harm(whole)
    found = list(find_damage(whole))
    assert found
    assert any(sentence in str(one) for one in found)
    assert all(one.todo.endswith(".") for one in found)


def test_a_backup_and_a_restore_name_what_is_damaged(whole: Lake, tmp_path: Path) -> None:
    """Backup and restore copy a damaged warehouse and report the damaged file."""
    overwrite(whole.archive / WARC, 0.6)
    made = back_up(whole, tmp_path / "copy", NOW)
    assert [line.partition(":")[0] for line in made.damage] == [f"archive/{WARC}"]
    read, damage = restore(tmp_path / "copy", Lake(tmp_path / "restored"))
    assert read == made
    assert [one.name for one in damage] == [f"archive/{WARC}"]


def test_records_behind_the_damage_are_read(whole: Lake) -> None:
    """A damaged range becomes one record with a problem, and the records behind it are read."""
    path = whole.archive / WARC
    members = [record.length for record in read_warc(whole.raw, WARC)]
    data = path.read_bytes()
    path.write_bytes(data[: members[0]] + b"\x1f\x8b\x08 no record " * 9000 + data[members[0] :])
    found = list(read_warc(whole.raw, WARC))
    assert [bool(record.problem) for record in found] == [False, True, False]
    assert found[-1].body == b"http://example.org/a"
    assert sum(record.length for record in found) == path.stat().st_size
