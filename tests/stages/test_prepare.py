"""The stage prepare loads the feed list and the publishers."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from tests.flows.nights import settings_for
from tidings.base.languages.patterns import PatternError
from tidings.base.records import FeedState, Publisher
from tidings.stages.prepare import prepare
from tidings.stages.run import start_run
from tidings.storage.lake import WarehouseError, open_lake, transaction
from tidings.storage.load import merge, read_records

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
STATE = FeedState(
    feed_id="a",
    url="http://example.org/moved.xml",
    etag="v1",
    last_modified=None,
    outcome="ok",
    reason=None,
    last_polled_at=NOW,
    last_success_at=NOW,
    last_new_entry_at=NOW,
    failure_count=0,
    next_poll_at=NOW + dt.timedelta(days=1),
    interval_seconds=86400,
    moved_to=None,
    moved_nights=0,
    retired_at=None,
    entry_ids=[],
)


def test_a_changed_url_resets_the_state_of_its_feed(tmp_path: Path) -> None:
    """A feed with a new URL is due at once and has no validators. Other states do not change."""
    feeds = tmp_path / "feeds.csv"
    run = start_run(settings_for(tmp_path / "data", feeds, []), now=NOW)
    feeds.write_text("feed_id,url\na,http://example.org/1.xml\nb,http://example.org/2.xml\n")
    prepare(run)
    with open_lake(run.lake) as con, transaction(con):
        merge(con, [STATE, dataclasses.replace(STATE, feed_id="b")])
    feeds.write_text("feed_id,url\na,http://example.org/new.xml\nb,http://example.org/2.xml\n")
    prepare(run)
    with open_lake(run.lake, read_only=True) as con:
        changed, same = read_records(con, FeedState)
    found = (changed.url, changed.etag, changed.next_poll_at)
    assert found == ("http://example.org/new.xml", None, NOW)
    assert same == dataclasses.replace(STATE, feed_id="b")


def test_a_domain_moves_to_the_publisher_in_the_current_feed_list(tmp_path: Path) -> None:
    """A publisher from an earlier feed list keeps its row, and its domains unless another publisher
    now lists them.
    """
    feeds = tmp_path / "feeds.csv"
    run = start_run(settings_for(tmp_path / "data", feeds, []), now=NOW)
    feeds.write_text("feed_id,url\na,http://feeds.town-example.org/1.xml\n")
    prepare(run)
    feeds.write_text(
        "feed_id,url,publisher_id,domains\na,http://feeds.town-example.org/1.xml,town,town.org|town-example.org\n"
    )
    prepare(run)
    with open_lake(run.lake, read_only=True) as con:
        domains = {
            row.publisher_id: row.domains
            for row in read_records(con, Publisher, "contains(publisher_id, 'town')")
        }
    assert domains == {
        "feeds.town-example.org": [],
        "town": ["feeds.town-example.org", "town-example.org", "town.org"],
    }


@pytest.mark.parametrize(
    ("name", "header", "row", "column"),
    [
        (
            "theme_phrases",
            "phrase_id,theme_id,language,phrase,match_type,role,exclude_regex",
            "own-1,trade,en,import duty,word,include,(?<!no )duty",
            "exclude_regex",
        ),
        (
            "extraction_rules",
            "rule_id,publisher_id,url_pattern",
            "own-1,p,/news/(?!video)",
            "url_pattern",
        ),
    ],
)
def test_an_unsupported_pattern_ends_the_run_at_its_start(
    tmp_path: Path, name: str, header: str, row: str, column: str
) -> None:
    """A pattern that RE2 does not support ends the first stage with file, row, column, remedy."""
    feeds, own = tmp_path / "feeds.csv", tmp_path / "own"
    feeds.write_text("feed_id,url\na,http://example.org/1.xml\n")
    own.mkdir()
    (own / f"{name}.csv").write_text(f"{header}\n{row}\n")
    run = start_run(settings_for(tmp_path / "data", feeds, [], str(own)), now=NOW)
    with pytest.raises(
        (PatternError, WarehouseError),
        match=rf"^{name}\.csv, own-1: {column} .* looks"
        rf" (ahead|behind): .*\.$",
    ):
        prepare(run)
