"""Settings from environment variables: which feed list and which seeds apply."""

from pathlib import Path

import pytest

from tidings.base.settings import SettingsError, read_settings
from tidings.paths import SEEDS

BUNDLED = SEEDS


def test_the_users_list_replaces_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TIDINGS_FEEDS precedes feeds.csv in the data folder and the bundled, unwritten list."""
    monkeypatch.setattr("tidings.base.settings.default_folder", lambda _env: tmp_path)
    own, named = tmp_path / "feeds.csv", tmp_path / "named.csv"
    bundled = read_settings({})
    found = (bundled.feeds, bundled.own_feeds, bundled.is_bundled)
    assert found == (BUNDLED / "feeds.csv", own, True)
    own.write_text("feed_id,url\n")
    settings = read_settings({})
    assert (settings.feeds, settings.own_feeds, settings.is_bundled) == (own, own, False)
    chosen = read_settings({"TIDINGS_FEEDS": str(named)})
    assert (chosen.feeds, chosen.own_feeds, chosen.is_bundled) == (named, named, False)


@pytest.mark.parametrize(
    "address", ["{}", "postgresql://db.example/lake?data=s3://bucket/lake&folder={}"]
)
def test_the_users_files_are_in_the_folder_of_the_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """TIDINGS_WAREHOUSE also names the folder of the feed list and of written seeds."""
    monkeypatch.setattr("tidings.base.settings.default_folder", lambda _env: tmp_path / "usual")
    chosen = read_settings({"TIDINGS_WAREHOUSE": address.format(tmp_path / "chosen")})
    assert chosen.own_feeds == tmp_path / "chosen" / "feeds.csv"
    assert chosen.seeds == (BUNDLED, tmp_path / "chosen" / "seeds")
    assert (chosen.own_seeds, chosen.missing_seeds) == (chosen.seeds[-1], [])


def test_the_users_seeds_follow_the_bundled_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TIDINGS_SEEDS, the data folder's seeds apply if present; empty means none."""
    monkeypatch.setattr("tidings.base.settings.default_folder", lambda _env: tmp_path)
    assert read_settings({}).seeds == (BUNDLED,)
    (tmp_path / "seeds").mkdir()
    assert read_settings({}).seeds == (BUNDLED, tmp_path / "seeds")
    assert read_settings({"TIDINGS_SEEDS": ""}).seeds == (BUNDLED,)
    assert read_settings({"TIDINGS_SEEDS": "a:b"}).seeds == (BUNDLED, Path("a"), Path("b"))


@pytest.mark.parametrize("given", ["two", "0", "-1", "1.5"])
def test_an_invalid_number_of_threads_is_one_sentence(given: str) -> None:
    """An invalid number of threads is reported with the variable's name."""
    sentence = f"TIDINGS_THREADS: '{given}' is not a whole number from 1 to 1000."
    with pytest.raises(SettingsError, match=sentence):
        read_settings({"TIDINGS_THREADS": given})
